"""The people of the tests, and where they work.

Lan and Hoa record in tổ 7 of phường Phúc Lợi, Minh is their ward's officer and Hà its leader;
Tuấn records in another ward; Anh administers. All rows are inserted directly, so that a test
of one feature does not depend on another.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import db, transact
from app.identity.models import Assignment, Person, SignIn
from app.identity.rights import Actor
from app.units.models import Unit

CITY, PHUC_LOI, VIET_HUNG = 1, 2, 3
GROUP_7, GROUP_3, GROUP_12, GROUP_2_VIET_HUNG = 7, 8, 9, 10
WARD_OF = {GROUP_7: PHUC_LOI, GROUP_3: PHUC_LOI, GROUP_12: PHUC_LOI, GROUP_2_VIET_HUNG: VIET_HUNG}
SINCE = date(2025, 7, 1)


@dataclass(frozen=True)
class Someone:
    """A person, the unit of the assignment, and the token and device of the one sign-in."""

    id: str
    name: str
    phone: str
    role: str
    unit: int
    door: str

    @property
    def token(self) -> str:
        return f"token-of-{self.id}"

    @property
    def device(self) -> str | None:
        return f"d{self.id[1:]}" if self.door == "phone" else None

    @property
    def cookie(self) -> str:
        return f"__Host-{self.door}"


def _uuid(number: int) -> str:
    return f"a0000000-0000-4000-8000-{number:012d}"


PEOPLE = {
    "Lan": Someone(_uuid(7), "Nguyễn Thị Lan", "+84912000007", "collaborator", GROUP_7, "phone"),
    "Hoa": Someone(_uuid(3), "Đỗ Thị Hoa", "+84912000003", "collaborator", GROUP_7, "phone"),
    "Tuan": Someone(_uuid(9), "Lê Quốc Tuấn", "+84912000009", "collaborator", GROUP_2_VIET_HUNG, "phone"),
    "Minh": Someone(_uuid(1), "Trần Văn Minh", "+84912000001", "officer", PHUC_LOI, "desk"),
    "Ha": Someone(_uuid(2), "Phạm Thu Hà", "+84912000002", "leader", PHUC_LOI, "desk"),
    "Anh": Someone(_uuid(4), "Vũ Đức Anh", "+84912000000", "admin", CITY, "desk"),
}


class Cast:
    """The people by name, and browsers in which they are signed in."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.lan, self.hoa, self.tuan = PEOPLE["Lan"], PEOPLE["Hoa"], PEOPLE["Tuan"]
        self.minh, self.ha, self.anh = PEOPLE["Minh"], PEOPLE["Ha"], PEOPLE["Anh"]

    def __getitem__(self, name: str) -> Someone:
        return PEOPLE[name]

    def actor(self, who: "str | Someone") -> Actor:
        """The person as services know her or him."""
        person = PEOPLE[who] if isinstance(who, str) else who
        is_group = person.door == "phone"
        return Actor(
            id=person.id,
            name=person.name,
            role=person.role,
            door=person.door,
            device=person.device,
            ward_id=WARD_OF.get(person.unit, person.unit),
            group_ids=(person.unit,) if is_group else (),
            language="vi",
            sign_in=hashlib.sha256(person.token.encode()).hexdigest(),
        )

    def client(self, who: "str | Someone") -> FlaskClient:
        """A browser (or phone) in which this person is signed in."""
        person = PEOPLE[who] if isinstance(who, str) else who
        client = self.app.test_client()
        client.set_cookie(person.cookie, person.token, domain="localhost", secure=True, httponly=True)
        return client


def arrive(now: datetime) -> None:
    """Insert units, people, assignments and sign-ins. Inside an application context."""
    with transact():
        db.session.add_all(_units())
        db.session.flush()
        _count_on()
    join(PEOPLE.values(), now)


def join(people: Iterable[Someone], now: datetime) -> None:
    """Insert people who work in these units, with their assignments and sign-ins. Inside an application context."""
    joining = list(people)
    with transact():
        for person in joining:
            db.session.add(
                Person(
                    id=person.id,
                    name=person.name,
                    phone=person.phone,
                    passphrase=None,
                    created_at=now,
                    closed_at=None,
                )
            )
        db.session.flush()
        for person in joining:
            db.session.add(
                Assignment(person_id=person.id, role=person.role, unit_id=person.unit, valid_from=SINCE, valid_to=None)
            )
            db.session.add(_sign_in(person, now))


def _count_on() -> None:
    """The units came with their ids; PostgreSQL has to be told where to go on."""
    if db.session.get_bind().dialect.name == "postgresql":
        last = select(func.max(Unit.id)).scalar_subquery()
        db.session.execute(select(func.setval("unit_id_seq", last)))


def _units() -> list[Unit]:
    def unit(id: int, level: str, code: str, name: str, parent: int | None, phone: str | None = None) -> Unit:
        return Unit(
            id=id,
            level=level,
            code=code,
            name=name,
            valid_from=SINCE,
            valid_to=None,
            parent_id=parent,
            phone=phone,
            box=None,
        )

    return [
        unit(CITY, "city", "01", "Hà Nội", None),
        unit(PHUC_LOI, "ward", "00136", "Phúc Lợi", CITY, "+842438750136"),
        unit(VIET_HUNG, "ward", "00127", "Việt Hưng", CITY, "+842438750127"),
        unit(GROUP_7, "group", "7", "7", PHUC_LOI),
        unit(GROUP_3, "group", "3", "3", PHUC_LOI),
        unit(GROUP_12, "group", "12", "12", PHUC_LOI),
        unit(GROUP_2_VIET_HUNG, "group", "2", "2", VIET_HUNG),
    ]


def _sign_in(person: Someone, now: datetime) -> SignIn:
    return SignIn(
        token_hash=hashlib.sha256(person.token.encode()).hexdigest(),
        person_id=person.id,
        door=person.door,
        device=person.device,
        label="test",
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(days=30),
        revoked_at=None,
    )
