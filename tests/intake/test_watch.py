import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.intake.asked import Asked
from loadtests.intake.watch import LOOK_EVERY, Clock, watch

START = 1_700_000_000.0
FROM = "2023-11-14T22:13:20+00:00"
QUERIES = """\
title: a test
queries:
  requests: [{query: requests_total}]
"""
ROW = (
    '{{"time": "2026-11-22T20:{minute:02}:{second:02}+00:00", "client": "192.0.2.{host}", '
    '"path": "/", "method": "GET", "status": {status}, "duration": 0.02, "bytes": 900}}\n'
)


def _rows(first: int, last: int, status: int = 200) -> str:
    return "".join(
        ROW.format(minute=at // 60, second=at % 60, host=at % 200, status=status)
        for at in range(first, last)
        for _ in range(3)
    )


class _Sleeps:
    """A clock that only moves when it is waited by; each wait does the next thing, then Ctrl-C."""

    def __init__(self, *things: Callable[[], object], now: float = START) -> None:
        self.time = now
        self._things = iter(things)

    def now(self) -> float:
        return self.time

    def sleep(self, time: float) -> None:
        self.time += max(time, LOOK_EVERY)
        thing = next(self._things, None)
        if thing is None:
            raise KeyboardInterrupt
        thing()

    @property
    def clock(self) -> Clock:
        return Clock(now=self.now, sleep=self.sleep)


def _append(path: Path, text: str) -> Callable[[], object]:
    def add() -> None:
        with path.open("a", encoding="utf-8") as log:
            log.write(text)

    return add


def test_each_change_of_verdict_is_told_once_and_ctrl_c_ends_with_the_last(tmp_path: Path) -> None:
    log = tmp_path / "edge.log"
    log.write_text(_rows(0, 300), encoding="utf-8")
    fails = _append(log, _rows(300, 420, status=503))
    sleeps = _Sleeps(_append(log, _rows(290, 300)), fails, _append(log, _rows(420, 425, 503)))
    told: list[str] = []
    case = watch(Asked.of({"access_log": [str(log)]}), told.append, sleeps.clock)
    assert told[0].startswith("20:05:00  Nothing failed, and no surge came.\n")
    assert told[1].startswith("20:07:00  Pattern consistent with the outage of a dependency")
    assert "Do: " in told[1]
    assert len(told) == 2
    assert [change.cause.value for change in case.verdict.formed] == [
        "nominal",
        "dependency_outage",
    ]
    assert case.source.duration == 425.0


def test_ctrl_c_before_anything_was_seen_is_just_that(tmp_path: Path) -> None:
    log = tmp_path / "edge.log"
    log.touch()
    with pytest.raises(KeyboardInterrupt):
        watch(Asked.of({"access_log": [str(log)]}), print, _Sleeps().clock)


@contextmanager
def _serving(answer: Callable[[], tuple[int, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(5)


def _series() -> bytes:
    values = [[START + 15 * at, str(100 * at)] for at in range(41)]
    result = [{"metric": {"status": "200"}, "values": values}]
    data = {"resultType": "matrix", "result": result}
    return json.dumps({"status": "success", "data": data}).encode()


def _asked(url: str, queries: Path, **more: object) -> Asked:
    given = {"prometheus": url, "from": FROM, "watch": True, "queries": str(queries)}
    return Asked.of(given | more)


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    path = tmp_path / "queries.yaml"
    path.write_text(QUERIES, encoding="utf-8")
    return path


def test_a_server_that_does_not_answer_once_is_complained_of_and_asked_again(queries: Path) -> None:
    bad = (503, b"busy")
    answers = iter([(200, _series()), bad, bad, (200, _series())])
    told: list[str] = []
    sleeps = _Sleeps(lambda: None, lambda: None, now=START + 600)
    with _serving(lambda: next(answers)) as url:
        case = watch(_asked(url, queries), told.append, sleeps.clock)
    assert "Nothing failed" in told[0]
    assert [line for line in told if line.endswith("asked again in 10 s\n")] == told[1:2]
    assert case.source.duration == pytest.approx(620, abs=15)


def test_a_server_that_never_answered_ends_the_watch(queries: Path) -> None:
    with pytest.raises(MatchnightError) as raised:
        watch(_asked("http://127.0.0.1:1", queries), print, _Sleeps(now=START + 600).clock)
    assert raised.value.status is ExitStatus.UNREACHABLE


def test_a_range_with_an_end_is_watched_to_that_end(queries: Path) -> None:
    told: list[str] = []
    asked_ = {"to": "2023-11-14T22:23:20+00:00"}
    with _serving(lambda: (200, _series())) as url:
        case = watch(_asked(url, queries, **asked_), told.append, _Sleeps(now=START + 900).clock)
    assert case.source.duration == 600.0
