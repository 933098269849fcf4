"""Figures for Prometheus. Nothing in them names or counts one person or one phone.

With gunicorn each worker counts in files of the folder PROMETHEUS_MULTIPROC_DIR, which `serving.py` makes, and
whichever worker is asked adds them up. Without that folder this process counts for itself.
"""

import os
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

# The library decides by the same variable, once, when it is loaded.
_SHARED = "PROMETHEUS_MULTIPROC_DIR" in os.environ
_OWN = CollectorRegistry()
_SECONDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)

_requests = Counter("to_am_requests", "Requests answered.", ["route", "status"], registry=_OWN)
_seconds = Histogram("to_am_request_seconds", "Time to answer.", ["route"], buckets=_SECONDS, registry=_OWN)
_problems = Counter("to_am_problems", "Problems told, by code.", ["code"], registry=_OWN)
_receipts = Counter("to_am_receipts", "Receipts given to phones, by outcome.", ["outcome"], registry=_OWN)


def note_request(route: str, status: int, seconds: float, problem: str | None) -> None:
    """Count an answer. `route`: the endpoint's name."""
    answered, took = _of(route, status)
    answered.inc()
    took.observe(seconds)
    if problem:
        _problems.labels(problem).inc()


@cache
def _of(route: str, status: int) -> tuple[Counter, Histogram]:
    """What counts these answers: there are as many as routes, and finding them costs more than counting."""
    return _requests.labels(route, str(status)), _seconds.labels(route)


def note_receipts(receipts: Iterable[Mapping[str, Any]]) -> None:
    """Count receipts that were committed."""
    for outcome, count in Tally(receipt["outcome"] for receipt in receipts).items():
        _receipts.labels(outcome).inc(count)


def text(standing: Mapping[str, tuple[str, float]]) -> bytes:
    """Everything in Prometheus' text format. `standing`: figures of this moment, name -> (what it is, value)."""
    registry = CollectorRegistry()
    registry.register(_Standing(standing))
    if _SHARED:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(_OWN)


class _Standing(Collector):
    def __init__(self, figures: Mapping[str, tuple[str, float]]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """One gauge each."""
        for name, (what, value) in self._figures.items():
            yield GaugeMetricFamily(f"to_am_{name}", what, value=value)
