"""What is checked and then written stays true when two do it at the same moment, on real connections."""

import pytest

from app.identity import service as identity
from tests.races.cases import CASES, Scene

pytestmark = pytest.mark.postgresql


@pytest.fixture
def scene(app, cast, race, lan, hoa, ward) -> Scene:
    return Scene(app, cast, race, lan, hoa, ward)


@pytest.mark.parametrize("name", CASES)
def test_two_at_once(scene: Scene, name: str):
    CASES[name](scene)


# Where the record's row is locked too, which would do by itself.
LOCKED = {
    "two_records_become_duplicates_of_each_other",
    "a_verdict_while_the_phone_edits",
    "two_officers_judge",
    "two_officers_fill_in",
    "a_gap_is_given_up_twice",
}
# Where the table's key would do, because what runs into it is done again.
KEYED = {"two_tabs_send_the_same_changes", "an_edit_while_the_desk_judges", "two_phones_edit_one_record"}


@pytest.mark.parametrize("name", sorted(CASES.keys() - KEYED - LOCKED))
def test_without_turns_it_goes_wrong(scene: Scene, name: str, no_turns, monkeypatch):
    monkeypatch.setattr(identity, "_use_up", _believes_what_it_read)
    with pytest.raises((AssertionError, TypeError)):
        CASES[name](scene)


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_without_turns_and_locks_it_goes_wrong(scene: Scene, name: str, no_turns, no_locks):
    with pytest.raises((AssertionError, TypeError)):
        CASES[name](scene)


@pytest.mark.parametrize("name", sorted(KEYED))
def test_the_tables_keys_alone_would_do(scene: Scene, name: str, no_turns, no_locks):
    CASES[name](scene)


def _believes_what_it_read(code_hash: str) -> None:
    code = identity.db.session.get(identity.SignInCode, code_hash)
    if code.used_at is not None:
        raise identity.Problem("bad_sign_in")
    code.used_at = identity.now()
