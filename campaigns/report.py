"""What a campaign tells: date, command, seed, counts, figures, failures, and what was not run."""

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

MOST_SHOWN = 20


@dataclass
class Report:
    """The outcome of one run. `failures` says in words what was lost, doubled or broken, each with its case."""

    title: str  # "R-03 kill -9 of the server during pushes"
    seed: int
    command: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    figures: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    _since: float = field(default_factory=time.monotonic)

    def fail(self, case: str, what: str) -> None:
        """Note a failure of one case."""
        self.failures.append(f"{case}: {what}")

    def text(self) -> str:
        """The page that a person reads."""
        lines = [
            self.title,
            f"  command   {self.command or '(from a test)'}",
            f"  date      {self.began:%Y-%m-%d %H:%M} UTC, {time.monotonic() - self._since:.0f} s",
            f"  seed      {self.seed}",
            *(f"  {'counts' if not place else '':9} {one}" for place, one in enumerate(_pairs(self.counts))),
            *(f"  {'figures' if not place else '':9} {one}" for place, one in enumerate(_pairs(self.figures))),
            f"  failures  {len(self.failures)}",
            *(f"    {failure}" for failure in self.failures[:MOST_SHOWN]),
        ]
        if len(self.failures) > MOST_SHOWN:
            lines.append(f"    and {len(self.failures) - MOST_SHOWN} more")
        lines += [f"  not run   {one}" for one in self.not_run]
        return "\n".join(lines)


def command(run: Callable[..., Report], about: str | None, counts: Mapping[str, int], *, variants: str = "") -> None:
    """A campaign's command line: `--seed`, one option per count with its long value, `--planted` for a planted bug.

    Prints the report; exits 1 when something failed.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=20260603)
    parser.add_argument("--planted", default="", help="a planted bug by name; docs/faults.md lists them")
    for name, usual in counts.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    if variants:
        parser.add_argument(f"--{variants}", default="")
    given = vars(parser.parse_args())
    logging.disable(logging.CRITICAL)  # what fails here is meant to; what matters is in the report
    report = run(**given)
    report.command = " ".join(["python -m", f"campaigns.{_module()}", *sys.argv[1:]])
    print(report.text(), flush=True)
    sys.exit(1 if report.failures else 0)


def _pairs(found: Mapping[str, object]) -> list[str]:
    return [f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}" for name, value in found.items()]


def _module() -> str:
    return sys.argv[0].rsplit("/", 1)[-1].removesuffix(".py")
