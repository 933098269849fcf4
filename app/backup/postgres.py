"""PostgreSQL: a dump of one snapshot by its own tools, the look into a dump, and putting one in place."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Connection, make_url

from app.backup.chains import Chains
from app.backup.rules import PICTURES, Trouble
from app.db import engine_options

NAME = "to-am.dump"
_TOOLS = Path("/usr/lib/postgresql")
_COPY = re.compile(rb"COPY (?:\w+\.)?\"?(\w+)\"? \((.*)\) FROM stdin;\n")
NULL = "N"  # \\N, once its backslash is gone
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_DROP_ALL = """DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE IF EXISTS public.%I CASCADE', found.tablename);
  END LOOP;
END $$;
"""
_MUST_BE_EMPTY = """DO $$ DECLARE name text; found bigint; BEGIN
  FOREACH name IN ARRAY ARRAY['person', 'record', 'change'] LOOP
    IF to_regclass('public.' || name) IS NOT NULL THEN
      EXECUTE format('SELECT count(*) FROM public.%I', name) INTO found;
      IF found > 0 THEN RAISE EXCEPTION 'not empty'; END IF;
    END IF;
  END LOOP;
END $$;
"""


@contextmanager
def snapshot(url: str) -> Iterator[tuple[Connection, str]]:
    """A connection that sees one moment of the database, and that moment's name, which a dump can share."""
    engine = create_engine(url, **engine_options(url))
    try:
        with engine.connect() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            name: str = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            yield connection, name
            connection.rollback()
    finally:
        engine.dispose()


def version(connection: Connection) -> str:
    """The server's."""
    found: str = connection.execute(text("SHOW server_version")).scalar_one()
    return found.split()[0]


def size(connection: Connection) -> int:
    """The database's size in bytes."""
    found: int = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return found


def dump(url: str, moment: str, target: Path) -> None:
    """Write the database at the moment of this name. Not compressed: the archive around it is."""
    options = ["-Fc", "-Z0", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={target}"]
    _run([tool("pg_dump"), *options], _place(url))


@dataclass(frozen=True)
class Inside:
    """What a dump holds."""

    rows: dict[str, int]
    chains: Chains
    pictures: set[str]  # addresses


def read_dump(dumped: Path) -> Inside:
    """Read the whole dump as a restore would, with every row of it. Raises Trouble when it is not whole."""
    inside = Inside({}, Chains(), set())
    table, columns = "", [b""]
    for line in _script(dumped):
        if table and line == b"\\.\n":
            table = ""
        elif table:
            inside.rows[table] += 1
            if table in ("link", "photo"):
                _look_at(table, dict(zip(columns, _fields(line), strict=True)), inside)
        elif match := _COPY.fullmatch(line):
            table, columns = match[1].decode(), [name.strip(b'"') for name in match[2].split(b", ")]
            inside.rows[table] = 0
    return inside


def _look_at(table: str, row: Mapping[bytes, str], inside: Inside) -> None:
    if table == "link":
        inside.chains.take(row[b"ward_id"], int(row[b"no"]), row[b"facts"], row[b"hash"])
    elif row[b"state"] == "kept":
        inside.pictures.update(row[name.encode()] for name in PICTURES if row[name.encode()] != NULL)


def _fields(line: bytes) -> list[str]:
    """A line of COPY in text format: tabs between, backslashes before what would be misread."""
    return [_ESCAPED.sub(_plain, field).decode() for field in line.removesuffix(b"\n").split(b"\t")]


def _plain(escaped: re.Match[bytes]) -> bytes:
    return _ESCAPES.get(escaped[1], escaped[1])


def put_in_place(dumped: Path, url: str, rows: Mapping[str, int], afterwards: Sequence[str]) -> None:
    """Make the target hold what the dump holds, with `afterwards` done to it: one transaction, or nothing.

    The caller has made sure that the target holds nothing of value: all its tables go.
    """
    # Errors as codes only: their words may quote a row.
    sets = ("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=sqlstate")
    command = [tool("psql"), "--no-psqlrc", "--quiet", *sets, "--output=/dev/null", "--file=-"]
    environment = {**os.environ, **_place(url)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as psql:
        assert psql.stdin is not None
        try:
            _feed(psql.stdin, dumped, rows, afterwards)
        except BrokenPipeError:
            pass  # psql says why
        except BaseException:
            psql.kill()  # before COMMIT: the server takes everything back
            raise
        _, said = psql.communicate()
    if psql.returncode:
        raise Trouble("tool_failed", tool="psql", found=_first_error(said))


def _feed(into: IO[bytes], dumped: Path, rows: Mapping[str, int], afterwards: Sequence[str]) -> None:
    into.write(f"BEGIN;\n{_MUST_BE_EMPTY}{_DROP_ALL}".encode())
    for line in _script(dumped):
        into.write(line)
    into.write(b"SET search_path = public;\n")
    into.writelines(_must_have(name, count).encode() for name, count in rows.items())
    into.writelines(f"{statement};\n".encode() for statement in afterwards)
    into.write(b"COMMIT;\n")


def _must_have(table: str, count: int) -> str:
    return (
        f'DO $$ BEGIN IF (SELECT count(*) FROM "{table}") <> {count:d} THEN '
        f"RAISE EXCEPTION 'table {table} has not % rows', {count:d}; END IF; END $$;\n"
    )


def _script(dumped: Path) -> Iterator[bytes]:
    """The dump as SQL, line by line. Raises Trouble at its end when it was not whole."""
    command = [tool("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dumped)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
        assert reading.stdout is not None
        yield from reading.stdout
        _, said = reading.communicate()
    if reading.returncode:
        raise Trouble("tool_failed", tool="pg_restore", found=_first_error(said))


def tool(name: str) -> str:
    """Where this program of PostgreSQL is; the newest one. Raises Trouble when it is not installed."""
    installed = [path for path in _TOOLS.glob(f"*/bin/{name}") if path.parts[-3].isdigit()]
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=None)
    found = str(newest) if newest else shutil.which(name)
    if not found:
        raise Trouble("no_tool", tool=name)
    return found


def _place(url: str) -> dict[str, str]:
    """The target in the environment: a command line can be read by everybody on the machine, passwords in it too."""
    given: URL = make_url(url)
    query = {name: value for name, value in given.query.items() if isinstance(value, str)}
    wanted = {
        "PGHOST": query.get("host") or given.host,
        "PGPORT": query.get("port") or (str(given.port) if given.port else None),
        "PGUSER": given.username or query.get("user"),
        "PGPASSWORD": given.password or query.get("password"),
        "PGDATABASE": given.database or query.get("dbname"),
        "PGSSLMODE": query.get("sslmode"),
        "PGOPTIONS": query.get("options"),
        "PGCLIENTENCODING": "UTF8",
    }
    return {name: str(value) for name, value in wanted.items() if value}


def _run(command: list[str], place: dict[str, str]) -> None:
    done = subprocess.run(command, env={**os.environ, **place}, capture_output=True, check=False)
    if done.returncode:
        raise Trouble("tool_failed", tool=Path(command[0]).name, found=_first_error(done.stderr))


def _first_error(said: bytes) -> str:
    """The first line that tells the fault. What follows may quote rows, and stays out."""
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if "error:" in line or "ERROR:" in line]
    return (lines or ["?"])[0][:200]
