"""The conflict rule: Lan and Hoa, two phones, one pond."""

from app.sync.merge import Incoming, Merged, merge

RISK = {"risk": ["high", "medium", "low"]}


def change(who, seq, base, **fields):
    return Incoming(f"phone-{who}", seq, who, "2026-06-03T09:12", base, fields)


def after(*changes):
    state = Merged("applied", 0, {}, {}, [])
    for one in changes:
        state = merge(state.data, state.writers, state.version, state.conflicts, one, RISK)
    return state


def test_a_phone_never_conflicts_with_itself():
    state = after(change("Lan", 1, 0, title="Ao", risk="low"), change("Lan", 2, 0, risk="medium"))
    assert (state.outcome, state.data, state.conflicts) == ("applied", {"title": "Ao", "risk": "medium"}, [])


def test_different_fields_merge():
    state = after(change("Lan", 1, 0, title="Ao"), change("Lan", 2, 1, title="Ao sâu"), change("Hoa", 1, 1, fence="no"))
    assert (state.outcome, state.data) == ("merged", {"title": "Ao sâu", "fence": "no"})


def test_the_first_value_stays_and_the_other_is_kept():
    state = after(change("Lan", 1, 0, title="Ao"), change("Hoa", 1, 1, title="Hồ"), change("Lan", 2, 1, title="Đầm"))
    assert (state.outcome, state.data["title"]) == ("conflict", "Hồ")
    assert [(c["kept"], c["kept_by"], c["other"], c["other_by"]) for c in state.conflicts] == [
        ("Hồ", "Hoa", "Đầm", "Lan")
    ]


def test_the_more_dangerous_value_stays():
    state = after(change("Lan", 1, 0, risk="low"), change("Hoa", 1, 1, risk="medium"), change("Lan", 2, 1, risk="high"))
    assert state.data["risk"] == "high"
    assert (state.conflicts[0]["kept_by"], state.conflicts[0]["other"]) == ("Lan", "medium")


def test_the_same_value_twice_is_no_conflict():
    state = after(change("Lan", 1, 0, title="Ao"), change("Hoa", 1, 1, title="Hồ"), change("Lan", 2, 1, title="Hồ"))
    assert (state.outcome, state.conflicts) == ("merged", [])
