"""The run as Prometheus metrics, computed from its windows when scraped: nothing that could drift.

Labels are `endpoint` (a step), `outcome`, `attempt` (first or retry), `fact`: closed sets all; and
`code`, the target's own word for a refusal by policy, of which `collect.policies` keeps a few.
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from loadtests.collect import qoe
from loadtests.collect.distribution import Distribution
from loadtests.collect.policies import told_apart
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.vocabulary import End, Fact, Outcome, Step

RESPONSE_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STARTUP_BOUNDS = (0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0)
MEDIA_BOUNDS = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0)
LAG_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


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
        total = timeline.total
        latest = timeline.windows[-1] if timeline.windows else total
        yield from _requests(total)
        yield from _viewers(total)
        yield from _watching(total)
        yield from _told(total)
        yield from _tester(total, latest)


def exposition(timeline: Timeline) -> str:
    """The metrics of `timeline` in Prometheus' text format 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(WindowsCollector(lambda: timeline))
    return generate_latest(registry).decode()


def _attempt(*, retry: bool) -> str:
    return "retry" if retry else "first"


def _requests(total: Window) -> Iterator[Metric]:
    sent = CounterMetricFamily(
        "matchnight_requests_sent", "Requests sent.", labels=["endpoint", "attempt"]
    )
    for (step, retry), number in total.sent.items():
        sent.add_metric([step, _attempt(retry=retry)], number)
    ended = CounterMetricFamily(
        "matchnight_requests", "Requests ended.", labels=["endpoint", "outcome", "attempt"]
    )
    received = CounterMetricFamily(
        "matchnight_received_bytes",
        "Body bytes received.",
        labels=["endpoint", "outcome", "attempt"],
    )
    for (step, outcome, retry), tally in total.ended.items():
        labels = [step, outcome, _attempt(retry=retry)]
        ended.add_metric(labels, tally.count)
        received.add_metric(labels, tally.bytes)
    yield from (sent, ended, received, _response_times(total))


def _response_times(total: Window) -> HistogramMetricFamily:
    times: dict[tuple[Step, Outcome], Distribution] = {}
    for (step, outcome, _retry), tally in total.ended.items():
        times.setdefault((step, outcome), Distribution()).merge(tally.times)
    family = HistogramMetricFamily(
        "matchnight_response_time_seconds",
        "From when a request was due to its last byte.",
        labels=["endpoint", "outcome"],
    )
    for (step, outcome), distribution in times.items():
        _add(family, [step, outcome], distribution, RESPONSE_BOUNDS)
    return family


def _viewers(total: Window) -> Iterator[Metric]:
    yield _counter("matchnight_arrivals", "Viewers who arrived.", qoe.arrived(total))
    yield _counter("matchnight_late_arrivals", "Started late by the tester.", total.late_arrivals)
    decided = CounterMetricFamily(
        "matchnight_viewers_decided", "Viewers by what became of them.", labels=["outcome"]
    )
    for end in End:
        decided.add_metric([end], qoe.ended(total, end))
    yield decided
    yield _gauge("matchnight_viewers_starting", "Not decided yet.", qoe.still_starting(total))
    yield _gauge("matchnight_viewers_watching", "Watching now.", qoe.watching(total))
    yield _histogram(
        "matchnight_startup_time_seconds",
        "From arrival to the first frame.",
        qoe.startup_times(total),
        STARTUP_BOUNDS,
    )


def _watching(total: Window) -> Iterator[Metric]:
    yield _counter("matchnight_watched_seconds", "Time watched.", total.watched)
    yield _counter("matchnight_stalled_seconds", "Time stalled.", total.stalled)
    yield _counter("matchnight_stalls", "Stalls that began.", total.stalls)
    yield _counter("matchnight_stalled_viewers", "Viewers who stalled.", total.stalled_viewers)
    yield _counter(
        "matchnight_watched_bytes", "Bit rate watched x time watched.", total.bits_watched
    )
    yield _counter("matchnight_rendition_switches", "Changes of rendition.", total.switches)
    yield _counter("matchnight_lost_segments", "Gaps in the media sequence.", total.lost)
    yield _histogram(
        "matchnight_live_latency_seconds",
        "Wall clock - program date time on screen.",
        total.live_latency,
        MEDIA_BOUNDS,
    )
    yield _histogram(
        "matchnight_playlist_age_seconds",
        "Wall clock - program date time of the playlist's end.",
        total.playlist_age,
        MEDIA_BOUNDS,
    )


def _told(total: Window) -> Iterator[Metric]:
    """Refusals and facts. Cohorts are not told: regions x devices x ends are too many series."""
    refused = CounterMetricFamily(
        "matchnight_policy_refusals", "Refused by policy.", labels=["endpoint", "code"]
    )
    for (step, code), number in told_apart(total.policies).items():
        refused.add_metric([step, code], number)
    noted = CounterMetricFamily(
        "matchnight_facts", "What else happened to viewers.", labels=["fact"]
    )
    for fact in Fact:
        if total.facts[fact]:
            noted.add_metric([fact], total.facts[fact])
    yield from (refused, noted)


def _tester(total: Window, latest: Window) -> Iterator[Metric]:
    yield _histogram("matchnight_tester_lag_seconds", "Actual start - due.", total.lag, LAG_BOUNDS)
    yield _gauge("matchnight_tester_cpu_ratio", "Of the busiest worker's core.", latest.cpu)
    yield _gauge("matchnight_tester_sockets", "Open sockets.", latest.sockets)
    yield _gauge("matchnight_requests_in_flight", "Requests under way.", latest.in_flight)
    yield _counter("matchnight_connections_opened", "Connections opened.", total.connections)
    yield _counter("matchnight_tls_full_handshakes", "Full TLS handshakes.", total.handshakes)
    yield _counter("matchnight_tls_resumed_handshakes", "Resumed TLS handshakes.", total.resumed)


def _counter(name: str, documentation: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, documentation, value=value)


def _gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, value=value)


def _histogram(
    name: str, documentation: str, distribution: Distribution, bounds: tuple[float, ...]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, documentation, labels=[])
    _add(family, [], distribution, bounds)
    return family


def _add(
    family: HistogramMetricFamily,
    labels: list[str],
    distribution: Distribution,
    bounds: tuple[float, ...],
) -> None:
    buckets = [(f"{bound:g}", distribution.at_most(bound)) for bound in bounds]
    family.add_metric(labels, [*buckets, ("+Inf", distribution.count)], distribution.total)
