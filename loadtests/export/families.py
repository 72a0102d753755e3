"""Prometheus families out of names of `metric_names` and numbers: what collectors yield."""

from collections.abc import Iterable, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)

from loadtests.collect.distribution import Distribution
from loadtests.export.metric_names import Named

Labeled = Mapping[tuple[str, ...], float]
"""Values by those of their labels, in the order of their names."""


def counter(named: Named, value: float) -> CounterMetricFamily:
    """One counter without labels."""
    return CounterMetricFamily(named.name, named.what, value=value)


def gauge(named: Named, value: float) -> GaugeMetricFamily:
    """One gauge without labels."""
    return GaugeMetricFamily(named.name, named.what, value=value)


def counters(named: Named, values: Labeled) -> CounterMetricFamily:
    """Counters, one for each value."""
    family = CounterMetricFamily(named.name, named.what, labels=named.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def gauges(named: Named, values: Labeled) -> GaugeMetricFamily:
    """Gauges, one for each value."""
    family = GaugeMetricFamily(named.name, named.what, labels=named.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def histogram(
    named: Named, distribution: Distribution, bounds: Iterable[float]
) -> HistogramMetricFamily:
    """A classic histogram without labels."""
    family = HistogramMetricFamily(named.name, named.what, labels=[])
    buckets = [(f"{bound:g}", distribution.at_most(bound)) for bound in bounds]
    family.add_metric([], [*buckets, ("+Inf", distribution.count)], distribution.total)
    return family


def summaries(named: Named, values: Mapping[tuple[str, ...], Distribution]) -> SummaryMetricFamily:
    """Sum and count of each distribution, without quantiles: those do not add up."""
    family = SummaryMetricFamily(named.name, named.what, labels=named.labels)
    for labels, distribution in values.items():
        family.add_metric(labels, distribution.count, distribution.total)
    return family
