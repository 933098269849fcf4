"""Runs all of pytest's tests as a few jobs, two at a time, one for each core; the longest first.

    .venv/bin/python tools/test_jobs.py          all of them, as `make test` does
    .venv/bin/python tools/test_jobs.py pages    only the jobs that are named

Each job's last lines are printed when it ends, more of them when it failed (all are in `var/`).
The exit code is 0 when none did.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AT_ONCE = 2
PYTHON = sys.executable
PYTEST = [PYTHON, "-m", "pytest", "-q"]
APART = ["browser", "faults", "simulation"]
PAGES = "tests/browser/test_pages.py"
# Together they are everything: what has no job of its own is in the first.
JOBS = {
    "sqlite": [*PYTEST, *(f"--ignore=tests/{folder}" for folder in APART)],
    "postgresql": [PYTHON, "-m", "campaigns.cluster", *PYTEST, "--ignore=tests/browser"],
    "browser": [*PYTEST, "tests/browser", f"--ignore={PAGES}"],
    "simulation": [*PYTEST, "tests/simulation"],
    "faults": [*PYTEST, "tests/faults"],
    "pages": [*PYTEST, PAGES],
}
SHOWN, SHOWN_OF_A_FAILURE = 12, 400


def job(name: str) -> bool:
    """Run one and print how it went; whether it passed."""
    log = Path("var") / f"tests-{name}.log"
    began = time.monotonic()
    with log.open("w") as out:
        passed = subprocess.run(JOBS[name], stdout=out, stderr=subprocess.STDOUT).returncode == 0
    lines = log.read_text(errors="replace").splitlines()
    head = f"--- {name}: {'passed' if passed else 'FAILED'}, {time.monotonic() - began:.0f} s"
    print("\n".join([head, *lines[-(SHOWN if passed else SHOWN_OF_A_FAILURE) :]]), flush=True)
    return passed


if __name__ == "__main__":
    Path("var").mkdir(exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE) as workers:
        results = list(workers.map(job, sys.argv[1:] or JOBS))
    sys.exit(not all(results))
