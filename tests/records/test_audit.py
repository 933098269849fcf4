"""The log chain: what it says, and that no way of rewriting the past goes unseen by `flask verify`."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from app.db import db, transact
from app.records import chain, ledger
from app.records.audit import Audit
from app.records.chain import START, Head
from app.records.models import Change, Link, Record, RecordVersion
from app.records.models import Ward as Counter
from app.review.choice import choose
from app.sync import log
from app.sync.envelopes import Sent
from app.sync.judge import Sender
from app.sync.service import judge_again
from tests.cast import PEOPLE, PHUC_LOI, VIET_HUNG, Cast
from tests.conftest import MORNING, Clock
from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


@pytest.fixture
def pond(lan: Phone, ward: Ward) -> str:
    """A morning: three changes (one kept aside), a verdict, a change that waits and is released."""
    made = lan.record("hazard_site", **POND)
    lan.sync()
    lan.push("chẳng phải JSON")
    ward.judges(made, "return", "Chụp thêm hàng rào")
    late, early = lan.change(made, base=3, set={"risk": "high"}), lan.change(made, base=2, set={"depth": 3})
    lan.push(late)
    lan.push(early)
    lan.sync()
    return made


def links(app: Flask) -> list[dict[str, Any]]:
    with app.app_context():
        return [json.loads(text) for text in db.session.scalars(select(Link.facts).order_by(Link.no))]


def verify(app: Flask, *args: str) -> tuple[int, list[str]]:
    """The command's exit code and its findings."""
    result = app.test_cli_runner().invoke(args=["verify", *args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, [line for line in result.output.splitlines() if " links, head " not in line][:-1]


def head(app: Flask) -> str:
    with app.app_context():
        found = db.session.get_one(Counter, PHUC_LOI)
        return Head(found.chain_no, found.chain_hash).text()


def test_every_step_is_linked_in_its_order(app: Flask, pond: str, lan: Phone, cast: Cast, clock) -> None:
    found = links(app)
    assert [(fact["what"], fact.get("outcome")) for fact in found] == [
        ("change", "applied"),
        ("change", "quarantined"),
        ("verdict", None),
        ("change", "held"),
        ("change", "applied"),
        ("released", "applied"),
    ]
    first = found[0]
    assert (first["log_id"], first["person"], first["device"], first["seq"]) == (1, cast.lan.id, lan.device, 1)
    assert (first["record"], first["version"], first["received"]) == (pond, 1, clock.at.isoformat())
    assert "seq" not in found[1] and "at" not in found[1], "nothing can be said of what cannot be read"
    assert (found[2]["by"], found[2]["record"], found[2]["version"]) == (cast.minh.id, pond, 2)
    assert found[5]["log_id"] == found[3]["log_id"]
    assert verify(app) == (0, [])


def test_no_link_quotes_an_answer_or_a_name(app: Flask, pond: str, ward: Ward) -> None:
    with app.app_context():
        text = "".join(db.session.scalars(select(Link.facts)))
    for word in ("Ao nhà", "ngõ 12", "hàng rào", "Lan", "Minh", "DN1"):
        assert word not in text


def test_facts_of_other_features_are_linked_before_the_commit(app: Flask, clock: Clock) -> None:
    with app.app_context():
        with transact():
            ledger.note(VIET_HUNG, "read", by="Hà", log_id=None)
            ledger.note(PHUC_LOI, "read", by="Hà")
        with pytest.raises(ZeroDivisionError), transact():
            ledger.note(PHUC_LOI, "read", by="nobody")
            raise ZeroDivisionError
        with pytest.raises(RuntimeError):
            ledger.note(PHUC_LOI, "read", by="outside")
        rows = db.session.execute(select(Link.ward_id, Link.no, Link.facts, Link.hash).order_by(Link.ward_id)).all()
        text = f'{{"at":"{MORNING.isoformat(timespec="seconds")}","by":"Hà","what":"read"}}'
        sealed = chain.seal(chain.NO_HASH, text)
        assert [tuple(row) for row in rows] == [(PHUC_LOI, 1, text, sealed), (VIET_HUNG, 1, text, sealed)]


def test_what_the_desk_changes_in_the_log_fits_too(app: Flask, lan: Phone, cast: Cast, ward: Ward) -> None:
    hoa, pond = Phone(app, cast.hoa), lan.record("hazard_site", **POND)
    lan.sync()
    hoa.sync()
    for phone, risk in ((lan, "low"), (hoa, "high")):
        phone.edit(pond, name=f"Ao {risk}")
        phone.sync()
    with app.app_context(), transact():
        choose(cast.actor("Minh"), pond, ward.record(pond).version, "name", 1)
    (kept,) = lan.push(lan.change(kind="no_such_kind", set=POND))
    assert kept["outcome"] == "quarantined"
    with app.app_context(), transact():
        row = db.session.scalars(select(Change).where(Change.sha256 == kept["sha256"])).one()
        body = json.dumps({**json.loads(row.body), "kind": "hazard_site"})
        entry = replace(log._entry(Sent(body, None)), log_id=row.log_id, sha256=row.sha256)
        sender = Sender(cast.actor("Lan"), row.device, row.received_at, "2026-06-03")
        assert judge_again(entry, sender)["outcome"] == "applied"
    assert verify(app) == (0, [])
    assert [fact["what"] for fact in links(app)][-3:] == ["choice", "change", "judged_again"]


def test_the_seal_is_what_the_protocol_says() -> None:
    # printf '%064d\n{}' 0 | sha256sum
    assert chain.seal(chain.NO_HASH, "{}") == "5649d09ed68c17156095d175eef152856c5b1a81c117c409c1e00f096aa6838e"
    assert chain.read_head(START.text()) == START


def sql(statement: Any) -> Callable[[], None]:
    def run() -> None:
        db.session.execute(statement.execution_options(synchronize_session=False))

    return run


def edit(table: Any, where: Any, **values: Any) -> Callable[[], None]:
    return sql(update(table).where(where).values(**values))


def rewritten(keep: Callable[[int, dict[str, Any]], dict[str, Any] | None], *, heads: bool = True) -> None:
    """What a thorough forger does: the whole chain anew, with every hash and the ward's head made to fit."""
    rows = [(row.no, json.loads(row.facts)) for row in db.session.scalars(select(Link).order_by(Link.no))]
    db.session.execute(delete(Link))
    last = START
    for no, facts in rows:
        kept = keep(no, facts)
        if kept is not None:
            text = chain.canonical(kept)
            last = Head(last.no + 1, chain.seal(last.hash, text))
            db.session.execute(insert(Link), [{"ward_id": PHUC_LOI, "no": last.no, "facts": text, "hash": last.hash}])
    if heads:
        db.session.execute(update(Counter).values(chain_no=last.no, chain_hash=last.hash))


def swapped() -> None:
    for old, new in ((1, -1), (2, 1), (-1, 2)):
        db.session.execute(update(Link).where(Link.no == old).values(no=new))


def put_in_a_change() -> None:
    row = db.session.execute(select(Change.__table__).where(Change.log_id == 1)).one()._mapping
    db.session.execute(insert(Change), [{**row, "log_id": None, "change_id": "another", "person_id": row["person_id"]}])


def put_in_a_version() -> None:
    row = db.session.execute(select(RecordVersion.__table__).where(RecordVersion.version == 4)).one()._mapping
    db.session.execute(insert(RecordVersion), [{**row, "version": 5}])


def cut_the_tail() -> None:
    """The last change and all that came of it, gone without a trace in this database."""
    rewritten(lambda no, facts: None if no == 6 else facts)
    db.session.execute(update(Change).where(Change.log_id == 3).values(outcome="held"))
    db.session.execute(delete(RecordVersion).where(RecordVersion.version == 4))
    before = db.session.execute(
        select(RecordVersion.data, RecordVersion.status).where(RecordVersion.version == 3)
    ).one()
    db.session.execute(update(Record).values(version=3, data=before.data, status=before.status))


DATA = {**POND, "name": "Ao đã lấp"}
TAMPERED: dict[str, tuple[Callable[[], None], str]] = {
    "a link is edited": (edit(Link, Link.no == 2, facts='{"what":"change"}'), "Link 2 was changed"),
    "a link is edited into nonsense": (edit(Link, Link.no == 2, facts="["), "Link 2 was changed"),
    "a link is edited and its hash made to fit": (
        edit(Link, Link.no == 2, facts="{}", hash=chain.seal("0" * 64, "{}")),
        "Link 2 was changed",
    ),
    "a link is deleted": (sql(delete(Link).where(Link.no == 3)), "After link 2 comes link 4"),
    "two links are swapped": (swapped, "Link 1 was changed"),
    "a link is put in": (
        lambda: rewritten(lambda no, facts: {"what": "read"} if no == 2 else facts, heads=False),
        "own head",
    ),
    "the last link is deleted": (sql(delete(Link).where(Link.no == 6)), "own head is 6, its last link is 5"),
    "the chain is made anew without a change": (
        lambda: rewritten(lambda no, facts: None if no == 2 else facts),
        "Change 2 has no link",
    ),
    "the chain is made anew in another order": (
        lambda: rewritten(lambda no, facts: {**facts, "log_id": {1: 2, 2: 1}.get(facts.get("log_id"), 3)}),
        "was changed",
    ),
    "a change's body is edited": (edit(Change, Change.log_id == 1, body=b"{}"), "body"),
    "a body and its hash": (
        edit(
            Change,
            Change.log_id == 2,
            body=b"{}",
            sha256="44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        ),
        "sha256",
    ),
    "who sent it": (
        edit(Change, Change.log_id == 1, person_id=PEOPLE["Hoa"].id),
        "person_id",
    ),
    "from which phone": (edit(Change, Change.log_id == 1, device="another"), "device"),
    "its number": (edit(Change, Change.log_id == 1, seq=77), "seq"),
    "its record": (edit(Change, Change.log_id == 1, record_id="another"), "record_id"),
    "what became of it": (edit(Change, Change.log_id == 2, outcome="applied"), "its last link says quarantined"),
    "what became of a released one": (edit(Change, Change.log_id == 3, outcome="held"), "its last link says"),
    "a change is deleted": (sql(delete(Change).where(Change.log_id == 2)), "Change 2 of link 2 is gone"),
    "a change is put in": (put_in_a_change, "has no link"),
    "a version is edited": (edit(RecordVersion, RecordVersion.version == 1, data=DATA), "was changed: data"),
    "a version's status": (edit(RecordVersion, RecordVersion.version == 1, status="closed"), "was changed: status"),
    "a verdict is edited": (edit(RecordVersion, RecordVersion.version == 2, review={"note": "khác"}), "review"),
    "a version is deleted": (sql(delete(RecordVersion).where(RecordVersion.version == 3)), "has a link and is gone"),
    "a version is put in": (put_in_a_version, "has no link"),
    "the record is edited": (edit(Record, Record.version == 4, data=DATA), "not what its latest version says"),
    "the record's status": (edit(Record, Record.version == 4, status="closed"), "not what its latest version says"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampering_is_seen(app: Flask, pond: str, name: str) -> None:
    tamper, words = TAMPERED[name]
    with app.app_context(), transact():
        tamper()
    code, findings = verify(app)
    assert code == 1
    assert any(words in line for line in findings), findings


def test_a_cut_tail_is_seen_by_whoever_saw_it(app: Flask, pond: str, lan: Phone) -> None:
    lan.cursor = None
    lan.sync()
    seen = lan.witness
    assert seen == head(app)
    assert verify(app, "--witness", seen, "--ward", "00136") == (0, [])
    with app.app_context(), transact():
        cut_the_tail()
    assert verify(app) == (0, []), "whoever rewrites everything leaves no trace here"
    code, findings = verify(app, "--witness", seen, "--ward", "00136")
    assert code == 1
    assert findings == ["phường Phúc Lợi: Link 6, as it was seen, is not in the chain: the log was rewritten."]
    assert lan.asks_digest(seen)["chain"] == "unknown"


@pytest.mark.parametrize(
    "args", [("--witness", "6"), ("--witness", START.text()), ("--witness", START.text(), "--ward", "x")]
)
def test_a_witness_must_be_whole(app: Flask, args: tuple[str, ...]) -> None:
    assert app.test_cli_runner().invoke(args=["verify", *args]).exit_code == 1


def test_the_walk_asks_no_more_for_more_records(app: Flask, lan: Phone, statements) -> None:
    counts = []
    for _ in range(2):
        for number in range(40):
            lan.record("hazard_site", **POND, depth=number)
        lan.sync()
        with app.app_context(), statements() as seen:
            assert list(Audit().findings()) == []
            db.session.rollback()
        counts.append(len(seen))
    assert counts[0] == counts[1]
