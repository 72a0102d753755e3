"""`matchnight rehearse` to its end: by itself, interrupted, or with any of its processes killed."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from kit import lines, matchnight, summary, until, write_evening

ENDS = ("in_time", "started_late", "refused", "left_waiting", "never_started", "still_starting")
FILES = {
    "run.json", "scenario.yaml", "windows.jsonl", "events.jsonl", "summary.json", "report.html",
    "junit.xml", "metrics.prom", "verdict.json", "verdict.txt", "locust.log", "testbed",
}  # fmt: skip


class Running:
    """A rehearsal under way, and every process that has to do with it."""

    def __init__(self, folder: Path, *, workers: int = 1, seconds: int = 60) -> None:
        self.out = folder / "run"
        scenario = write_evening(folder, seconds=seconds, viewers=seconds * 10)
        self.workers = workers
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "loadtests", "rehearse", str(scenario), "--quiet"),
                *("--report-dir", str(self.out), "--workers", str(workers)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def has_windows(self, seconds: int = 2) -> bool:
        windows = self.out / "windows.jsonl"
        told = lines(windows) if windows.exists() else []
        return sum(int(window["workers"]) for window in told) >= seconds * self.workers

    def family(self) -> list[psutil.Process]:
        """The processes that name the run's folder in their command line, workers included."""
        return [p for p in psutil.process_iter() if str(self.out) in _command(p)]

    def find(self, who: str) -> psutil.Process:
        """The supervisor, the testbed, the crowd (its master), or the worker forked last."""
        if who == "supervisor":
            return psutil.Process(self.process.pid)
        if who == "testbed":
            return next(p for p in self.family() if "testbed" in _command(p).split())
        crowd = [p for p in self.family() if "locust" in _command(p).split()]
        of_supervisor = next(p for p in crowd if p.ppid() == self.process.pid)
        if who == "crowd":
            return of_supervisor
        return max((p for p in crowd if p.ppid() == of_supervisor.pid), key=lambda p: p.pid)

    def wait(self) -> tuple[int, str]:
        """Exit status and what was said on stderr."""
        _, said = self.process.communicate(timeout=40)
        return self.process.returncode, said


def _command(process: psutil.Process) -> str:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    begun: list[Running] = []

    def begin(*, workers: int = 1, seconds: int = 60) -> Running:
        begun.append(Running(tmp_path, workers=workers, seconds=seconds))
        return begun[-1]

    yield begin
    for running in begun:
        for process in (psutil.Process(p.pid) for p in running.family()):
            process.kill()
        running.process.communicate(timeout=10)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_rehearsal_ends_by_itself_with_its_whole_folder(workers: int, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = matchnight(
        *("rehearse", write_evening(tmp_path, viewers=40, seconds=4), "--report-dir", out),
        *("--workers", str(workers), "--request-log", "--quiet"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"Report: {out}/report.html\n")
    assert {path.name for path in out.iterdir()} == FILES | {"requests.jsonl", "viewers.jsonl"}
    figures = summary(out)
    viewers = figures["viewers"]
    assert viewers["arrived"] == viewers["planned"] == 40
    assert viewers["arrived"] == sum(viewers[end] for end in ENDS)
    assert figures["workers"] == workers
    requests = lines(out / "requests.jsonl")
    assert len(requests) == figures["requests"]["sent"]
    still = [r for r in requests if r["outcome"] is None]
    assert len(still) == figures["requests"]["in_flight_at_end"]
    ids = [r["id"] for r in requests if r["id"]]
    assert len(set(ids)) == len(ids)
    assert sorted(v["index"] for v in lines(out / "viewers.jsonl")) == list(range(40))


def test_locust_s_own_tables_count_every_request_that_ended(tmp_path: Path) -> None:
    out = tmp_path / "run"
    matchnight(
        "rehearse", write_evening(tmp_path, viewers=40, seconds=4), "--report-dir", out, "--quiet"
    )
    figures = summary(out)["requests"]
    ended = {step: sum(f["outcomes"].values()) for step, f in figures["by_step"].items()}
    log = (out / "locust.log").read_text(encoding="utf-8")
    table = re.findall(r"HTTP +(\w+) +(\d+) +\d+\(", log)
    assert {name: int(count) for name, count in table} == {s: n for s, n in ended.items() if n}
    total = re.search(r"Aggregated +(\d+)", log)
    assert total is not None
    assert int(total[1]) == sum(ended.values()) == figures["sent"] - figures["in_flight_at_end"]


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_within_three_seconds_with_a_full_report_and_status_130(
    workers: int, rehearse: Callable[..., Running]
) -> None:
    running = rehearse(workers=workers)
    until(running.has_windows, within=20)
    pressed = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    status, said = running.wait()
    assert time.monotonic() - pressed <= 3.0
    assert (status, said) == (130, "")
    figures = summary(running.out)
    assert figures["interrupted"]
    viewers = figures["viewers"]
    assert 0 < viewers["arrived"] == sum(viewers[end] for end in ENDS)
    assert (running.out / "report.html").exists()
    assert running.family() == []


def test_ctrl_c_before_the_crowd_is_there_ends_with_status_130_and_leaves_nobody(
    rehearse: Callable[..., Running],
) -> None:
    running = rehearse()
    until((running.out / "locust.log").exists, within=20)
    running.process.send_signal(signal.SIGINT)
    status, said = running.wait()
    assert status == 130
    assert "Traceback" not in said
    assert running.family() == []


@pytest.mark.parametrize(("who", "workers"), [("crowd", 1), ("crowd", 2), ("testbed", 1)], ids=str)
def test_a_killed_child_takes_the_others_along_and_the_folder_is_still_drawn(
    who: str, workers: int, rehearse: Callable[..., Running]
) -> None:
    running = rehearse(workers=workers)
    until(running.has_windows, within=20)
    running.find(who).kill()
    status, said = running.wait()
    assert status == 4
    assert len(said.splitlines()) == 1
    assert said.startswith("matchnight: ")
    assert running.family() == []
    figures = summary(running.out)
    assert figures["viewers"]["arrived"] > 0
    assert not figures["complete"]


def test_a_killed_worker_is_confessed_and_makes_the_run_invalid(
    rehearse: Callable[..., Running],
) -> None:
    running = rehearse(workers=2, seconds=9)
    until(running.has_windows, within=20)
    running.find("worker").kill()
    status, said = running.wait()
    assert (status, said) == (4, "")
    assert any("was lost" in problem for problem in summary(running.out)["tester"]["problems"])
    assert running.family() == []


MOMENTS: dict[str, Callable[[Running], bool]] = {
    "folder made": lambda running: running.out.is_dir(),
    "crowd started": lambda running: (running.out / "locust.log").exists(),
    "crowd ready": lambda running: (running.out / "run.json").exists(),
    "first second": lambda running: running.has_windows(1),
    "third second": lambda running: running.has_windows(3),
}


@pytest.mark.parametrize(("moment", "workers"), list(zip(MOMENTS, [1, 2, 2, 1, 2], strict=True)))
def test_when_the_supervisor_is_killed_nobody_goes_on_and_the_folder_can_be_drawn(
    moment: str, workers: int, rehearse: Callable[..., Running]
) -> None:
    running = rehearse(workers=workers)
    until(lambda: MOMENTS[moment](running), within=20)
    running.find("supervisor").kill()
    running.wait()
    until(lambda: running.family() == [], within=10)
    redrawn = matchnight("report", running.out)
    assert "Traceback" not in redrawn.stderr
    assert redrawn.returncode in ({4, 130} if (running.out / "run.json").exists() else {2})
    if moment == "third second":
        seconds = {window["second"] for window in lines(running.out / "windows.jsonl")}
        assert sorted(seconds) == list(range(len(seconds)))
        assert len(seconds) >= 3


def test_metrics_are_served_while_it_runs(rehearse: Callable[..., Running]) -> None:
    running = rehearse()
    until(running.has_windows, within=20)
    log = (running.out / "locust.log").read_text(encoding="utf-8")
    url = re.search(r"metrics at (http://127\.0\.0\.1:\d+/metrics)", log)
    assert url is not None
    with urllib.request.urlopen(url[1], timeout=5) as answer:  # noqa: S310 - our own, on loopback
        served = answer.read().decode()
    arrived = re.search(r"^matchnight_arrivals_total (\d+)", served, re.MULTILINE)
    assert arrived is not None
    assert int(arrived[1]) > 0


def test_the_manifest_says_how_the_run_was_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "run"
    scenario = write_evening(tmp_path, seconds=2)
    matchnight("rehearse", scenario, "--report-dir", out, "--seed", "7", "--scale", "1/2")
    manifest = json.loads((out / "run.json").read_text(encoding="utf-8"))
    asked = {key: manifest[key] for key in ("scenario", "scale", "speed", "seed", "embedded")}
    assert asked == {
        "scenario": "evening", "scale": 0.5, "speed": None, "seed": 7, "embedded": True,
    }  # fmt: skip
