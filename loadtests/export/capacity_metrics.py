"""A capacity search as Prometheus metrics: what a dashboard draws beside the load of the night.

Names and labels are in `metric_names`. A knee that was never reached has no high end, and is at
least its value.
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric

from loadtests.diagnosis.knee import Knee
from loadtests.diagnosis.signature import Figure, Signature
from loadtests.export import metric_names
from loadtests.export.capacity_record import Search
from loadtests.export.families import Labeled, gauge, gauges
from loadtests.export.metric_names import Named

Told = Figure | Knee


def capacity_metrics(search: Search) -> str:
    """The metrics in Prometheus' text format 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(search))
    return generate_latest(registry).decode()


class _Collector:
    """What a registry asks."""

    def __init__(self, search: Search) -> None:
        self._search = search

    def describe(self) -> list[Metric]:
        """Nothing: registering needs no names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The knees of viewers by join profile, and what the signature says of each step."""
        signature = self._search.signature
        yield _bounds(metric_names.KNEE_JOINS, self._search.capacity.knees.items())
        if signature is None:
            yield _bounds(metric_names.KNEE_REQUESTS, ())
        else:
            yield from signature_metrics(signature)


def signature_metrics(signature: Signature) -> Iterator[Metric]:
    """What a night is held against: by step, what it carries and how long it takes at low load."""
    yield _bounds(metric_names.KNEE_REQUESTS, signature.knee.items())
    usual: Labeled = {
        (step.value,): demand.response_time for step, demand in signature.demand.items()
    }
    yield gauges(metric_names.USUAL_DURATION, usual)
    if "denied" in signature.mix:
        yield gauge(metric_names.USUAL_DENIED, signature.mix["denied"])


def _bounds(named: Named, figures: Iterable[tuple[str, Told]]) -> Metric:
    values: dict[tuple[str, ...], float] = {}
    for key, figure in figures:
        for bound in ("low", "value", "high"):
            value: float | None = getattr(figure, bound)
            if value is not None:
                values[str(key), bound] = value
    return gauges(named, values)
