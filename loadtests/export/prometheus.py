"""The run as Prometheus metrics, computed from its windows when scraped: nothing that could drift.

Every name and its labels are in `metric_names`. No scenario of ours makes more than MOST_SERIES
series: what the edge saw is told by step, what viewers met all together.
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric

from loadtests.collect import qoe
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.export import metric_names
from loadtests.export.edge_metrics import edge_metrics
from loadtests.export.families import Labeled, counter, counters, gauge, histogram
from loadtests.vocabulary import End, Fact

MOST_SERIES = 300
"""Of one instance: what a Prometheus takes without being asked."""

STARTUP_BOUNDS = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 60.0)
MEDIA_BOUNDS = (4.0, 8.0, 15.0, 30.0, 60.0)
LAG_BOUNDS = (0.01, 0.1, 1.0)


class WindowsCollector:
    """A collector for a `CollectorRegistry`; `read` gives the windows so far, at each scrape."""

    def __init__(self, read: Callable[[], Timeline]) -> None:
        self._read = read

    def describe(self) -> list[Metric]:
        """Nothing: registering must not need a run."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric, from one reading of the windows."""
        timeline = self._read()
        total, until = timeline.total, len(timeline)
        lately = timeline.between(until - metric_names.LATELY, until)
        yield from edge_metrics(total.edge, lately.edge)
        yield from _viewers(total)
        yield from _watching(total)
        yield from _tester(total, lately)


def exposition(timeline: Timeline) -> str:
    """The metrics of `timeline` in Prometheus' text format 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(WindowsCollector(lambda: timeline))
    return generate_latest(registry).decode()


def _viewers(total: Window) -> Iterator[Metric]:
    yield counter(metric_names.ARRIVALS, qoe.arrived(total))
    yield counter(metric_names.LATE, total.late_arrivals)
    yield counters(metric_names.DECIDED, {(end,): qoe.ended(total, end) for end in End})
    yield gauge(metric_names.STARTING, qoe.still_starting(total))
    yield gauge(metric_names.WATCHING, qoe.watching(total))
    yield histogram(metric_names.STARTUP, qoe.startup_times(total), STARTUP_BOUNDS)
    noted: Labeled = {(fact.value,): n for fact in Fact if (n := total.facts[fact])}
    yield counters(metric_names.FACTS, noted)
    yield from _asked(total)


def _asked(total: Window) -> Iterator[Metric]:
    sent: dict[tuple[str, ...], float] = {("first",): 0, ("retry",): 0}
    for (_, retry), n in total.sent.items():
        sent["retry" if retry else "first",] += n
    yield counters(metric_names.SENT, sent)
    answered: dict[tuple[str, ...], float] = {}
    for (_, outcome, _), tally in total.ended.items():
        answered[outcome,] = answered.get((outcome,), 0) + tally.count
    yield counters(metric_names.ANSWERED, answered)
    yield counter(metric_names.RECEIVED, sum(tally.bytes for tally in total.ended.values()))


def _watching(total: Window) -> Iterator[Metric]:
    yield counter(metric_names.WATCHED, total.watched)
    yield counter(metric_names.STALLED, total.stalled)
    yield counter(metric_names.STALLS, total.stalls)
    yield counter(metric_names.STALLED_VIEWERS, total.stalled_viewers)
    yield counter(metric_names.WATCHED_BYTES, total.bits_watched)
    yield counter(metric_names.SWITCHES, total.switches)
    yield counter(metric_names.LOST, total.lost)
    yield histogram(metric_names.LATENCY, total.live_latency, MEDIA_BOUNDS)
    yield histogram(metric_names.AGE, total.playlist_age, MEDIA_BOUNDS)


def _tester(total: Window, latest: Window) -> Iterator[Metric]:
    yield histogram(metric_names.TESTER_LAG, total.lag, LAG_BOUNDS)
    yield gauge(metric_names.TESTER_CPU, latest.cpu)
    yield gauge(metric_names.TESTER_SOCKETS, latest.sockets)
    yield gauge(metric_names.IN_FLIGHT, latest.in_flight)
    yield counter(metric_names.CONNECTIONS, total.connections)
    yield counter(metric_names.FULL_HANDSHAKES, total.handshakes)
    yield counter(metric_names.RESUMED_HANDSHAKES, total.resumed)
