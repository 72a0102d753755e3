"""The same rehearsal as plain Locust: headless, with processes, from its web UI, with listeners."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import psutil
import pytest
from kit import free_port, lines, matchnight, summary, until, write_evening

ROOT = Path(__file__).resolve().parents[2]
LOCUSTFILE = ROOT / "loadtests" / "locustfile.py"

LISTENING = """\
import json, time
from locust import events
from loadtests.locustfile import Carrier

@events.request.add_listener
def note(request_type, name, response_time, response_length, exception, context, **_):
    time.sleep(0.001)  # a listener may block
    with open({file!r}, "a") as file:
        file.write(json.dumps([request_type, name, response_time, str(exception)]) + "\\n")
"""

BROKEN = """\
from loadtests.locustfile import Carrier
from loadtests.swarm import share

def visit(*_):
    raise ZeroDivisionError("a mistake of ours")
    yield

share.visit = visit
"""

Process: TypeAlias = "subprocess.Popen[str]"
Locust = Callable[..., Process]


@pytest.fixture
def locust(tmp_path: Path) -> Iterator[Locust]:
    begun: list[subprocess.Popen[str]] = []

    def begin(*line: str | Path, file: Path = LOCUSTFILE) -> Process:
        begun.append(
            subprocess.Popen(
                [sys.executable, "-m", "locust", "-f", str(file), *map(str, line)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        )
        return begun[-1]

    yield begin
    for process in begun:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.communicate(timeout=10)


def said(process: subprocess.Popen[str], within: float = 30) -> str:
    output, _ = process.communicate(timeout=within)
    return output


@pytest.mark.parametrize("options", [(), ("--processes", "2")], ids=["local", "processes"])
def test_headless_ends_by_itself_with_report_and_complete_statistics(
    options: tuple[str, ...], locust: Locust, tmp_path: Path
) -> None:
    port = ("--master-bind-port", str(free_port()))
    ports = (*port, "--master-port", port[1]) if options else ()
    run = locust(
        *(
            "--headless",
            "--only-summary",
            "--scenario",
            write_evening(tmp_path, viewers=40, seconds=4),
        ),
        *("--report-dir", "run", *options, *ports),
    )
    output = said(run)
    figures = summary(tmp_path / "run")
    assert run.returncode == figures["exit_status"], output
    assert figures["viewers"]["arrived"] == 40
    ended = figures["requests"]["sent"] - figures["requests"]["in_flight_at_end"]
    total = re.search(r"Aggregated +(\d+)", output)
    assert total is not None
    assert int(total[1]) == ended
    assert "Report: run/report.html" in output


def test_master_and_worker_started_by_hand_play_one_share_each(
    locust: Locust, tmp_path: Path
) -> None:
    port = str(free_port())
    scenario = write_evening(tmp_path, viewers=40, seconds=4)
    master = locust(
        *("--master", "--master-bind-port", port, "--expect-workers", "2", "--headless"),
        *("--scenario", scenario, "--report-dir", "run", "--only-summary"),
    )
    workers = [locust("--worker", "--master-port", port) for _ in range(2)]
    output = said(master)
    assert all(said(worker) is not None and worker.returncode == 0 for worker in workers)
    figures = summary(tmp_path / "run")
    assert (figures["workers"], figures["viewers"]["arrived"]) == (2, 40), output
    windows = lines(tmp_path / "run" / "windows.jsonl")
    assert sum(window["workers"] for window in windows) == 2 * 4


@pytest.mark.parametrize("options", [(), ("--processes", "2")], ids=["local", "processes"])
def test_a_bad_option_ends_at_once_with_one_line_and_leaves_no_worker(
    options: tuple[str, ...], locust: Locust
) -> None:
    run = locust("--headless", "--scenario", "smoke", "--scale", "abc", *options)
    output = said(run, within=15)  # its workers hold its output open: all of them have ended
    assert run.returncode == 2
    assert "matchnight: --scale: 'abc' is not a ratio; write such as 1/200\n" in output
    assert "Traceback" not in output


def test_every_request_fires_locust_s_event_when_somebody_listens(
    locust: Locust, tmp_path: Path
) -> None:
    heard = tmp_path / "heard.jsonl"
    file = tmp_path / "listening.py"
    file.write_text(LISTENING.format(file=str(heard)), encoding="utf-8")
    run = locust(
        *(
            "--headless",
            "--scenario",
            write_evening(tmp_path, viewers=40, seconds=4),
            "--report-dir",
            "run",
        ),
        file=file,
    )
    output = said(run)
    figures = summary(tmp_path / "run")
    assert figures["tester"]["healthy"], figures["tester"]["problems"]
    events = [json.loads(line) for line in heard.read_text(encoding="utf-8").splitlines()]
    ended = {s: sum(f["outcomes"].values()) for s, f in figures["requests"]["by_step"].items()}
    counted = {step: sum(event[1] == step for event in events) for step in ended}
    assert counted == ended, output
    assert {event[0] for event in events} == {"HTTP"}
    assert all(event[2] >= 0 for event in events)


def test_our_own_mistake_in_a_callback_ends_the_run_with_its_traceback_and_status_4(
    locust: Locust, tmp_path: Path
) -> None:
    file = tmp_path / "broken.py"
    file.write_text(BROKEN, encoding="utf-8")
    scenario = write_evening(tmp_path, seconds=60, viewers=600)
    run = locust("--headless", "--scenario", scenario, "--report-dir", "run", file=file)
    output = said(run)
    assert run.returncode == 4
    assert "matchnight failed by its own mistake: ZeroDivisionError: a mistake of ours" in output
    assert 'raise ZeroDivisionError("a mistake of ours")' in output
    stopped = lines(tmp_path / "run" / "events.jsonl")[-1]
    assert (stopped["kind"], stopped["reason"]) == ("stopped", "failed")
    assert not summary(tmp_path / "run")["complete"]


class Ui:
    """Locust's web UI, as a browser uses it."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def ask(self, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self._base + path, data)  # noqa: S310 - our own, on loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            content: dict[str, Any] = json.load(answer)
            return content

    def is_up(self) -> bool:
        try:
            return bool(self.state)
        except OSError:
            return False

    @property
    def state(self) -> str:
        return str(self.ask("/stats/requests")["state"])

    def start(self, **form: str) -> None:
        assert self.ask("/swarm", {"user_count": "1", "spawn_rate": "1", **form})["success"]

    def stop(self) -> None:
        self.ask("/stop", {})


def runs(folder: Path) -> list[Path]:
    return sorted((folder / "reports").glob("evening-*"), key=lambda path: path.stat().st_ctime)


def test_the_web_ui_starts_stops_and_starts_again_and_listens_on_this_machine_only(
    locust: Locust, tmp_path: Path
) -> None:
    port = free_port()
    ui = Ui(port)
    scenario = write_evening(tmp_path, seconds=30, viewers=300)
    run = locust("--scenario", scenario, "--web-port", str(port))
    until(ui.is_up, within=20)
    listening = psutil.Process(run.pid).net_connections("tcp")
    assert {c.laddr.ip for c in listening if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}

    ui.start(seed="5")
    until(lambda: ui.ask("/stats/requests")["total_rps"] > 0, within=20)
    ui.stop()
    until(lambda: ui.state == "stopped", within=10)
    assert lines(runs(tmp_path)[0] / "events.jsonl")[-1]["reason"] == "interrupted"
    assert json.loads((runs(tmp_path)[0] / "run.json").read_text(encoding="utf-8"))["seed"] == 5

    ui.start(scenario=str(write_evening(tmp_path, viewers=40, seconds=3)), scale="1/2", seed="")
    until(lambda: [r for r in runs(tmp_path)[1:] if (r / "summary.json").exists()] != [], within=20)
    until(lambda: ui.state == "stopped", within=10)
    second = runs(tmp_path)[1]
    assert lines(second / "events.jsonl")[-1]["reason"] == "finished"
    assert summary(second)["viewers"]["arrived"] == 20

    run.send_signal(signal.SIGINT)
    output = said(run, within=10)
    assert "Traceback" not in output
    assert run.returncode == 130


def test_the_wrong_thing_in_the_web_ui_s_form_stops_the_test_with_a_message(
    locust: Locust, tmp_path: Path
) -> None:
    port = free_port()
    ui = Ui(port)
    run = locust(
        "--scenario", write_evening(tmp_path, viewers=40, seconds=4), "--web-port", str(port)
    )
    until(ui.is_up, within=20)
    ui.start(scale="abc")
    until(lambda: ui.state == "stopped", within=10)
    run.send_signal(signal.SIGINT)
    assert "matchnight: --scale: 'abc' is not a ratio; write such as 1/200" in said(run, within=10)
    assert not (tmp_path / "reports").exists()


def test_the_redrawn_report_has_the_status_of_the_run(locust: Locust, tmp_path: Path) -> None:
    run = locust(
        *("--headless", "--scenario", write_evening(tmp_path, seconds=2), "--report-dir", "run")
    )
    said(run)
    redrawn = matchnight("report", tmp_path / "run")
    assert redrawn.returncode == run.returncode
