"""A list of many records as a file: time a record and the memory it takes, for two lengths of the list.

    python -m benchmarks.exports        XLSX, CSV and GeoJSON of 2,000 and of 20,000 hazards, in one process

Bar: ten times as many records take ten times as long and no more memory (the peak above what stood before).
"""

import tempfile
import time
import tracemalloc
from pathlib import Path

from sqlalchemy import insert

from app.db import db, transact
from app.exports import formats, lists, service
from app.exports.service import Asked
from app.records.models import Record
from benchmarks.places import hazards
from tests.cast import PEOPLE, Cast, arrive
from tests.conftest import MORNING, make_app, put_away

SIZES = (2_000, 20_000)


def main() -> None:
    """Fill, measure, print."""
    print("| records | file | CPU s | µs a record | peak kB above | bytes |\n|---|---|---|---|---|---|")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            app = make_app(Path(folder) / "to-am.db")
            with app.app_context():
                db.create_all()
                arrive(MORNING)
                with transact():
                    db.session.connection().execute(insert(Record.__table__), hazards(size))  # type: ignore[arg-type]
            with app.test_request_context("/desk/map"):
                for format in formats.MIME:
                    print(_row(Cast(app), size, format))
            put_away(app)


def _row(cast: Cast, size: int, format: str) -> str:
    actor = cast.actor(PEOPLE["Minh"])
    listed = lists.read(actor, "map", {"state": "all", "kind": "hazard_site"})
    asked = Asked(format, "open", "đo")
    begun = time.process_time()
    made = service.export(actor, listed, asked, "vi")
    took = time.process_time() - begun
    length = made.content.seek(0, 2)
    made.content.close()
    tracemalloc.start()
    service.export(actor, listed, asked, "vi").content.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"| {size:,} | {format} | {took:.2f} | {took / size * 1e6:.0f} | {peak // 1000:,} | {length:,} |"


if __name__ == "__main__":
    main()
