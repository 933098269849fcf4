"""Every column that names a unit is either carried along when units change, or says what was: none is forgotten."""

from app import create_app
from app.db import db
from tests.conftest import settings_for

# Carried along by app/reorganisation/service.py.
CARRIED = {
    "assignment.unit_id",
    "device_state.ward_id",
    "machine_token.unit_id",  # where the administrator says so
    "photo.ward_id",
    "record.group_id",
    "record.ward_id",
    "saved_list.ward_id",
}
# Says what was: whose chain or feed it is, or which unit it was on the day of the event.
STAYS = {
    "change.ward_id",
    "export.unit_id",
    "leaving.ward_id",
    "link.ward_id",
    "reading.ward_id",
    "record.unit_id",
    "succession.earlier_id",
    "succession.later_id",
    "unit.parent_id",
    "ward.ward_id",
    "ward_map.ward_id",  # a file drawn for the old ward; the new one gets its own
}


def test_every_column_that_names_a_unit_is_thought_of(tmp_path) -> None:  # type: ignore[no-untyped-def]
    create_app(settings_for(tmp_path / "to-am.db"))
    named = {
        f"{table.name}.{key.parent.name}"
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "unit"
    }
    assert named == CARRIED | STAYS
