"""The log chain of each ward, and what is known of each phone's numbers; both filled in for what came before."""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NO_HASH = "0" * 64
_MOST_GAPS = 500
_VERDICTS = ("accept", "return", "close", "duplicate")


def upgrade() -> None:
    op.create_table(
        "link",
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["ward_id"], ["unit.id"], name="fk_link_ward_id"),
        sa.PrimaryKeyConstraint("ward_id", "no", name="pk_link"),
    )
    op.create_table(
        "device_state",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("contiguous", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("unsent", sa.Integer(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_device_state_person_id"),
        sa.ForeignKeyConstraint(["ward_id"], ["unit.id"], name="fk_device_state_ward_id"),
        sa.PrimaryKeyConstraint("person_id", "device", name="pk_device_state"),
    )
    op.create_index("ix_device_state_ward_id", "device_state", ["ward_id"], unique=False)
    op.create_table(
        "gap",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_gap_person_id"),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name="fk_gap_closed_by"),
        sa.PrimaryKeyConstraint("person_id", "device", "seq", name="pk_gap"),
    )
    op.create_index("ix_gap_open", "gap", ["filled_at", "closed_at"], unique=False)
    with op.batch_alter_table("ward") as ward:
        ward.add_column(sa.Column("chain_no", sa.Integer(), nullable=False, server_default="0"))
        ward.add_column(sa.Column("chain_hash", sa.String(), nullable=False, server_default=_NO_HASH))
    wards = _wards_of_people()
    _link_what_came_before(wards)
    _number_what_came_before(wards)


def downgrade() -> None:
    with op.batch_alter_table("ward") as ward:
        ward.drop_column("chain_hash")
        ward.drop_column("chain_no")
    op.drop_table("gap")
    op.drop_table("device_state")
    op.drop_table("link")


def _table(name: str, *columns: sa.Column) -> sa.TableClause:
    return sa.table(name, *columns)


def _wards_of_people() -> dict[str, int]:
    """The ward of each person's latest assignment."""
    assignment = _table("assignment", *map(sa.column, ("id", "person_id", "unit_id")))
    unit = _table("unit", *map(sa.column, ("id", "level", "parent_id")))
    wanted = sa.select(assignment.c.person_id, unit.c.id, unit.c.level, unit.c.parent_id)
    found = op.get_bind().execute(
        wanted.join_from(assignment, unit, unit.c.id == assignment.c.unit_id).order_by(assignment.c.id)
    )
    return {row.person_id: row.parent_id if row.level == "group" and row.parent_id else row.id for row in found}


def _link_what_came_before(wards: dict[str, int]) -> None:
    """One link for every change and verdict, in the order in which they were received."""
    facts = sorted([*_changes(wards), *_verdicts()], key=lambda fact: fact[0])
    heads: dict[int, tuple[int, str]] = {}
    rows = []
    for _, ward_id, said in facts:
        no, before = heads.get(ward_id, (0, _NO_HASH))
        text = _canonical({name: value for name, value in said.items() if value is not None})
        heads[ward_id] = no + 1, _sha256(f"{before}\n{text}")
        rows.append({"ward_id": ward_id, "no": no + 1, "facts": text, "hash": heads[ward_id][1]})
    _insert("link", rows)
    ward = _table("ward", *map(sa.column, ("ward_id", "last_no", "chain_no", "chain_hash")))
    known = set(op.get_bind().execute(sa.select(ward.c.ward_id)).scalars())
    for ward_id, (no, last) in heads.items():
        head = {"chain_no": no, "chain_hash": last}
        if ward_id in known:
            op.execute(ward.update().where(ward.c.ward_id == ward_id).values(head))
        else:
            op.execute(ward.insert().values(ward_id=ward_id, last_no=0, **head))


def _changes(wards: dict[str, int]) -> list[tuple]:
    names = ("log_id", "change_id", "sha256", "device", "seq", "person_id", "record_id", "outcome")
    more = (sa.column("sender", sa.JSON()), sa.column("received_at", sa.DateTime(timezone=True)))
    change = _table("change", *map(sa.column, names), *more)
    written = {row.change_log_id: row for row in _versions(sa.column("change_log_id").is_not(None))}
    found = []
    for row in op.get_bind().execute(sa.select(change)):
        received = _utc(row.received_at)
        said = {
            "what": "change",
            "log_id": row.log_id,
            "change": row.change_id,
            "sha256": row.sha256,
            "device": row.device,
            "seq": row.seq,
            "person": row.person_id,
            "received": received.isoformat(),
            "record": row.record_id,
            "outcome": row.outcome,
            **(_left(written[row.log_id]) if row.log_id in written else {}),
        }
        ward_id = (row.sender or {}).get("ward") or wards[row.person_id]
        found.append(((received, 0, row.log_id), ward_id, said))
    return found


def _verdicts() -> list[tuple]:
    found = []
    for row in _versions(sa.column("what").in_(_VERDICTS)):
        said = {
            "what": "verdict",
            "verdict": row.what,
            "record": row.record_id,
            "by": row.person_id,
            "at": row.review["at"],
            "sha256": _fingerprint(row.review),
            **_left(row),
        }
        found.append(((_utc(row.received_at), 1, row.version), row.ward_id, said))
    return found


def _versions(which: sa.ColumnElement) -> list:
    names = ("record_id", "version", "what", "person_id", "change_log_id", "status")
    answers = (sa.column("data", sa.JSON()), sa.column("review", sa.JSON()))
    version = _table(
        "record_version", *map(sa.column, names), *answers, sa.column("received_at", sa.DateTime(timezone=True))
    )
    record = _table("record", *map(sa.column, ("id", "ward_id")))
    wanted = sa.select(version, record.c.ward_id).join_from(version, record, record.c.id == version.c.record_id)
    return op.get_bind().execute(wanted.where(which)).all()


def _left(row: sa.Row) -> dict:
    return {"version": row.version, "status": row.status, "data": _fingerprint(row.data)}


def _number_what_came_before(wards: dict[str, int]) -> None:
    names = map(sa.column, ("person_id", "device", "seq"))
    change = _table("change", *names, sa.column("received_at", sa.DateTime(timezone=True)))
    wanted = sa.select(change).where(change.c.seq > 0).order_by(change.c.person_id, change.c.device, change.c.seq)
    arrived: dict[tuple[str, str], list] = {}
    for row in op.get_bind().execute(wanted):
        arrived.setdefault((row.person_id, row.device), []).append(row)
    states, gaps = [], []
    for (person_id, device), rows in arrived.items():
        moments = [_utc(row.received_at) for row in rows]
        holes, looked = _holes([row.seq for row in rows])
        states.append(
            {
                "person_id": person_id,
                "device": device,
                "ward_id": wards[person_id],
                "highest": rows[-1].seq,
                "contiguous": holes[0] - 1 if holes else rows[-1].seq,
                "looked": looked,
                "issued": rows[-1].seq,
                "unsent": 0,
                "app": "",
                "first_seen": min(moments),
                "last_seen": max(moments),
            }
        )
        closed = {"filled_at": None, "closed_at": None, "closed_by": None, "note": ""}
        named = {"person_id": person_id, "device": device, "noticed_at": max(moments)}
        gaps += [{**named, "seq": seq, **closed} for seq in holes]
    _insert("device_state", states)
    _insert("gap", gaps)


def _holes(seqs: list[int]) -> tuple[list[int], int]:
    """The first numbers that are missing, and how far was looked."""
    holes: list[int] = []
    expected = 1
    for seq in seqs:
        room = _MOST_GAPS - len(holes)
        holes += range(expected, min(seq, expected + room))
        if seq - expected > room:
            return holes, holes[-1] if holes else 0
        expected = max(expected, seq + 1)
    return holes, expected - 1


def _insert(table: str, rows: list[dict]) -> None:
    meta = sa.MetaData()
    found = sa.Table(table, meta, autoload_with=op.get_bind())
    for place in range(0, len(rows), 1000):
        op.get_bind().execute(found.insert(), rows[place : place + 1000])


def _canonical(value: dict) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _fingerprint(value: dict) -> str:
    return _sha256(json.dumps(value, sort_keys=True, separators=(",", ":")))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
