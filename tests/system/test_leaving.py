"""A crowd leaves a target that is not ours without a stampede, and leaves nothing behind."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from kit import lines, matchnight, summary, testbed, until, write_evening


def rehearsal(out: Path, scenario: Path, url: str, *options: str) -> list[str]:
    return [
        *(sys.executable, "-m", "loadtests", "rehearse", str(scenario), "--quiet"),
        *("--target", url, "--report-dir", str(out), "--request-log", *options),
    ]


def leaves(log: Path) -> list[float]:
    """When sessions were closed, as the target saw it."""
    return sorted(line["time"] for line in lines(log / "access.jsonl") if line["step"] == "leave")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_every_session_is_closed_at_the_pace_of_joining_and_nothing_else_is_sent(
    workers: str, tmp_path: Path
) -> None:
    out, log = tmp_path / "run", tmp_path / "log"
    scenario = write_evening(tmp_path, viewers=120, seconds=4, arriving=1.0)
    with testbed("--log", log) as (url, _):
        done = subprocess.run(
            rehearsal(out, scenario, url, "--workers", workers),
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        access = lines(log / "access.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    figures = summary(out)
    granted = figures["requests"]["by_step"]["session"]["outcomes"]["ok"]
    assert figures["requests"]["by_step"]["leave"]["outcomes"] == {"ok": granted}
    assert figures["left_behind"] == 0
    closed = leaves(log)
    assert len(closed) == granted
    # at most 50 a second, each worker its share of them
    assert max(Counter(int(at - closed[0]) for at in closed).values()) <= 50 + int(workers)
    stop = lines(out / "events.jsonl")[0]["at"] + 4.0
    late = {line["step"] for line in access if line["time"] > stop + 0.5}
    assert late <= {"leave"}
    ended = sum(sum(s["outcomes"].values()) for s in figures["requests"]["by_step"].values())
    assert figures["requests"]["sent"] == ended + figures["requests"]["in_flight_at_end"]
    requests = lines(out / "requests.jsonl")
    assert len(requests) == figures["requests"]["sent"]
    assert {w["second"] for w in lines(out / "windows.jsonl")} == {0, 1, 2, 3}


def test_who_is_interrupted_closes_what_time_allows_and_lists_the_rest(tmp_path: Path) -> None:
    out, log = tmp_path / "run", tmp_path / "log"
    scenario = write_evening(tmp_path, viewers=400, seconds=20, arriving=0.2)
    with testbed("--log", log) as (url, _):
        run = subprocess.Popen(
            rehearsal(out, scenario, url),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        windows = out / "windows.jsonl"
        until(lambda: windows.exists() and windows.read_bytes().count(b"\n") >= 5, within=30)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert (run.returncode, said) == (130, "")
    figures = summary(out)
    by_step = figures["requests"]["by_step"]
    granted, closed = (by_step[step]["outcomes"]["ok"] for step in ("session", "leave"))
    assert closed >= 50
    assert figures["left_behind"] == granted - closed > 0
    assert "playback sessions were granted and never closed" in (out / "report.html").read_text()
    left = [e for e in lines(out / "events.jsonl") if e["kind"] == "left_behind"]
    assert [event["sessions"] for event in left] == [granted - closed]


def test_the_embedded_stack_is_left_without_farewells(tmp_path: Path) -> None:
    out = tmp_path / "run"
    matchnight("rehearse", write_evening(tmp_path, seconds=3), "--report-dir", out, "--quiet")
    assert "leave" not in summary(out)["requests"]["by_step"]
    assert [event["kind"] for event in lines(out / "events.jsonl")] == ["started", "stopped"]
