"""What an administrator does to somebody's rights while that somebody is out in the field."""

from datetime import date, timedelta

from flask import Flask

from app.db import db, transact
from app.identity import service
from app.identity.models import SignIn
from app.identity.queries import assignments
from tests.cast import GROUP_2_VIET_HUNG, GROUP_12, PHUC_LOI, Cast, Someone
from tests.conftest import MORNING


class Office:
    """Takes rights away and gives others."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def revokes(self, person: Someone) -> None:
        """End the sign-in of the person's phone."""
        with self.app.app_context(), transact():
            service.revoke(person.id, Cast(self.app).actor(person).sign_in)

    def lets_expire(self, person: Someone) -> None:
        """The sign-in of the person's phone is over, by time alone."""
        with self.app.app_context(), transact():
            self._sign_in(person).expires_at = MORNING

    def lets_in_again(self, person: Someone) -> None:
        """The person has the old work again and was given a code: the sign-in counts once more."""
        with self.app.app_context(), transact():
            sign_in = self._sign_in(person)
            sign_in.revoked_at, sign_in.expires_at = None, MORNING + timedelta(days=30)
            for item in assignments(person.id):
                item.valid_to = None

    def closes(self, person: Someone) -> None:
        """The person leaves."""
        with self.app.app_context(), transact():
            service.close_person(person.id)

    def moves_to(self, person: Someone, group: int) -> None:
        """Another group of the same ward, and the old one no more."""
        with self.app.app_context(), transact():
            service.assign(person.id, "collaborator", group)
            service.unassign(person.id, person.unit)

    def moves_to_another_group(self, person: Someone) -> None:
        """Tổ 12 of the same ward."""
        self.moves_to(person, GROUP_12)

    def moves_to_another_ward(self, person: Someone) -> None:
        """A group of Việt Hưng."""
        with self.app.app_context(), transact():
            service.assign(person.id, "collaborator", GROUP_2_VIET_HUNG)

    def makes_an_officer(self, person: Someone) -> None:
        """The person works at the desk from today on and records no more."""
        with self.app.app_context(), transact():
            service.assign(person.id, "officer", PHUC_LOI)

    def ends_the_assignment(self, person: Someone) -> None:
        """Yesterday was the last day; nobody closed the person."""
        with self.app.app_context(), transact():
            for item in assignments(person.id):
                item.valid_to = date(2026, 6, 2)

    def _sign_in(self, person: Someone) -> SignIn:
        return db.session.get_one(SignIn, Cast(self.app).actor(person).sign_in)
