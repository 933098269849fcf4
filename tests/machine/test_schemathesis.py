"""Schemathesis at the machine door: what the document says is what is answered, whatever is asked.

Prints its seed; TO_AM_TEST_SEED=<n> runs the same again.
"""

import os
import random
from collections import Counter
from datetime import date
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import ignored_auth

from app.clock import now, today
from app.db import db, transact
from app.identity.sessions import hash_token
from app.kinds import registry
from app.machine.models import MachineToken
from tests.cast import CITY, PEOPLE
from tests.desk.records import BEATEN, DUC, POND, a_place, make

CASES, SHARE = 2_000, 200
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
TOKEN = "ta_only-for-schemathesis"


def fill(app: Flask) -> None:
    """A few records of every kind, odd ones among them, and a token for all of them."""
    with app.app_context():
        child = make("child", {**DUC, "poverty_year": "2025", "circumstances": "not a list"})
        make(
            "child_visit",
            {"child": child, "visited_on": "2026-06-02", "gift_value": "nhiều", "met": ["child"]},
            parent=child,
        )
        make("violation_report", {**BEATEN, "child_age": 7.5, "place": {"lat": True}})
        pond = make(data={**POND, "place": a_place(), "past_on": "2019", "depth": "sâu"})
        make("hazard_check", {"site": pond, "checked_on": "hôm qua", "found": ["dangerous"]}, parent=pond)
        make(data=POND, status="withdrawn")
        whole = {"unit_id": CITY, "depth": "all", "kinds": list(registry), "last_day": date(9999, 1, 1)}
        who = PEOPLE["Anh"].id
        with transact():
            db.session.add(
                MachineToken(
                    token_hash=hash_token(TOKEN),
                    name="thử",
                    made_by=who,
                    made_at=now(),
                    agreed_by=who,
                    agreed_at=now(),
                    **whole,
                )
            )
        assert today() < date(9999, 1, 1)


@pytest.mark.sqlite
def test_every_answer_is_as_the_document_says(app: Flask) -> None:
    fill(app)
    number = int(os.environ.get("TO_AM_TEST_SEED", random.SystemRandom().randrange(2**32)))
    print(f"seed {number}")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    asked: list[int] = []
    for operation in [found.ok() for found in schema.get_all_operations()]:
        # What has no parameters can be asked in one way only; wrong paging is asked for too.
        asks(operation, POSITIVE, number, SHARE if operation.path_parameters or operation.query else 2, asked)
        if operation.query:
            asks(operation, NEGATIVE, number, SHARE // 2, asked)
    print(f"{len(asked)} cases: {Counter(asked)}")
    assert len(asked) >= CASES and asked.count(200) > CASES / 5 and asked.count(422) > CASES / 20


def asks(operation: Any, mode: Any, number: int, times: int, asked: list[int]) -> None:
    """So many requests of one sort, each answer held against the document."""

    @seed(number)
    @settings(max_examples=times, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        # Packed answers are tested elsewhere; that a wrong token opens nothing too, and here every token is right.
        answer = case.call(headers={"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "identity"})
        case.validate_response(answer, excluded_checks=[ignored_auth])
        asked.append(answer.status_code)

    ask()
