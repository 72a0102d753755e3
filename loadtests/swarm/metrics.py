"""`/metrics` on the master during a run: computed from the windows when scraped, on loopback."""

import logging

from gevent.pywsgi import WSGIServer
from prometheus_client import CollectorRegistry, make_wsgi_app

from loadtests.collect.timeline import Timeline
from loadtests.export.prometheus import WindowsCollector
from loadtests.swarm.children import free_port, is_free

log = logging.getLogger(__name__)

PORT = 9646
"""Where a scraper finds it by default; a free port, said in the log, when this one is taken."""


class MetricsServer:
    """Serves one run's metrics from construction to `close`."""

    def __init__(self, timeline: Timeline, port: int | None) -> None:
        """`port` None: the default, or a free one."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(WindowsCollector(lambda: timeline))
        self.port = port or (PORT if is_free(PORT) else free_port())
        self._server = WSGIServer(
            ("127.0.0.1", self.port), make_wsgi_app(registry), log=None, error_log=log
        )
        self._server.start()
        log.info("metrics at http://127.0.0.1:%d/metrics", self.port)

    def close(self) -> None:
        """Stop serving."""
        self._server.stop(timeout=0)
