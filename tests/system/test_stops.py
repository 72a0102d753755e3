"""Whatever says stop, the target hears nothing more within five seconds: measured where it is."""

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from socket import SHUT_WR, socket
from typing import Any

import pytest
from kit import free_port, lines, matchnight, respond, scripted, summary, until, write_evening
from test_consent import write_consent

from loadtests.scenario.consent import read_consent

LOCUSTFILE = Path(__file__).resolve().parents[2] / "loadtests" / "locustfile.py"
WITHIN = 5.0
AGREEMENT = "/.well-known/matchnight"
MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000\nmedia.m3u8\n"
PLAYLIST = (
    b"#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n"
    + b"".join(b"#EXTINF:2.0,\nsegment%d.ts\n" % number for number in range(5))
)
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nMatchnight-Stop: 1\r\n\r\n"


class Stream:
    """A bare stream on loopback that knows when it was asked last, and turns at a moment."""

    def __init__(self) -> None:
        self.asked: list[float] = []  # when, the question for its agreement left out
        self.digest = b""
        self.status = 200
        self.header: dict[str, str] = {}
        self.hints = b""

    def answer(self, connection: socket, path: str) -> None:
        if path == AGREEMENT:
            respond(connection, (200 if self.digest else 404, {}, self.digest))
            connection.shutdown(SHUT_WR)
            return
        self.asked.append(time.time())
        connection.sendall(self.hints)
        body = MASTER if "master" in path else PLAYLIST if "media" in path else bytes(2000)
        respond(connection, (self.status, self.header, body))


class Prometheus:
    """Answers every instant query alike; silent: it takes the question and says nothing."""

    def __init__(self) -> None:
        self.value = "0.01"
        self.is_silent = False

    def answer(self, connection: socket, path: str) -> None:
        assert path.startswith("/api/v1/query?query=")
        if self.is_silent:
            return
        sample = {"metric": {}, "value": [time.time(), self.value]}
        data = {"status": "success", "data": {"resultType": "vector", "result": [sample]}}
        respond(connection, (200, {"Content-Type": "application/json"}, json.dumps(data).encode()))


class Night:
    """A rehearsal under way against a stream, with whatever may stop it."""

    def __init__(
        self, folder: Path, held: ExitStack, *, more: str = "", guarded: bool = False
    ) -> None:
        self.out = folder / "run"
        self.stream, self.prometheus = Stream(), Prometheus()
        self._target = held.enter_context(scripted(self.stream.answer))
        if guarded:
            server = held.enter_context(scripted(self.prometheus.answer))
            more += (
                f"guards: [{{prometheus: '{server.url}', query: errors, at_most: 0.05, every: 1s}}]"
            )
        self._scenario = write_evening(folder, viewers=200, seconds=25, more=more)
        self._process: subprocess.Popen[str] | None = None

    def begin(self, *options: str | Path) -> None:
        """Start it, and come back when it has played for a second or two."""
        command = ("rehearse", self._scenario, "--target", f"{self._target.url}/master.m3u8")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "loadtests", *map(str, command), "--quiet"),
                *("--report-dir", str(self.out), *map(str, options)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        windows = self.out / "windows.jsonl"
        until(lambda: windows.exists() and windows.read_bytes().count(b"\n") >= 2, within=30)

    def end(self) -> tuple[int, str]:
        """Exit status and what was said on stderr."""
        assert self._process is not None
        _, said = self._process.communicate(timeout=40)
        return self._process.returncode, said

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.communicate(timeout=20)

    @property
    def reason(self) -> str:
        return str(lines(self.out / "events.jsonl")[-1]["reason"])


def sends_errors(night: Night) -> None:
    night.stream.status = 500


def real_users_suffer(night: Night) -> None:
    night.prometheus.value = "0.2"


def falls_silent(night: Night) -> None:
    night.prometheus.is_silent = True


def has_no_number(night: Night) -> None:
    night.prometheus.value = "NaN"


def says_stop(night: Night) -> None:
    night.stream.header = {"Matchnight-Stop": "1"}


def hints_at_stop(night: Night) -> None:
    night.stream.hints = EARLY_HINTS


def by_hand(night: Night) -> None:
    done = matchnight("stop", night.out)
    assert (done.returncode, done.stdout) == (0, f"{night.out}: has stopped\n"), done.stderr


def withdraws(night: Night) -> None:
    night.stream.digest = b""


ABORT = "abort: [{metric: error_ratio, at_most: 5 %, for: 2s}]\n"
Case = tuple[Callable[[Night], None], dict[str, Any], str, int, str]
CASES: dict[str, Case] = {
    "own figures": (sends_errors, {"more": ABORT}, "aborted", 99, "error_ratio was"),
    "real users": (real_users_suffer, {"guarded": True}, "aborted", 99, "is at 0.2, above 0.05"),
    "silent guard": (falls_silent, {"guarded": True}, "silent", 4, "is silent: no number for"),
    "no number": (has_no_number, {"guarded": True}, "silent", 4, "answered with nan"),
    "Matchnight-Stop": (says_stop, {}, "withdrawn", 3, "answered with Matchnight-Stop: 1"),
    "hint": (hints_at_stop, {}, "withdrawn", 3, "answered with Matchnight-Stop: 1"),
    "matchnight stop": (by_hand, {}, "interrupted", 130, "stopped by matchnight stop"),
    "withdrawal": (withdraws, {}, "withdrawn", 3, "does not serve the consent's digest any more"),
}


def time_to_stop(case: str, folder: Path) -> float:
    """Seconds from the cause to the last request the target saw; everything else is asserted."""
    cause, wanted, reason, status, said = CASES[case]
    with ExitStack() as held:
        night = Night(folder, held, **wanted)
        held.callback(night.kill)
        options: list[str | Path] = []
        if case == "withdrawal":
            consent = write_consent(folder)
            night.stream.digest = read_consent(consent).digest().encode()
            options = ["--consent", consent]
        night.begin(*options)
        at = time.time()
        cause(night)
        ended, told = night.end()
    assert (ended, night.reason) == (status, reason), told
    assert said in told
    assert len(told.splitlines()) == 1
    assert summary(night.out)["exit_status"] == status
    assert max(night.stream.asked) > at - 2.0  # until then it was asked all the time
    return max(night.stream.asked) - at


def time_to_stop_a_canary(folder: Path) -> float:
    """The same of a target that fails from the first request on: from its first answer."""
    stream, out = Stream(), folder / "run"
    stream.status = 500
    scenario = write_evening(folder, viewers=200, seconds=25)
    with scripted(stream.answer) as target:
        done = matchnight(
            *("rehearse", scenario, "--target", f"{target.url}/master.m3u8", "--canary", "2s"),
            *("--report-dir", out, "--quiet"),
        )
    assert done.returncode == 99
    assert lines(out / "events.jsonl")[-1]["reason"] == "canary"
    return max(stream.asked) - min(stream.asked)


@pytest.mark.parametrize("case", CASES)
def test_the_target_hears_nothing_more_within_five_seconds(case: str, tmp_path: Path) -> None:
    assert time_to_stop(case, tmp_path) <= WITHIN


def test_an_unclean_canary_of_two_seconds_is_all_a_target_hears(tmp_path: Path) -> None:
    assert time_to_stop_a_canary(tmp_path) <= WITHIN


def test_a_run_started_as_plain_locust_stops_by_hand_as_well(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run = subprocess.Popen(
        [
            *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless"),
            *("--scenario", str(write_evening(tmp_path, seconds=30)), "--report-dir", str(out)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    windows = out / "windows.jsonl"
    until(lambda: windows.exists() and windows.stat().st_size > 0, within=30)
    stopped = matchnight("stop", out)
    output, _ = run.communicate(timeout=30)
    assert (stopped.returncode, stopped.stdout) == (0, f"{out}: has stopped\n")
    assert run.returncode == summary(out)["exit_status"] == 130, output
    assert summary(out)["why"] == "stopped by matchnight stop"
    again = matchnight("stop", out)
    assert (again.returncode, again.stderr) == (2, f"matchnight: {out}: is over already\n")


@pytest.mark.parametrize(
    ("options", "said", "status"),
    [
        (("--target", "http://192.0.2.7"), "use `matchnight rehearse`", 3),
        (("--canary", "5s"), "only `matchnight rehearse` flies one", 2),
    ],
    ids=["beyond", "canary"],
)
def test_plain_locust_sends_no_crowd_where_a_canary_has_to_go_first(
    options: tuple[str, ...], said: str, status: int, tmp_path: Path
) -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless"),
            *("--scenario", str(write_evening(tmp_path)), "--report-dir", str(tmp_path / "run")),
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == status
    assert said in run.stdout + run.stderr
    assert not (tmp_path / "run").exists()


def test_a_guard_that_cannot_be_heard_lets_nothing_begin(tmp_path: Path) -> None:
    stream = Stream()
    guard = f"guards: [{{prometheus: 'http://127.0.0.1:{free_port()}', query: up, at_most: 1}}]"
    with scripted(stream.answer) as target:
        done = matchnight(
            *("rehearse", write_evening(tmp_path, more=guard), "--report-dir", tmp_path / "run"),
            *("--target", f"{target.url}/master.m3u8"),
        )
    assert done.returncode == 3
    assert "guards: 'up' cannot be heard" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert stream.asked == []


@pytest.mark.prove
@pytest.mark.timeout(400)
def test_every_way_to_stop_is_measured_and_written_down(tmp_path: Path) -> None:
    measured = {}
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        measured[case] = round(time_to_stop(case, folder), 2)
    measured["canary of 2 s"] = round(time_to_stop_a_canary(tmp_path), 2)
    evaluation = Path(os.environ.get("MATCHNIGHT_EVALUATION", tmp_path))
    evaluation.mkdir(parents=True, exist_ok=True)
    report = {"machine": platform.platform(), "cores": os.cpu_count(), "seconds": measured}
    (evaluation / "stops.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    assert max(measured.values()) <= WITHIN, measured
