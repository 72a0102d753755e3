"""Viewers arrive whatever the target is doing, and the wait it causes them is counted."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from kit import lines, matchnight, summary, testbed, write_evening

pytestmark = pytest.mark.alone

FREEZE = 5.0


class Freezer(threading.Thread):
    """Stops a process for FREEZE seconds, once the run has begun to write its windows."""

    def __init__(self, pid: int, run: Path, *, after_windows: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._windows = run / "windows.jsonl"
        self._after = after_windows
        self.stopped = self.continued = float("nan")

    def run(self) -> None:
        while not self._windows.exists() or len(lines(self._windows)) < self._after:
            time.sleep(0.05)
        os.kill(self._pid, signal.SIGSTOP)
        self.stopped = time.time()
        time.sleep(FREEZE)
        self.continued = time.time()
        os.kill(self._pid, signal.SIGCONT)


def test_a_frozen_target_slows_no_arrival_and_every_request_due_meanwhile_shows_the_wait(
    tmp_path: Path,
) -> None:
    scenario = write_evening(tmp_path, viewers=120, seconds=14)
    out = tmp_path / "run"
    with testbed("--log", tmp_path / "log") as (url, pid):
        freezer = Freezer(pid, out, after_windows=1)
        freezer.start()
        matchnight("rehearse", scenario, "--target", url, "--report-dir", out, "--request-log")
        freezer.join(10)
    figures = summary(out)
    assert figures["viewers"]["arrived"] == figures["viewers"]["planned"] == 120
    assert figures["viewers"]["late_arrivals"] == 0
    margin = 0.02  # two clocks: the test's and the tester's
    frozen = [
        request
        for request in lines(out / "requests.jsonl")
        if freezer.stopped + margin < request["due"] < freezer.continued - margin
    ]
    assert len(frozen) >= 20
    early = [r for r in frozen if r["outcome"] == "ok" and r["done"] < freezer.continued - margin]
    assert early == []
    assert all(
        r["done"] - r["due"] >= freezer.continued - r["due"] - margin for r in frozen if r["status"]
    )


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=pytest.mark.prove)])
def test_any_number_of_workers_sends_the_same_crowd(workers: int, tmp_path: Path) -> None:
    scenario = write_evening(tmp_path, viewers=60, seconds=5)
    crowds = []
    for count in (1, workers):
        out = tmp_path / f"run{count}"
        matchnight(
            "rehearse", scenario, "--workers", str(count), "--report-dir", out, "--request-log"
        )
        assert summary(out)["viewers"]["arrived"] == 60
        crowds.append(sorted((v["index"], round(v["at"], 6)) for v in lines(out / "viewers.jsonl")))
    assert crowds[0] == crowds[1]
