"""docs/faults.md: the catalogue of reliability tests, with every planted bug as the code names it.

    python -m tests.contract.faults_page         writes the page

What a test does is said here; which bugs were planted is read from the code, without running it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
MUTANTS = "tests/simulation/mutants.mjs"
LISTS = ("PLANTED", "SCENARIOS", "BUGS")


@dataclass(frozen=True)
class Row:
    """One test of the catalogue. `quick`: what runs in the test command; `long`: the campaign's module, "" for none."""

    number: str
    does: str
    oracle: str
    quick: str
    figure: str  # how much the test command does
    long: str = ""
    figure_long: str = ""


ROWS = (
    Row(
        "R-01",
        "three phones of two people in two wards and an officer, in whatever order Hypothesis thinks of",
        "after every step nothing receipted is lost or doubled, stored receipts come again, chains hold, no ward sees"
        " another's; after healing all queues are empty and every lost number is seen",
        "tests/faults/test_machine.py",
        "500 × 50 steps",
        "machine",
        "20,000 × 60",
    ),
    Row(
        "R-02",
        "the phone's real code against the real server through a network, clocks and disks that fail by seed",
        "nothing saved is lost or doubled, every phone has what is its person's, a seed is one run",
        "tests/simulation/test_simulation.py",
        "1,000 seeds",
        "simulation",
        "100,000",
    ),
    Row(
        "R-03",
        "kill −9 of the server while phones push",
        "every receipt's change is there once with its bytes, of an unanswered batch all or nothing",
        "tests/faults/test_kill.py",
        "200 kills",
        "kill",
        "3,000",
    ),
    Row(
        "R-04",
        "the power goes; unsynced writes stay, vanish or tear",
        "the file is whole and holds everything that was receipted",
        "tests/faults/test_power.py",
        "2,000 cuts",
        "power",
        "30,000",
    ),
    Row(
        "R-05",
        "a failure at every statement, change and commit of one batch",
        "all of it or nothing; sent again, as if nothing had failed",
        "tests/faults/test_steps.py",
        "every step",
        "steps",
        "every step",
    ),
    Row(
        "R-06",
        "the line breaks in the request and in the answer",
        "nothing is lost, nobody else waits",
        "tests/faults/test_cuts.py",
        "every 16th byte",
        "cuts",
        "every byte",
    ),
    Row(
        "R-07",
        "one phone's changes in every order, late and again",
        "the record ends as the phone shows it; gaps open and close with the numbers",
        "tests/faults/test_orders.py",
        "4 changes, every order",
        "orders",
        "6 changes",
    ),
    Row(
        "R-08",
        "several people edit the same fields",
        "no value vanishes that nobody had seen; the greater danger stays in force",
        "tests/faults/test_rivals.py",
        "250 records",
        "rivals",
        "20,000",
    ),
    Row(
        "R-09",
        "the same changes at the same moment over several connections",
        "stored once, answered alike",
        "tests/faults/test_twins.py",
        "80 rounds",
        "twins",
        "2,000",
    ),
    Row(
        "R-10",
        "JSONTestSuite and naughty strings in every place",
        "kept byte for byte, shown as text, never a fault of ours, nothing in a log",
        "tests/faults/test_hostile.py",
        "every 8th text",
        "hostile",
        "every text",
    ),
    Row(
        "R-11",
        "the ward's disk is full or read-only",
        "503 with Retry-After, the database as before; with room again, the same receipts",
        "tests/faults/test_full.py",
        "every 8 kB of room",
        "full",
        "every 256 bytes",
    ),
    Row(
        "R-12",
        "the browser is killed around a save",
        "what was said to be saved is there",
        "tests/browser/test_kill.py",
        "30 kills",
        "browser_kill",
        "500",
    ),
    Row(
        "R-13",
        "the phone has no room left",
        "words are saved first, lists go first, the outbox never",
        "tests/client/room.test.ts tests/browser/test_full.py",
        "each case",
    ),
    Row(
        "R-14",
        "twelve ways in which a new version meets an old one",
        "nothing written is lost, the app opens",
        "tests/browser/test_updates.py",
        "12 scenarios",
    ),
    Row(
        "R-15",
        "rights end while a phone is out",
        "every change gets a receipt; kept aside with its reason where the right is gone",
        "tests/intake/test_rights_lost.py tests/browser/test_rights_lost.py",
        "each case",
    ),
    Row(
        "R-16",
        "bodies of every form ever released",
        "taken as on their day",
        "tests/contract/test_forms.py",
        "every body",
    ),
    Row(
        "R-17",
        "a change that nothing can read, among good ones",
        "the others go on; it is kept, read, repaired, released",
        "tests/quarantine/test_releasing.py tests/client/lanes.test.ts",
        "each case",
    ),
    Row(
        "R-18",
        "a phone loses what it wrote",
        "the desk sees exactly the lost numbers",
        "tests/sync/test_losses.py",
        "by hand and at random",
    ),
    Row(
        "R-19",
        "wrong clocks on phones and server",
        "nothing is lost, the order is that of arrival",
        "tests/faults/test_clocks.py",
        "80 rounds",
        "clocks",
        "2,000",
    ),
    Row(
        "R-20",
        "two people on one phone, signing out, other tabs",
        "neither sees nor loses the other's work",
        "tests/browser/test_two_people.py",
        "each case",
    ),
    Row(
        "R-21",
        "proxies and hostile requests",
        "a clear answer, no harm, memory stays where it is",
        "tests/faults/test_proxies.py",
        "300 damaged requests",
        "proxies",
        "20,000",
    ),
    Row(
        "R-22",
        "yesterday's backup comes back, twenty phones bring back today",
        "everything receipted is there once, no queue, no gap",
        "tests/faults/test_drill.py",
        "the drill",
        "drill",
        "400",
    ),
    Row(
        "R-23",
        "backups damaged, cut, swapped or never finished",
        "noticed, and nothing half restored",
        "tests/backup/test_damage.py",
        "each damage",
    ),
    Row(
        "R-24",
        "five hundred phones in a minute; the feed under sixteen writers",
        "every change once, every phone complete, the poller misses none",
        "tests/faults/test_load.py tests/faults/test_feed.py",
        "40 phones; 400 changes",
        "load",
        "500 phones",
    ),
    Row(
        "K-01",
        "the keys at rest and the keys to which phones seal are changed while phones push, by commands killed half-way",
        "no push fails, every receipt's change is there, all of it opens under the newest key alone",
        "tests/faults/test_rotation.py",
        "20 kills",
        "rotation",
        "200",
    ),
)
_HEAD = """# Faults and what survives them

Written by `python -m tests.contract.faults_page`; the list of planted bugs is read from the code. The numbers are
those of the project's catalogue of reliability tests, K-01 is beside them; where the catalogue's own words could not
be read (R-07, R-11 and others) the meaning is ours, taken from the promises beside them. The long campaigns are
commands; what they found stands in `docs/reports/`. Every random test prints its seed. A campaign takes `--seed` and
`--planted "<name>"`.

| | what happens | what must be true | in the test command | long campaign |
|---|---|---|---|---|
"""


def written() -> str:
    """The page as it should be."""
    groups = planted()
    count = sum(map(len, groups.values()))
    lines = [f"\n## Planted bugs: {count}\n", "Each is a case of a test that must fail with it, kept switchable.\n"]
    for source, names in groups.items():
        lines += [f"\n`{source}` ({len(names)})\n", *(f"- {name}" for name in names)]
    return _HEAD + "\n".join(map(_row, ROWS)) + "\n" + "\n".join(lines) + "\n"


def files_of(row: Row) -> tuple[list[str], list[str]]:
    """The files of a row's quick tier: (those that are there, those that are not yet)."""
    files = row.quick.split()
    there = [file for file in files if (ROOT / file).exists()]
    return there, [file for file in files if file not in there]


def planted() -> dict[str, list[str]]:
    """The planted bugs by the file that plants them."""
    found: dict[str, list[str]] = {}
    for path in sorted([*(ROOT / "campaigns").glob("*.py"), *(ROOT / "tests").glob("*/*.py")]):
        if names := list(_names(ast.parse(path.read_text(encoding="utf-8")))):
            found[str(path.relative_to(ROOT))] = names
    found[MUTANTS] = re.findall(r'^  "([^"]+)": \[', (ROOT / MUTANTS).read_text(encoding="utf-8"), re.MULTILINE)
    return found


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "bug":
            yield from (str(named.value) for named in node.args if isinstance(named, ast.Constant))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_plant":
            name, fault = map(ast.unparse, node.args)
            yield f"`{name[1:-1]}` is `{fault}`"
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id in LISTS for target in targets):
                yield from (str(key.value) for key in node.value.keys if isinstance(key, ast.Constant) and key.value)


def _row(row: Row) -> str:
    there, missing = files_of(row)
    quick = f"{', '.join(f'`{file}`' for file in there)}: {row.figure}" if there else ""
    if missing:
        quick += f"{'; ' if quick else ''}not yet: {', '.join(f'`{file}`' for file in missing)}"
    long = f"`python -m campaigns.{row.long}`: {row.figure_long}" if row.long else ""
    return f"| {row.number} | {row.does} | {row.oracle} | {quick} | {long} |"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
