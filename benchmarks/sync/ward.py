"""Our own server's database for the benchmark: ten phones in group 7, and each further one in a group of its own."""

from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Integer, String, cast, event, insert, literal, select, update

from app import create_app
from app.clock import now, today
from app.config import Settings
from app.db import db, transact
from app.identity.models import Assignment, DeviceKey, Person, SignIn
from app.identity.sessions import hash_token
from app.records.models import Record, Ward
from app.seals import rules
from app.seals import service as seals
from app.units.models import Unit
from tests.cast import GROUP_7, PHUC_LOI, SINCE, arrive
from tests.keys import Key, Sealer

SECRET = "only-for-benchmarks-" + "0" * 32


def settings(url: str) -> Settings:
    """Settings of a server in the benchmark; everything that costs is on."""
    return Settings(database_url=url, secret_key=SECRET, public_origin="https://localhost")


def person_id(number: int) -> str:
    return str(UUID(int=0xB << 100 | number, version=4))


def token(number: int) -> str:
    """The sign-in of the `number`-th phone."""
    return f"token-of-phone-{number}"


def device(number: int) -> str:
    return f"phone-{number}"


@cache
def key(number: int) -> Key:
    """What the `number`-th phone signs with."""
    return Key()


def sealer(url: str = "") -> Sealer:
    """What phones of this database seal to; without one, a key that nobody has the other half of."""
    if not url:
        return Sealer({"list": rules.key_list("bench", rules.make_key()[0], today())})
    app = create_app(settings(url))
    with app.app_context():
        told = seals.told()
        put_away(app)
    if told is None:
        raise RuntimeError("the ward has no key to seal to")
    return Sealer(told)


def group(number: int) -> int:
    """The group that a phone's person belongs to."""
    return GROUP_7 if number < 10 else 1000 + number


def prepare(url: str, phones: int) -> None:
    """Make all tables in an empty database, and `phones` collaborators who are signed in."""
    app = create_app(settings(url))
    with app.app_context():
        db.create_all()
        arrive(now())
        with transact():
            for number in range(phones):
                db.session.add(_person(number))
                if group(number) != GROUP_7:
                    db.session.add(_group(group(number)))
            db.session.flush()
            for number in range(phones):
                db.session.add(
                    Assignment(
                        person_id=person_id(number),
                        role="collaborator",
                        unit_id=group(number),
                        valid_from=SINCE,
                        valid_to=None,
                    )
                )
                db.session.add(_sign_in(number))
            db.session.flush()
            db.session.add_all(_device_key(number) for number in range(phones))
            seals.ensure_keys()
            seals.mark_safe(seals.unsafe())
        put_away(app)


def put_away(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def multiply(url: str, times: int) -> None:
    """Copy every record of group 7 `times` times, with new ids and places in the feed."""
    app = create_app(settings(url))
    table: Any = Record.__table__
    with app.app_context():
        with transact():
            last = db.session.scalar(select(Ward.last_no).where(Ward.ward_id == PHUC_LOI)) or 0
            for copy in range(1, times + 1):
                new = {
                    "id": table.c.id + literal(f"-{copy}", String),
                    "feed_no": table.c.feed_no + cast(literal(last * copy), Integer),
                }
                source = select(*[new.get(column.name, column) for column in table.c])
                source = source.where(table.c.group_id == GROUP_7, table.c.feed_no <= last)
                db.session.execute(insert(table).from_select([column.name for column in table.c], source))
            db.session.execute(update(Ward).where(Ward.ward_id == PHUC_LOI).values(last_no=last * (times + 1)))
        put_away(app)


def statements_of_idle(url: str) -> int:
    """How many SQL statements an idle question costs beside the one that asks who it is, counted in this process."""
    app = create_app(settings(url))
    said: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    browser = app.test_client()
    browser.set_cookie("__Host-phone", token(0), domain="localhost", secure=True)

    def ask(cursor: str | None) -> str:
        asked = {"device": device(0), "cursor": cursor, "limit": 1000}
        given = {"json": asked, "headers": {"Sec-Fetch-Site": "same-origin"}, "base_url": "https://localhost"}
        answer = browser.post("/api/v1/sync", **given).get_json()
        return ask(answer["cursor"]) if answer["more"] else str(answer["cursor"])

    cursor = ask(None)
    said.clear()
    ask(cursor)
    with app.app_context():
        put_away(app)
    return len([one for one in said if one.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE"))]) - 1


def _person(number: int) -> Person:
    phone = f"+8498{number:07d}"
    name = f"Nguyễn Thị Cộng Tác {number}"
    return Person(id=person_id(number), name=name, phone=phone, passphrase=None, created_at=now(), closed_at=None)


def _group(id: int) -> Unit:
    return Unit(
        id=id,
        level="group",
        code=str(id),
        name=str(id),
        valid_from=SINCE,
        valid_to=None,
        parent_id=PHUC_LOI,
        phone=None,
    )


def _device_key(number: int) -> DeviceKey:
    return DeviceKey(
        person_id=person_id(number),
        device=device(number),
        public_key=key(number).public,
        sign_in=hash_token(token(number)),
        added_at=now(),
        revoked_at=None,
    )


def _sign_in(number: int) -> SignIn:
    return SignIn(
        token_hash=hash_token(token(number)),
        person_id=person_id(number),
        door="phone",
        device=device(number),
        label="benchmark",
        created_at=now(),
        seen_at=now(),
        expires_at=now() + timedelta(days=30),
        revoked_at=None,
    )
