"""The desk of a ward with 100,000 records: every list, the first page with its numbers, a record, 300 accepted at once.

    python -m benchmarks.desk [--records N] [--database postgresql://…]

Each page is asked for 40 times in one process, gzip asked for. Printed: statements, median and 95th percentile of the
clock and of the CPU. On a busy machine the clock shows the others: there only the CPU says something. Bars: 50 ms for a
list at the 95th percentile, 1 s for 300 acceptances (ODK Central takes 4.0 to 6.4 s, one by one).
"""

import argparse
import math
import random
import re
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, text

from app.at_rest import sealing
from app.clock import now, today
from app.db import db, transact
from app.kinds import registry
from app.records import rules
from app.records.chain import NO_HASH
from app.records.models import Record, RecordVersion, Ward
from tests.cast import GROUP_3, GROUP_7, GROUP_12, PEOPLE, PHUC_LOI, Cast, arrive
from tests.conftest import make_app, put_away

SEED, TIMES, LIST_BAR, MANY_BAR = 20_260_603, 40, 0.050, 1.0
HERE = {"Sec-Fetch-Site": "same-origin"}
# A ward after years: most is done with, a backlog waits.
STATUSES = (
    ["accepted"] * 62 + ["closed"] * 16 + ["received"] * 12 + ["returned"] * 3 + ["answered"] * 2 + ["needs_fixing"] * 2
    + ["duplicate"] * 2 + ["withdrawn"]
)  # fmt: skip
KINDS = ["hazard_site"] * 30 + ["child_visit"] * 50 + ["child"] * 19 + ["violation_report"]
LISTS = {
    "first page": "/desk/",
    "waiting": "/desk/?state=waiting",
    "all": "/desk/?state=all",
    "clocks": "/desk/?state=clocks",
    "danger": "/desk/?state=danger",
    "conflicts": "/desk/?state=conflicts",
    "visits overdue": "/desk/?state=visits",
    "returned": "/desk/?state=returned",
    "reports of a group": f"/desk/?state=all&kind=violation_report&group={GROUP_12}",
    "waiting, medium risk": "/desk/?state=waiting&risk=medium",
    "all, high risk": "/desk/?state=all&risk=high",
    "all, one person": f"/desk/?state=all&person={PEOPLE['Hoa'].id}",
    "a month": "/desk/?state=all&days=30&sort=newest",
    "oldest of all": "/desk/?state=all&sort=oldest",
    "oldest accepted": "/desk/?state=accepted&kind=child_visit&sort=oldest",
    "300 lines": "/desk/?state=waiting&size=300",
}

# A few; more than are shown; and none, for which all of the ward's names are looked at.
SEARCHES = {"search": "đức 996", "search, more than shown": "đức 9", "search, nothing": "đức xyz"}


def fill(many: int) -> list[str]:
    """A ward's records, received over two years, sealed as the server stores them; the ids of those that wait."""
    chance = random.Random(SEED)
    rows = [_row(chance, n, many) for n in range(many)]
    children = {row["id"]: row for row in rows if row["kind"] == "child"}
    ids = list(children)
    for row in rows:
        if row["kind"] == "child_visit":
            row["parent_id"] = chance.choice(ids)
            children[row["parent_id"]]["again_on"] = row["again_on"]  # they come in the order of their days
    with transact():
        for start in range(0, many, 5000):
            part = rows[start : start + 5000]
            stored = [sealing.placed_record({**row, "search": _searched(row)}) for row in part]
            versions = [sealing.placed_version(_version(row), row["kind"], PHUC_LOI) for row in part]
            db.session.connection().execute(insert(Record.__table__), stored)  # type: ignore[arg-type]
            db.session.connection().execute(insert(RecordVersion.__table__), versions)  # type: ignore[arg-type]
        db.session.add(Ward(ward_id=PHUC_LOI, last_no=many, chain_no=0, chain_hash=NO_HASH))
    if db.engine.dialect.name == "postgresql":  # which counts its rows by itself, but not at once
        with transact():
            db.session.execute(text("ANALYZE"))
    return [row["id"] for row in rows if row["status"] == "received"]


def _row(chance: random.Random, n: int, many: int) -> dict[str, Any]:
    kind, status = chance.choice(KINDS), chance.choice(STATUSES)
    received = now() - timedelta(minutes=(many - n) * 10, seconds=chance.randint(0, 59))
    if kind == "violation_report" and chance.random() < 0.9:
        status = chance.choice(["closed", "duplicate"])
    happened = received.date()
    again = (
        happened + timedelta(days=chance.randint(20, 90)) if kind == "child_visit" and chance.random() < 0.4 else None
    )
    who = chance.choice(["Lan"] * 8 + ["Hoa"])
    in_conflict = chance.random() < 0.002
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "kind": kind,
        "form": 1,
        "version": 1,
        "status": status,
        "author_id": PEOPLE[who].id,
        "ward_id": PHUC_LOI,
        "group_id": chance.choice([GROUP_7] * 60 + [GROUP_3] * 38 + [GROUP_12] * 2),
        "unit_id": GROUP_7,
        "parent_id": None,
        "happened_on": happened,
        "again_on": again,
        "data": _data(kind, n, happened, again),
        "writers": {},
        "conflicts": [{"field": "name", "kept": "a", "other": "b", "kept_by": None, "other_by": None}]
        if in_conflict
        else [],
        "problems": [{"field": "name", "code": "required"}] if status == "needs_fixing" else [],
        "review": None,
        "urgency": _urgency(chance, kind),
        "lat": 21.04 if kind == "hazard_site" else None,
        "lon": 105.92 if kind == "hazard_site" else None,
        "received_at": received,
        "changed_at": received,
        "feed_no": n + 1,
    }


def _searched(row: dict[str, Any]) -> str:
    return sealing.index(row["kind"], rules.search_text(registry[row["kind"]], row["data"]))


def _data(kind: str, n: int, happened: date, again: date | None) -> dict[str, Any]:
    long = "Bờ đất trơn, trẻ hay ra câu cá, chưa có rào và biển báo. "
    if kind == "hazard_site":
        return {
            "type": "DN2",
            "name": f"Ao số {n}",
            "risk": "high",
            "seen_on": happened.isoformat(),
            "description": long,
        }
    if kind == "child_visit":
        plan = {"again_on": again.isoformat()} if again else {}
        return {"visited_on": happened.isoformat(), "state": "safe", "note": long, **plan}
    if kind == "child":
        return {"name": f"Nguyễn Minh Đức {n}", "born": "2015", "poverty": "poor", "address": "số 5 ngõ 12"}
    return {"danger_now": "no", "about": "abused", "state_now": long, "learned_at": f"{happened.isoformat()}T08:30"}


def _urgency(chance: random.Random, kind: str) -> int:
    if kind == "violation_report":
        return chance.choice([120, 120, 150, 200])
    return chance.choice([60, 30, 30, 0]) if kind == "hazard_site" else chance.choice([0] * 20 + [50])


def _version(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "record_id": row["id"], "version": 1, "what": "created", "person_id": row["author_id"], "change_log_id": None,
        "status": row["status"], "data": row["data"], "review": None, "written_at": row["received_at"],
        "received_at": row["received_at"],
    }  # fmt: skip


def timed(ask: Callable[[], Any], times: int) -> tuple[list[float], list[float]]:
    """Seconds on the clock and of the CPU of each time, sorted."""
    clock, cpu = [], []
    for _ in range(times):
        begun, used = time.perf_counter(), time.process_time()
        answer = ask()
        clock.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
        assert answer.status_code == 200, answer.status
    return sorted(clock), sorted(cpu)


def percentile(sorted_values: list[float], share: float) -> float:
    return sorted_values[min(math.ceil(len(sorted_values) * share) - 1, len(sorted_values) - 1)]


def told(name: str, statements: int, clock: list[float], cpu: list[float], bar: float) -> None:
    p95, of_cpu = percentile(clock, 0.95), percentile(cpu, 0.95)
    kept = "kept" if p95 <= bar else "kept by CPU alone" if of_cpu <= bar else "MISSED"
    print(
        f"{name:<24}{statements:>4} statements   clock {statistics.median(clock) * 1000:7.1f} / {p95 * 1000:7.1f} ms"
        f"   CPU {statistics.median(cpu) * 1000:7.1f} / {of_cpu * 1000:7.1f} ms   bar {bar * 1000:.0f} ms: {kept}"
    )


def run(app: Flask, waiting: list[str]) -> None:
    """Every list; then one further page, a search, a record; then 300 accepted at once."""
    minh, seen = Cast(app).client("Minh"), []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda c, cursor, statement, *_: seen.append(statement))

    def measure(name: str, ask: Callable[[], Any], times: int = TIMES, bar: float = LIST_BAR) -> None:
        ask()
        seen.clear()
        ask()
        count = len(seen)
        told(name, count, *timed(ask, times), bar)

    def get(path: str) -> Callable[[], Any]:
        return lambda: minh.get(path, headers={"Accept-Encoding": "gzip"})

    for name, path in LISTS.items():
        measure(name, get(path))
    measure("page 20 of waiting", get(_page(minh, "/desk/?state=waiting", 20)))
    measure("page 20 of all", get(_page(minh, "/desk/?state=all", 20)))
    for name, words in SEARCHES.items():
        measure(name, lambda words=words: minh.post("/desk/search", data={"q": words}, headers=HERE), 20)  # type: ignore[misc]
    measure("a record", get(f"/desk/records/{waiting[0]}"))
    picks = iter(range(0, 3000, 300))

    def accept() -> Any:
        start = next(picks)
        chosen = [f"{one}:1" for one in waiting[start : start + 300]]
        return minh.post("/desk/many/accept", data={"pick": chosen}, headers=HERE)

    seen.clear()
    accept()
    told("300 accepted at once", len(seen), *timed(accept, 5), MANY_BAR)


def _page(minh: FlaskClient, path: str, number: int) -> str:
    for _ in range(number - 1):
        following = re.search(r'rel="next" href="([^"]+)"', minh.get(path).text)
        if not following:
            break
        path = following[1].replace("&amp;", "&")
    return path


def main() -> None:
    """Make the ward, measure, clear away."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--records", type=int, default=100_000)
    given.add_argument("--database", help="an empty one; usual: a new SQLite file")
    asked = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        more = {"database_url": asked.database} if asked.database else {}
        app = make_app(Path(folder) / "desk.db", **more)
        with app.app_context():
            db.create_all()
            arrive(now())
            waiting = fill(asked.records)
            print(f"{asked.records:,} records of one ward on {db.engine.dialect.name}, seed {SEED}, {today()}")
        run(app, waiting)
        put_away(app)


if __name__ == "__main__":
    main()
