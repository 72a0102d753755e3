"""What the testbed shows Prometheus: read when it is asked, from what the testbed counts anyway."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from loadtests.stack.service import Service
from loadtests.testbed import clock
from loadtests.testbed.access_log import Logs
from loadtests.testbed.health import Health


class Metrics:
    """The page `/metrics`."""

    health: Health | None = None  # of the last second; None before the first is over

    def __init__(self, service: Service, logs: Logs) -> None:
        self._service = service
        self._logs = logs
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def __call__(self) -> tuple[bytes, bytes]:
        """Content type and body, as of now."""
        return CONTENT_TYPE_LATEST.encode(), generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Called by prometheus-client for each scrape."""
        requests = CounterMetricFamily(
            "matchnight_testbed_requests",
            "Requests that are over.",
            labels=("endpoint", "outcome"),
        )
        for (step, outcome), count in self._logs.counts.items():
            requests.add_metric((step or "other", outcome), count)
        yield requests
        waiting = GaugeMetricFamily(
            "matchnight_testbed_waiting", "Requests in line, by station.", labels=("station",)
        )
        for station, length in self._service.waiting(clock.now()).items():
            waiting.add_metric((station,), length)
        yield waiting
        yield from self._own()

    def _own(self) -> Iterator[Metric]:
        if self.health is None:
            return
        lag, cpu = self.health.lag, self.health.cpu
        yield GaugeMetricFamily(
            "matchnight_testbed_lag_seconds", "Worst lateness in the last second.", value=lag
        )
        yield GaugeMetricFamily(
            "matchnight_testbed_cpu_ratio", "Share of one core in the last second.", value=cpu
        )
