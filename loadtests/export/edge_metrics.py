"""What the edge saw as Prometheus metrics: what rules and a diagnosis read."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import Metric

from loadtests.collect.distribution import Distribution
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.export import families, metric_names
from loadtests.export.families import Labeled
from loadtests.export.metric_names import Named

SOURCE_BOUNDS = (1, 2, 4, 8, 16, 32)

_SUMS: Mapping[Named, Callable[[Traffic], float]] = {
    metric_names.SETTLED: lambda traffic: traffic.settled,
    metric_names.CONTINUED: lambda traffic: traffic.continued,
    metric_names.DENIED: lambda traffic: traffic.denied,
    metric_names.RETURNED: lambda traffic: traffic.returned,
    metric_names.STARVED: lambda traffic: traffic.starved,
}


def edge_metrics(total: EdgeWindow, lately: EdgeWindow) -> Iterator[Metric]:
    """Every metric of the edge, from all it has seen and from its last LATELY seconds."""
    yield families.counters(metric_names.REQUESTS, _requests(total))
    yield families.counters(metric_names.BUSY, _each(total, lambda traffic: traffic.busy))
    yield families.summaries(
        metric_names.SERVED,
        {
            (metric_names.endpoint(step),): traffic.times
            for step, traffic in total.steps.items()
            if traffic.times.count
        },
    )
    yield families.counters(metric_names.REFUSED, _refused(total))
    yield families.counters(
        metric_names.CACHE,
        {
            (metric_names.endpoint(step), said): n
            for step, traffic in total.steps.items()
            for said, n in traffic.cache.items()
        },
    )
    yield from _behavior(total)
    yield from _distinct(lately)


def _requests(total: EdgeWindow) -> Labeled:
    return {
        (metric_names.endpoint(step), said, attempt): n
        for step, traffic in total.steps.items()
        for (said, attempt), n in traffic.said.items()
    }


def _each(window: EdgeWindow, value: Callable[[Traffic], float]) -> Labeled:
    """By endpoint; those of nothing are left out, or most series would be of nothing."""
    values = {step: value(traffic) for step, traffic in window.steps.items()}
    return {(metric_names.endpoint(step),): value for step, value in values.items() if value}


def _refused(total: EdgeWindow) -> Labeled:
    """By endpoint and code; beyond MOST_CODES of them, the rarest are one at each endpoint."""
    codes = Counter(
        {
            (metric_names.endpoint(step), code): n
            for step, traffic in total.steps.items()
            for code, n in traffic.codes.items()
        }
    )
    told: Counter[tuple[str, ...]] = Counter()
    for rank, ((endpoint, code), n) in enumerate(
        sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    ):
        told[endpoint, code if rank < metric_names.MOST_CODES else metric_names.OTHER] += n
    return told


def _behavior(total: EdgeWindow) -> Iterator[Metric]:
    for named, value in _SUMS.items():
        yield families.counters(named, _each(total, value))
    sources = Distribution()
    for traffic in total.steps.values():
        for number, n in traffic.shared.items():
            sources.add(float(number), n)
    yield families.histogram(metric_names.SOURCES, sources, SOURCE_BOUNDS)
    probes = sum(traffic.probes for traffic in total.steps.values())
    yield families.counter(metric_names.PROBES, probes)


def _distinct(lately: EdgeWindow) -> Iterator[Metric]:
    yield families.gauges(
        metric_names.CLIENTS, _each(lately, lambda traffic: traffic.clients.count)
    )
    yield families.gauges(
        metric_names.ACCOUNTS, _each(lately, lambda traffic: traffic.accounts.count)
    )
    yield families.gauges(
        metric_names.TARGETS, _each(lately, lambda traffic: traffic.targets.count)
    )
