"""The tester confesses: held, overloaded or alone, it says so and the run does not count."""

import json
import os
import platform
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from expect_rehearsal import problems
from kit import descendants, lines, matchnight, summary, until, write_evening

pytestmark = pytest.mark.alone

HELD = 2.0


def start(scenario: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "loadtests", "rehearse", scenario, "--report-dir", out, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def has_windows(out: Path, count: int) -> bool:
    windows = out / "windows.jsonl"
    return windows.exists() and sum(int(window["workers"]) for window in lines(windows)) >= count


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_held_for_two_seconds_makes_the_run_invalid(workers: int, tmp_path: Path) -> None:
    out = tmp_path / "run"
    scenario = write_evening(tmp_path, viewers=100, seconds=8)
    run = start(scenario, out, "--workers", str(workers))
    until(lambda: has_windows(out, 2 * workers), within=20)
    held = max(descendants(run, "locust"), key=lambda process: process.pid)  # workers fork last
    held.send_signal(signal.SIGSTOP)
    release = threading.Timer(HELD, held.send_signal, [signal.SIGCONT])
    release.start()
    run.communicate(timeout=40)
    release.join()
    figures = summary(out)
    assert run.returncode == figures["exit_status"] == 4
    assert not figures["tester"]["healthy"]
    assert figures["tester"]["problems"] != []


@pytest.mark.prove
@pytest.mark.timeout(400)
def test_forty_times_the_default_scale_makes_the_run_invalid(tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = matchnight(
        "rehearse", "psg-juventus", "--scale", "1/5", "--report-dir", out, timeout=390
    )
    assert done.returncode == 4, done.stdout[-2000:] + done.stderr
    # Where the system allows that many descriptors it is played, and found wanting.
    if "too few file descriptors" not in done.stderr:
        figures = summary(out)
        assert not (figures["tester"]["healthy"] and figures["testbed"]["healthy"])


@pytest.mark.prove
@pytest.mark.timeout(4000)
def test_the_default_rehearsal_is_healthy_nineteen_times_of_twenty(tmp_path: Path) -> None:
    def attempt(number: int) -> list[str]:
        out = tmp_path / str(number)
        line = ("--seed", str(number + 1), "--report-dir", out)
        matchnight("rehearse", "psg-juventus", *line, timeout=240)
        return problems(out)

    # Two at a time share two cores: harsher than a rehearsal alone, and done in half the time.
    with ThreadPoolExecutor(max_workers=2) as two:
        found = dict(enumerate(two.map(attempt, range(20))))
    folder = Path(os.environ.get("MATCHNIGHT_EVALUATION", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    report = {"machine": platform.platform(), "cores": os.cpu_count(), "problems": found}
    (folder / "twenty-rehearsals.json").write_text(json.dumps(report, indent=1) + "\n")
    assert sum(1 for problem in found.values() if not problem) >= 19, found
