"""What an administrator does at the desk while somebody is out, through the same forms but without drawing a page."""

import re
import sqlite3
from dataclasses import dataclass
from itertools import count

from playwright.sync_api import APIResponse, BrowserContext

from tests.browser.conftest import PASSPHRASE
from tests.browser.releases import Releases

HERE = {"Sec-Fetch-Site": "same-origin"}
NUMBERS = count(1)


@dataclass(frozen=True)
class Hired:
    """Somebody new in tổ 7, and the code for her phone."""

    id: str
    code: str


class Office:
    """Anh at his desk. Everybody in these tests is hired for one of them, so that none changes what others find."""

    def __init__(self, server: Releases, place: BrowserContext) -> None:
        self.server, self.place = server, place
        proof = {"way": "passphrase", "phone": "0912000000", "passphrase": PASSPHRASE}
        assert "/desk/sign-in" not in self._posts("/desk/sign-in", **proof).url

    def hires(self, name: str) -> Hired:
        """A collaborator of tổ 7."""
        number = f"09870{next(NUMBERS):05}"
        made = self._posts("/desk/people", name=name, phone=number, role="collaborator", unit=self.unit("group", "7"))
        person = made.url.rsplit("/", 1)[1]
        return Hired(person, self.gives_a_code(person))

    def gives_a_code(self, person: str) -> str:
        """A one-time code."""
        found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", self._posts(f"/desk/people/{person}/code").text())
        assert found
        return found[0]

    def moves(self, person: str) -> None:
        """Tổ 12 instead of tổ 7."""
        self._posts(f"/desk/people/{person}/assign", role="collaborator", unit=self.unit("group", "12"))
        self._posts(f"/desk/people/{person}/assign", unit=self.unit("group", "7"), end="yes")

    def takes_to_the_desk(self, person: str) -> None:
        """An officer from now on: the work in the group is over."""
        self._posts(f"/desk/people/{person}/assign", role="officer", unit=self.unit("ward", "Phúc Lợi"))

    def cuts_off(self, person: str) -> None:
        """All her phones."""
        self._posts(f"/desk/people/{person}/revoke", sign_in="all")

    def closes(self, person: str) -> None:
        """She leaves."""
        self._posts(f"/desk/people/{person}/close", sure="yes")

    def unit(self, level: str, name: str) -> str:
        """The id of a ward of today, or of a group of Phúc Lợi."""
        with sqlite3.connect(self.server.folder / "browser.db") as database:
            rows = database.execute(
                "SELECT unit.id FROM unit LEFT JOIN unit AS above ON above.id = unit.parent_id "
                "WHERE unit.level = ? AND unit.name = ? AND unit.valid_to IS NULL "
                "AND (unit.level = 'ward' OR above.name = 'Phúc Lợi')",
                (level, name),
            ).fetchall()
        database.close()
        [(found,)] = rows
        return str(found)

    def _posts(self, path: str, **form: str) -> APIResponse:
        answer = self.place.request.post(f"{self.server.url}{path}", form=dict(form), headers=HERE)
        assert answer.ok, f"{path}: {answer.status}"
        return answer
