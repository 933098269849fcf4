"""R-16: a phone may hold a form for years. Every body of every form ever released is taken, answers and all."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.db import db
from app.kinds import checks, registry
from app.kinds.form_spec import form_spec
from app.kinds.vocabulary import Kind
from app.records.models import Record
from app.sync.merge import canonical
from tests.cast import Cast
from tests.contract.release_form import FORMS, path_of, shape
from tests.phone import Phone

CONTRACTS = sorted(FORMS.glob("*.json"))


def contract(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FORMS / name).read_text(encoding="utf-8"))
    return loaded


def faults(kinds: dict[str, Kind]) -> list[str]:
    """Kinds whose form is not the one that was released under its number."""
    found = []
    for kind in kinds.values():
        if not path_of(kind).exists():
            found.append(f"{kind.code} {kind.form}: no contract; run python -m tests.contract.release_form")
        elif contract(path_of(kind).name)["shape"] != json.loads(json.dumps(shape(form_spec(kind)))):
            found.append(f"{kind.code}: another shape under the number {kind.form}; raise `form`, then release it")
    return found


def taken(app: Flask, name: str) -> None:
    """Send every body of a contract, by one phone, and compare what became of it."""
    phone, old = Phone(app, Cast(app).lan), contract(name)
    for one in old["bodies"]:
        (receipt,) = phone.push(one["body"])
        assert receipt["outcome"] in ("applied", "needs_fixing"), (one["says"], receipt)
        for problem in receipt["problems"]:
            # A later form may ask for more or no longer know a field; it may not refuse an answer.
            asked_later = problem["code"] == "required" and problem["field"] not in old["shape"]["fields"]
            assert asked_later or problem["code"] == "unknown_field", (one["says"], problem)
        with app.app_context():
            record = db.session.get_one(Record, json.loads(one["body"])["record"])
            lost = {n for n, value in one["kept"].items() if canonical(record.data.get(n)) != canonical(value)}
        assert lost == set(), one["says"]


def test_every_form_in_use_has_been_released_as_it_is() -> None:
    assert faults(dict(registry)) == []


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_every_body_of_a_released_form_is_taken_for_ever(app: Flask, path: Any) -> None:
    taken(app, path.name)


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_a_contract_fills_every_field_and_every_choice_of_its_form(path: Any) -> None:
    old = contract(path.name)
    answers = [json.loads(one["body"])["set"] for one in old["bodies"]]
    for name, field in old["shape"]["fields"].items():
        if field["owner"] == "desk" or field.get("retired"):
            continue
        given = [answer[name] for answer in answers if answer.get(name) is not None]
        assert given, name
        chosen = [code for one in given for code in (one if isinstance(one, list) else [one])]
        missing = [code for code in field.get("codes", ()) if code not in chosen]
        assert missing == [], name


def _without(kind: Kind, name: str) -> Kind:
    made = replace(kind)
    object.__setattr__(made, "fields", {n: field for n, field in kind.fields.items() if n != name})
    return made


def _shorter_list(kind: Kind) -> Kind:
    made, field = replace(kind), kind.schema().fields["risk"]
    field.options = field.options[:2]  # type: ignore[attr-defined]
    object.__setattr__(made, "fields", {**kind.fields, "risk": field})
    return made


def _asked(kind: Kind) -> Kind:
    made, field = replace(kind), kind.schema().fields["keeper"]
    field.needed = True  # type: ignore[attr-defined]
    object.__setattr__(made, "fields", {**kind.fields, "keeper": field})
    return made


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda kind: _without(kind, "depth"), id="a field goes"),
        pytest.param(_shorter_list, id="a code goes"),
        pytest.param(_asked, id="an old field is asked for"),
        pytest.param(lambda kind: replace(kind, sharing="author"), id="other people may write it"),
        pytest.param(lambda kind: replace(kind, form=kind.form + 1), id="a new number without a contract"),
    ],
)
def test_a_form_that_changes_in_silence_is_seen(change: Callable[[Kind], Kind]) -> None:
    assert faults({"hazard_site": change(registry["hazard_site"])})


def test_other_words_for_the_same_form_are_no_change() -> None:
    kind = registry["hazard_site"]
    assert faults({"hazard_site": replace(kind, label=kind.menu, order=99, urgent=())}) == []


_normalise, _check = checks.normalise, checks.check
PLANTED = {
    "a kind is no longer known": lambda plant: plant(registry, "_kinds", {}),
    "a code is no longer taken": lambda plant: plant(registry["hazard_site"].fields["risk"], "known", {"high"}),
    "an old field is asked for": lambda plant: plant(registry["hazard_site"].fields["keeper"], "needed", True),
    "an answer is dropped": lambda plant: plant(
        checks, "normalise", lambda kind, answers: _normalise(kind, {n: v for n, v in answers.items() if n != "done"})
    ),
    "an answer is cut": lambda plant: plant(
        checks,
        "normalise",
        lambda kind, answers: _normalise(kind, {n: v[:20] if isinstance(v, str) else v for n, v in answers.items()}),
    ),
    "answers of an older form are refused": lambda plant: plant(
        checks,
        "check",
        lambda kind, values, today: [*_check(kind, values, today), {"field": "name", "code": "not_text"}],
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(app: Flask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    PLANTED[name](monkeypatch.setattr)
    with pytest.raises(Exception):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        taken(app, "hazard_site-1.json")


def test_a_later_form_takes_what_an_older_one_filled(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Form 2 drops a field and asks for a new one: the old bodies are kept whole and only lack the new answer."""
    later = replace(_without(registry["hazard_site"], "keeper"), form=2)
    field = registry["hazard_site"].schema().fields["done"]
    field.needed = True  # type: ignore[attr-defined]
    object.__setattr__(later, "fields", {**later.fields, "new_question": field})
    monkeypatch.setitem(registry._kinds, "hazard_site", later)
    taken(app, "hazard_site-1.json")
