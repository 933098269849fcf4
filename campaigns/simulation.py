"""R-02: the phone's real code against the real application, through a network, clocks and batteries that fail by seed.

    python -m campaigns.simulation                          100,000 seeds, two processes
    python -m campaigns.simulation --seeds 1000             as in the test command
    python -m campaigns.simulation --seed 4711 --trace      one run, told line by line
    python -m campaigns.simulation --seed 4711 --bodies     the same with every body

Two or three people with two to four phones record, edit, withdraw and send in two wards, while an officer judges.
Requests and answers are lost, doubled, late, cut or a stranger's; browsers are killed between any two steps, two
pages share a store, batteries and disks fail, clocks jump, the server stops, dies in the middle or is restored,
people are moved and signed out. Then nothing fails any more, and after at most 200 rounds everything must be right:
tests/simulation/oracle.ts. A run is decided by its seed alone, byte for byte.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from app.config import ROOT
from campaigns import simulation_bugs
from campaigns.place import Place, folder
from campaigns.planted import BUGS
from campaigns.planted import planted as plant
from campaigns.quiet import quiet
from campaigns.report import Report, command
from campaigns.wire import Wire, serve, steered

NUMBER = "R-02 "
LONG = 100_000
NODE = ROOT / ".venv/node/node"
HERE = ROOT / "tests/simulation"
CORPUS = HERE / "corpus.json"
AT_ONCE = 20
FEW = 1  # at once with a planted bug, which the first may show
AGAIN = 100  # one run of so many is run a second time, and must be the same
SHOWN = 80
Run = dict[str, Any]
# Every page is the phone's whole code anew, mostly run once: compile it simply and at once. The other core is taken.
_FLAGS = (
    *("--max-semi-space-size=64", "--min-semi-space-size=64", "--single-threaded-gc"),
    *("--always-sparkplug", "--no-lazy-feedback-allocation"),
)


class Simulation:
    """The phones' process, and the server that it asks. `core`: which bundle of the phone's code."""

    def __init__(self, wire: Wire, bundles: Path, core: str) -> None:
        self.wire, self.core = wire, str(bundles / core)
        words = [NODE, *_FLAGS, bundles / "main.cjs"]
        env = {"TZ": "Asia/Ho_Chi_Minh", "PATH": ""}
        self.node = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)

    def runs(self, seeds: Sequence[str], told: str = "") -> list[Run]:
        """Run these seeds, one after the other. `told`: "lines" or "bodies", also of runs where nothing is wrong."""
        hear, tell = self.node.stdout, self.node.stdin
        assert hear is not None and tell is not None
        tell.write(json.dumps({"seeds": list(seeds), "core": self.core, "told": told}).encode() + b"\n")
        tell.flush()
        found: list[Run] = serve(self.wire, hear, tell)["runs"]
        return found

    def end(self) -> None:
        """Stop the phones' process."""
        for pipe in (self.node.stdin, self.node.stdout):
            if pipe:
                pipe.close()
        self.node.wait(10)


@contextmanager
def simulation(bug: str = "", bundles: Path | None = None) -> Iterator[Simulation]:
    """A simulation, ready to run seeds; with a planted bug of the server or of the phone. `bundles`: made before."""
    mutant = bug if bug not in BUGS else ""
    with tempfile.TemporaryDirectory(prefix="to-am-simulation-") as made, folder() as where, quiet():
        if bundles is None:
            build(Path(made), *filter(None, [mutant]))
        core = f"core-{mutant.replace(' ', '-')}.js" if mutant else "core.js"
        with plant(bug) if bug and not mutant else nullcontext():
            wire = Wire(Place(where))
            with steered(wire):
                started = Simulation(wire, bundles or Path(made), core)
                try:
                    yield started
                finally:
                    started.end()


def build(into: Path, *mutants: str) -> None:
    """Bundle the simulation and the phone's code, with these planted bugs beside."""
    subprocess.run([NODE, HERE / "build.mjs", into, *mutants], check=True, cwd=ROOT)


def mutants() -> list[str]:
    """The planted bugs of the phone's code."""
    words = [NODE, "--input-type=module", "-e", f"import {{ MUTANTS }} from '{HERE}/mutants.mjs';"]
    words[-1] += "console.log(JSON.stringify(Object.keys(MUTANTS)));"
    found: list[str] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    return found


def run(seed: int, seeds: int = LONG, processes: int = 2, planted: str = "") -> Report:
    """Run so many seeds from `seed` on, after those that failed once. With a planted bug only until it is seen."""
    report = Report("R-02 the phone's code against the server, simulated", seed)
    names = [str(seed + number) for number in range(seeds)]
    names = names if planted else [*corpus(), *names]
    step = FEW if planted else AT_ONCE
    parts = [names[start : start + step] for start in range(0, len(names), step)]
    if processes > 1 and not planted:
        with ProcessPoolExecutor(processes, initializer=_begin) as pool:
            for found in pool.map(_part, parts):
                _count(report, found)
        return report
    with simulation(planted) as made:
        for part in parts:
            _count(report, _checked(made, part))
            if planted and report.failures:
                break
    return report


def corpus() -> list[str]:
    """Seeds that failed once."""
    found: list[str] = json.loads(CORPUS.read_text())
    return found


def _checked(made: Simulation, part: Sequence[str]) -> list[Run]:
    """Run seeds; some of them twice."""
    found = made.runs(part)
    again = [one for one in found if int(one["seed"]) % AGAIN == 0]
    for first, second in zip(again, made.runs([one["seed"] for one in again]), strict=True):
        first["again"] = True
        if first["hash"] != second["hash"]:
            first["wrong"].append("a second run of the seed was another")
    return found


def _count(report: Report, found: Iterable[Run]) -> None:
    for one in found:
        told = {"seeds": 1, "run twice": "again" in one, **{name: one[name] for name in ("saves", "pushes", "sealed")}}
        report.counts.update({name: int(count) for name, count in told.items()})
        report.counts["most rounds to heal"] = max(report.counts["most rounds to heal"], one["rounds"])
        if one["wrong"]:
            tail = "\n      ".join(one["lines"][-SHOWN:])
            report.fail(f"seed {one['seed']}", "; ".join(one["wrong"][:5]) + f"\n      {tail}")


_here: list[Simulation] = []


def _begin() -> None:
    """In a process of the pool: a simulation that lives as long as the process."""
    stack = ExitStack()
    _here.append(stack.enter_context(simulation()))
    Finalize(None, stack.close, exitpriority=1)


def _part(part: Sequence[str]) -> list[Run]:
    return _checked(_here[0], part)


def _tell() -> None:
    """One run, line by line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--planted", default="")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--bodies", action="store_true")
    given = parser.parse_args()
    with simulation(given.planted) as made:
        (one,) = made.runs([given.seed], "bodies" if given.bodies else "lines")
    print("\n".join(one["lines"]), f"hash {one['hash']}", *one["wrong"], sep="\n")
    sys.exit(bool(one["wrong"]))


assert simulation_bugs  # imported for the bugs that it enters

if __name__ == "__main__":
    if {"--trace", "--bodies"} & set(sys.argv):
        _tell()
    command(run, __doc__, {"seeds": LONG, "processes": 2})
