"""Where records stand on a map, the wards' boxes, and their map files."""

import math
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_PIECE = 500


def upgrade() -> None:
    op.add_column("unit", sa.Column("box", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("record", sa.Column("lat", sa.Double(), nullable=True))
    op.add_column("record", sa.Column("lon", sa.Double(), nullable=True))
    _fill()
    on_map = sa.text("lat IS NOT NULL")
    op.create_index("ix_record_place", "record", ["ward_id", "lat"], sqlite_where=on_map, postgresql_where=on_map)
    op.create_table(
        "ward_map",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("look", sa.String(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ward_id"], ["unit.id"], name="fk_ward_map_ward_id"),
        sa.PrimaryKeyConstraint("ward_id", name="pk_ward_map"),
    )


def downgrade() -> None:
    op.drop_table("ward_map")
    op.drop_index("ix_record_place", "record")
    op.drop_column("record", "lon")
    op.drop_column("record", "lat")
    op.drop_column("unit", "box")


def _fill() -> None:
    """The points of the hazard sites that are here already, the only kind on a map so far."""
    record = sa.table("record", *(sa.column(name) for name in ("id", "kind", "lat", "lon")), sa.column("data", sa.JSON()))
    connection = op.get_bind()
    sites = connection.execute(sa.select(record.c.id, record.c.data).where(record.c.kind == "hazard_site")).all()
    points = [{"key": row.id, **point} for row in sites if (point := _point(row.data))]
    change = record.update().where(record.c.id == sa.bindparam("key"))
    change = change.values(lat=sa.bindparam("lat"), lon=sa.bindparam("lon"))
    for start in range(0, len(points), _PIECE):
        connection.execute(change, points[start : start + _PIECE])


def _point(data: Any) -> dict[str, float] | None:
    place = data.get("place") if isinstance(data, dict) else None
    lat, lon = (place.get("lat"), place.get("lon")) if isinstance(place, dict) else (None, None)
    if not (_is_degree(lat, 90) and _is_degree(lon, 180)):
        return None
    return {"lat": float(lat), "lon": float(lon)}


def _is_degree(value: Any, most: int) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and abs(value) <= most
