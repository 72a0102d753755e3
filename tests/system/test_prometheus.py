"""A real Prometheus scrapes a night, and what is read back from it gives the same verdict."""

import json
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from time import time

import pytest
from edge_nights import night_on_paper
from kit import free_port, until
from overloads import signed
from rule_files import FOLDER, RULES, SCRAPED
from rule_nights import LENGTH, NIGHTS, RuleNight

from loadtests.collect.edge.window import EdgeWindow, merged
from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.diagnosis.verdict.kinds import Cause, Observable
from loadtests.diagnosis.verdict.night import Night, Origin
from loadtests.export import metric_names
from loadtests.export.edge_metrics import edge_metrics
from loadtests.intake.prometheus import load_queries, read_prometheus

pytestmark = [
    pytest.mark.ci,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        not (shutil.which("prometheus") and shutil.which("promtool")),
        reason="needs prometheus (Debian package; .ci/run installs it)",
    ),
]

SCRAPES = round(LENGTH) // SCRAPED
CONFIG = """\
scrape_configs:
  - job_name: night
    scrape_interval: 100ms
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


class Exporter:
    """Shows a night, one scrape interval further each time it is scraped, with its times."""

    def __init__(self, windows: tuple[EdgeWindow, ...], start: int) -> None:
        self.asked = 0
        pages = list(_pages(windows, start))
        exporter, number = self, count()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = pages[min(next(number), len(pages) - 1)]
                exporter.asked += 1
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: object) -> None:
                """Nothing on standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _pages(windows: tuple[EdgeWindow, ...], start: int) -> Iterator[bytes]:
    total = EdgeWindow(0)
    for number in range(SCRAPES + 1):
        until_ = number * SCRAPED
        total.merge(merged(windows[max(0, until_ - SCRAPED) : until_]))
        lately = merged(windows[max(0, until_ - metric_names.LATELY) : until_])
        lines = [
            f"{sample.name}{_labels(sample.labels)} {sample.value} {(start + until_) * 1000}\n"
            for family in edge_metrics(total, lately)
            for sample in family.samples
        ]
        yield "".join(lines).encode()


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


@contextmanager
def _shown(exporter: Exporter) -> Iterator[None]:
    thread = threading.Thread(target=exporter.serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        exporter.close()
        thread.join(5)


@contextmanager
def _prometheus(folder: Path, exporter: Exporter) -> Iterator[str]:
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(port=exporter.port), encoding="utf-8")
    port = free_port()
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=5) as answer:  # noqa: S310 - our own, on loopback
            return bool(answer.status == 200)
    except OSError:
        return False


def _diagnosed(night: RuleNight, windows: tuple[EdgeWindow, ...]) -> Night:
    assert night.measured is not None
    return Night(
        windows=windows,
        origin=Origin.ACCESS_LOG,
        source="access.jsonl",
        observed=dict.fromkeys(Observable, 1.0),
        signature=signed(night.measured, spread=0.05),
    )


@pytest.mark.parametrize(
    "name",
    [
        Cause.DEMAND_ABOVE_KNEE,
        pytest.param(Cause.DEPENDENCY_OUTAGE, marks=pytest.mark.prove),
        pytest.param(Cause.POLICY_REJECTION, marks=pytest.mark.prove),
    ],
)
def test_a_scraped_night_gives_the_verdict_of_the_log(name: Cause, tmp_path: Path) -> None:
    night = NIGHTS[name]()
    windows = night_on_paper(night.scenario)
    start = round(time()) - round(LENGTH) - 120
    exporter = Exporter(windows, start)
    with _shown(exporter), _prometheus(tmp_path, exporter) as url:
        until(lambda: _is_ready(url), within=30)
        until(lambda: exporter.asked > SCRAPES + 2, within=60)
        read = read_prometheus(url, start=start, stop=start + LENGTH, asked=load_queries())
    counted, seen = merged(read.windows), merged(windows)
    for step, traffic in counted.steps.items():
        assert traffic.requests == pytest.approx(seen.of(step).requests, abs=30, rel=0.02)
    by_log = _diagnosed(night, windows)
    by_scrapes = replace(
        by_log,
        windows=read.windows,
        origin=Origin.PROMETHEUS,
        resolution=read.resolution,
        observed=read.observed,
    )
    said = json.dumps([read.notes, dict(read.observed)])
    assert diagnose(by_log, formed=False).cause.kind is name
    assert diagnose(by_scrapes, formed=False).cause.kind is name, said


def test_an_alert_fires_on_its_own_night_and_on_none_of_the_others() -> None:
    files = [*sorted(FOLDER.glob("*.yaml")), *sorted((RULES / "behind").glob("*.yaml"))]
    assert len(files) == len(NIGHTS) + 3
    done = subprocess.run(
        ["promtool", "test", "rules", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
