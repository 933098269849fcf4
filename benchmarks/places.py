"""The desk's map of a whole district: GeoJSON of 3,101 hazards, beside an empty page of the same server.

    python -m benchmarks.places        20 requests in one process, gzip asked for: median of the clock, of its CPU

On a busy machine the clock shows the others: there only the CPU says something. Bar: 0.5 s
(ODK Central takes 5.9 to 8.5 s for as many, measured with another set of fields).
"""

import json
import random
import statistics
import tempfile
import time
import uuid
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from app.clock import now
from app.db import db, transact
from app.records.models import Record
from tests.cast import GROUP_7, PEOPLE, PHUC_LOI, Cast, arrive
from tests.conftest import make_app, put_away

MANY, TIMES, BAR = 3_101, 20, 0.5
SEED = 20_260_603


def fill() -> None:
    """Hazards all over the ward, with answers of usual length."""
    with transact():
        db.session.connection().execute(insert(Record.__table__), hazards(MANY))  # type: ignore[arg-type]


def hazards(many: int) -> list[dict[str, object]]:
    """So many hazards as rows of the table."""
    chance = random.Random(SEED)
    return [_row(chance, n) for n in range(many)]


def _row(chance: random.Random, n: int) -> dict[str, object]:
    lat, lon = round(chance.uniform(21.02, 21.06), 6), round(chance.uniform(105.89, 105.94), 6)
    data = {
        "type": chance.choice(["DN1", "DN2", "DN3", "GT1", "DI1"]),
        "name": f"Ao sau nhà văn hóa số {n}",
        "address": f"Ngõ {n % 90}, đường Phúc Lợi",
        "risk": chance.choice(["high", "medium", "low"]),
        "place": {
            "lat": lat,
            "lon": lon,
            "acc": chance.randint(3, 40),
            "how": "gps",
            "at": "2026-06-02T16:20:00+07:00",
        },
        "seen_on": "2026-06-02",
        "description": "Bờ đất trơn, trẻ hay ra câu cá, chưa có rào và biển báo. " * 3,
        "fence": "none",
        "measures": ["fence", "sign_warning"],
        "keeper": "Ban quản lý chợ",
    }
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "kind": "hazard_site",
        "form": 1,
        "version": 1,
        "status": chance.choice(["received", "accepted", "returned"]),
        "author_id": PEOPLE["Lan"].id,
        "ward_id": PHUC_LOI,
        "group_id": GROUP_7,
        "unit_id": GROUP_7,
        "data": data,
        "writers": {},
        "conflicts": [],
        "problems": [],
        "urgency": 60,
        "search": "",
        "lat": lat,
        "lon": lon,
        "received_at": now(),
        "changed_at": now(),
        "feed_no": n + 1,
    }


def timed(client: FlaskClient, path: str) -> tuple[float, float, int]:
    """Medians of the clock and of the CPU in seconds, and the bytes on the wire."""
    clock, cpu, size = [], [], 0
    for _ in range(TIMES):
        begun, used = time.perf_counter(), time.process_time()
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        clock.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
        assert answer.status_code == 200
        size = len(answer.data)
    return statistics.median(clock), statistics.median(cpu), size


def run(app: Flask) -> None:
    minh = Cast(app).client("Minh")
    found = json.loads(minh.get("/desk/map.geojson").data)
    assert len(found["features"]) == MANY
    pages = {"an empty answer": "/healthz", "GeoJSON of all": "/desk/map.geojson", "the map's page": "/desk/map"}
    for name, path in pages.items():
        clock, cpu, size = timed(minh, path)
        kept = "kept" if clock <= BAR else "kept by CPU alone" if cpu <= BAR else "MISSED"
        bar = f"   bar {BAR * 1000:.0f} ms: {kept}" if "geojson" in path else ""
        print(f"{name:<18} clock {clock * 1000:8.1f} ms   CPU {cpu * 1000:7.1f} ms   {size:>9,} B{bar}")


def main() -> None:
    """Make the ward, measure, clear away."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder) / "places.db")
        with app.app_context():
            db.create_all()
            arrive(now())
            fill()
        print(f"{MANY:,} hazards, seed {SEED}")
        run(app)
        put_away(app)


if __name__ == "__main__":
    main()
