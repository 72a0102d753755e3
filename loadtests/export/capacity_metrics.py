"""A capacity search as Prometheus metrics: what a dashboard draws beside the load of the night.

Labels are `joins` (a join profile), `endpoint` (a step) and `bound` (low, value, high): closed sets
all. A knee that was never reached has no high end, and is at least its value.
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from loadtests.diagnosis.knee import Knee
from loadtests.diagnosis.signature import Figure
from loadtests.export.capacity_record import Search

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
        """The knees: of viewers by join profile, of requests by step."""
        signature = self._search.signature
        yield _family(
            "matchnight_knee_joins_per_second",
            "Viewers who may join a second.",
            "joins",
            self._search.capacity.knees.items(),
        )
        yield _family(
            "matchnight_knee_requests_per_second",
            "Requests a second a step carries.",
            "endpoint",
            signature.knee.items() if signature else (),
        )


def _family(name: str, text: str, label: str, figures: Iterable[tuple[str, Told]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label, "bound"])
    for key, figure in figures:
        for bound in ("low", "value", "high"):
            value: float | None = getattr(figure, bound)
            if value is not None:
                family.add_metric([str(key), bound], value)
    return family
