"""R-01: three phones of two people in two wards and an officer, in whatever order Hypothesis thinks of.

    python -m campaigns.machine                                20,000 examples of 60 steps
    python -m campaigns.machine --examples 500 --steps 50      as in the test command
    python -m campaigns.machine --seed 4 --first 7 --examples 100    only the eighth hundred of that seed
    python -m campaigns.machine --shrink 1                     and look for the shortest way to a failure

Against the real application: people record, edit the same and other answers, withdraw, lose the signal; requests and
answers get lost, old requests and old changes come again, changes come out of order; people are moved to another group
or ward, an officer judges and chooses, sign-ins end and phones hand in without one, a phone loses a change, the
database goes back to an earlier state under a new epoch. After every step: no change that was receipted is lost or
doubled, an old one gets its stored receipt, the chains hold, nothing crosses a ward, and what became of each change can
be explained. After every whole pass the phone has exactly what its person may carry. At the end everything heals: the
queues empty within 200 rounds, everything written is there with its effect, and each lost number is seen at the desk.

The seed decides everything; a failure tells its steps. A run that is interrupted tells what it did until then.
"""

import json
import signal
import sys
from collections.abc import Callable
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.reporting import with_reporter
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from campaigns import machine_bugs, machine_oracle
from campaigns import machine_words as words
from campaigns.machine_phone import Handset
from campaigns.machine_world import GROUPS, OFFICERS_WARD, World, steered
from campaigns.place import Place, close, folder
from campaigns.planted import planted as planting
from campaigns.quiet import quiet
from campaigns.report import Report, command
from campaigns.stopped import stopped
from tests.phone import Entry, Json

LONG, STEPS = 20_000, 60
PART = 100  # examples that one seed of Hypothesis decides


class Machine(RuleBasedStateMachine):
    """One rule for each thing that can happen. `pick` chooses among what there is."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.world.begin()
        self.world.counts["examples"] += 1
        self.phones = self.world.phones

    # People at work. What they do most has more than one name, since every rule comes as often as any other.

    @rule(phone=words.PHONE, form=words.FORM)
    def records(self, phone: int, form: int) -> None:
        self._record(self.phones[phone], form)

    @rule(phone=words.PHONE, form=words.FORM)
    def records_and_sends(self, phone: int, form: int) -> None:
        self._record(self.phones[phone], form)
        self._pass(self.phones[phone])

    @rule(phone=words.PHONE, pick=words.PICK, what=words.PICK)
    def edits(self, phone: int, pick: int, what: int) -> None:
        self._edit(self.phones[phone], pick, lambda kind: words.EDITS[kind][what % len(words.EDITS[kind])])

    @rule(phone=words.PHONE, pick=words.PICK, what=words.PICK)
    def edits_and_sends(self, phone: int, pick: int, what: int) -> None:
        self.edits(phone, pick, what)
        self._pass(self.phones[phone])

    @rule(pick=words.PICK, texts=st.permutations(words.OWN_TEXTS))
    def all_edit_one_answer(self, pick: int, texts: list[str | None]) -> None:
        for handset, text in zip(self.phones, texts, strict=False):
            self._edit(handset, pick, lambda kind, text=text: {words.OWN_WORDS[kind]: text})

    @rule(phone=words.PHONE, pick=words.PICK)
    def edits_many_answers(self, phone: int, pick: int) -> None:
        self._edit(self.phones[phone], pick, words.all_edits)

    @rule(phone=words.PHONE, pick=words.PICK)
    def settles_a_conflict(self, phone: int, pick: int) -> None:
        handset = self.phones[phone]
        open_ = [(r["id"], clash) for r in handset.store.values() for clash in r["conflicts"]]
        if open_:
            record, clash = open_[pick % len(open_)]
            handset.edit(record, **{clash["field"]: clash["other" if pick % 2 else "kept"]})

    @rule(phone=words.PHONE, pick=words.PICK)
    def withdraws(self, phone: int, pick: int) -> None:
        handset = self.phones[phone]
        if handset.store:
            handset.withdraw(sorted(handset.store)[pick % len(handset.store)], "ghi nhầm")

    # The line.

    @rule(phone=words.PHONE)
    def signal_goes(self, phone: int) -> None:
        self.phones[phone].online = False

    @rule()
    def signal_comes(self) -> None:
        for handset in self.phones:
            if not handset.online:
                handset.online = True
                self._pass(handset)
            if handset.is_signed_out:
                self.world.signs_in(handset)

    @rule(phone=words.PHONE)
    def syncs(self, phone: int) -> None:
        self._pass(self.phones[phone])

    @rule(phone=words.PHONE, fates=st.sampled_from(words.FATES))
    def line_breaks(self, phone: int, fates: list[str]) -> None:
        self.phones[phone].fates = list(fates)
        self._pass(self.phones[phone])

    @precondition(lambda self: any(phone.requests for phone in self.phones))
    @rule(pick=words.PICK)
    def an_old_request_comes_again(self, pick: int) -> None:
        old = [(phone, request) for phone in self.phones for request in phone.requests]
        phone, (packed, envelope) = old[pick % len(old)]
        phone.again(packed, envelope)
        self.world.counts["old requests"] += 1

    @rule(phone=words.PHONE, order=st.permutations(range(5)), doubled=st.booleans())
    def sends_out_of_order(self, phone: int, order: list[int], doubled: bool) -> None:
        handset = self.phones[phone]
        some = [handset.outbox[place] for place in order[:3] if place < len(handset.outbox)]
        if handset.online and some:
            handset.sends([*some, some[0]] if doubled else some)

    @rule(phone=words.PHONE, pick=words.PICK)
    def sends_old_changes(self, phone: int, pick: int) -> None:
        handset = self.phones[phone]
        old = [entry for entry in handset.written.values() if entry.id not in handset.lost]
        if handset.online and old:
            start = pick % len(old)
            handset.sends(list(reversed(old[start : start + 4])))
            self.world.counts["old changes"] += len(old[start : start + 4])

    @rule(phone=words.PHONE, pick=words.PICK)
    def other_words_come_under_an_old_id(self, phone: int, pick: int) -> None:
        handset = self.phones[phone]
        told = {body for body, _ in self.world.told.values()}
        known = [entry for entry in handset.written.values() if entry.body in told]
        if handset.online and known:
            self._garble(handset, known[pick % len(known)])

    @rule(phone=words.PHONE, pick=words.PICK, what=st.sampled_from(words.TROUBLES))
    def something_befalls_a_phone(self, phone: int, pick: int, what: str) -> None:
        handset = self.phones[phone]
        if what == "starts over":
            handset.cursor = ""
        elif what == "loses its sign-in":
            handset.client.delete_cookie("__Host-phone", domain="localhost")
        elif handset.outbox:
            lost = handset.outbox.pop(pick % len(handset.outbox))
            handset.lost.add(lost.id)
            self.world.counts["planted losses"] += 1

    # The ward.

    @rule(pick=words.PICK, verdict=st.sampled_from(words.VERDICTS), late=st.booleans())
    def an_officer_judges(self, pick: int, verdict: str, late: bool) -> None:
        found = self.world.rows("SELECT id, version FROM record WHERE ward_id = ? ORDER BY id", OFFICERS_WARD)
        if found:
            one = found[pick % len(found)]
            self.world.judges(one["id"], one["version"] - late, verdict)

    @rule(pick=words.PICK)
    def an_officer_chooses(self, pick: int) -> None:
        wanted = "SELECT id, version, conflicts FROM record"
        wanted += " WHERE ward_id = ? AND CAST(conflicts AS TEXT) != '[]' ORDER BY id"
        found = self.world.rows(wanted, OFFICERS_WARD)
        if found:
            one = found[pick % len(found)]
            self.world.chooses(one["id"], one["version"], json.loads(one["conflicts"])[0]["field"], pick % 2)

    @rule(person=words.PERSON, unit=st.sampled_from(GROUPS), what=st.sampled_from(words.BEFALLS))
    def something_befalls_a_person(self, person: str, unit: int, what: str) -> None:
        if what in ("moved", "sends and is moved"):
            for handset in self.phones if what != "moved" else ():
                self._pass(handset)
            machine_oracle.after_a_step(self.world)  # by the rights of before
            self.world.moves(person, unit)
        else:
            self.world.signs_out(person, trusted=what == "signed out")
        self.world.counts[what] += 1

    @rule(what=st.sampled_from(("backs up", "restores")))
    def something_befalls_the_database(self, what: str) -> None:
        self.world.backs_up() if what == "backs up" else self.world.restores()

    @rule(phone=words.PHONE, fates=st.sampled_from(([], [], ["request"], ["answer"])))
    def hands_in(self, phone: int, fates: list[str]) -> None:
        handset = self.phones[phone]
        if handset.online and handset.outbox:
            handset.fates = list(fates)
            handset.hands_in()
            self.world.counts["handed in"] += 1

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.world.counts["steps"] += 1
        self.world.clock.move(minutes=1)
        machine_oracle.after_a_step(self.world)

    def teardown(self) -> None:
        """Heal, unless something was wrong already."""
        if sys.exc_info()[0] is None:
            machine_oracle.heal(self.world)
            machine_oracle.in_the_end(self.world)

    def _pass(self, handset: Handset) -> None:
        if handset.online and handset.passes():
            machine_oracle.after_a_pass(self.world, handset)

    def _record(self, handset: Handset, form: int) -> None:
        kind, answers = words.NEW[form]
        handset.record(kind, **answers)

    def _edit(self, handset: Handset, pick: int, answers: Callable[[str], Json]) -> None:
        kinds = {record["id"]: record["kind"] for record in handset.store.values()}
        kinds |= {entry.record: entry.change["kind"] for entry in handset.outbox if "set" in entry.change}
        if kinds:
            record = [*kinds][pick % len(kinds)]
            handset.edit(record, **answers(kinds[record]))

    def _garble(self, handset: Handset, known: Entry) -> None:
        other = Entry(known.id, known.record, known.body.replace("{", '{"note": "sửa tay", ', 1))
        self.world.garbled.add(other.sha256)
        handset.sends([other])
        handset.requests.pop()  # it would be the first under its id in a database that was put back


def run(
    seed: int, examples: int = LONG, steps: int = STEPS, first: int = 0, shrink: int = 0, planted: str = ""
) -> Report:
    """Play so many examples, `PART` by `PART`, from the part `first` on. With a planted bug until it is seen."""
    report = Report("R-01 three phones, two people, two wards (SQLite)", seed)
    with folder() as where, stopped() as clock, steered(World(Place(where), clock)) as world, quiet():
        Machine.world, world.counts = world, report.counts
        with planting(planted):
            _play(report, _parts(examples, first), steps, Phase.shrink if shrink else Phase.generate)
        close(world.app)
        world.look.close()
    return report


def _parts(examples: int, first: int) -> list[tuple[int, int]]:
    """(number, examples) of each part."""
    return [(first + start // PART, min(PART, examples - start)) for start in range(0, examples, PART)]


def _play(report: Report, parts: list[tuple[int, int]], steps: int, last: Phase) -> None:
    for number, examples in parts:
        lines: list[str] = []
        try:
            with with_reporter(lines.append):
                _play_part(report.seed * 1_000_000 + number, examples, steps, last)
        except KeyboardInterrupt:
            left = sum(count for part, count in parts if part >= number)
            report.not_run.append(
                f"it was interrupted in part {number}: of the last {left} examples not all were played"
            )
            return
        except Exception as error:
            told = "\n      ".join(
                line for text in [*lines, *getattr(error, "__notes__", [])] for line in text.splitlines()
            )
            report.fail(f"part {number}", f"{type(error).__name__}: {str(error)[:1000]}\n      {told}")
            return


def _play_part(number: int, examples: int, steps: int, last: Phase) -> None:
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, last],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seeded(number)(Machine), settings=how)


assert machine_bugs  # imported for the bugs that it enters

if __name__ == "__main__":
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    command(run, __doc__, {"examples": LONG, "steps": STEPS, "first": 0, "shrink": 0})
