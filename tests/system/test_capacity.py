"""`matchnight capacity` against the embedded stack, whose capacity is known, and what ends it."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from kit import descendants, lines, matchnight, summary, testbed, until, write_evening
from test_consent import write_consent

from loadtests.scenario.consent import read_consent

SIGN_INS = 8.0  # a second
STACK = "stack: {stations: {sign_in: {servers: 4, service_time: 500ms, queue: 20}}}\n"
PER_JOIN = 0.3  # of the evening's viewers sign in
SHORT = ("--joins", "step", "--stay", "2s", "--knee-only")
pytestmark = [pytest.mark.timeout(180)]


def found(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder / "capacity.json").read_text(encoding="utf-8"))
    return made


def begin(out: Path, scenario: Path, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "loadtests", "capacity", str(scenario), *SHORT),
            *("--report-dir", str(out), *options),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def playing(out: Path, trial: str) -> bool:
    """Whether the trial has written some of its seconds."""
    windows = out / "trials" / trial / "windows.jsonl"
    return windows.exists() and windows.read_bytes().count(b"\n") >= 2


@pytest.mark.ci
def test_the_knee_of_the_embedded_stack_is_found(tmp_path: Path) -> None:
    out = tmp_path / "search"
    knee = SIGN_INS / PER_JOIN
    done = matchnight(
        *("capacity", write_evening(tmp_path, more=STACK), *SHORT),
        *("--from", f"{0.97 * knee}/s", "--most", f"{1.05 * knee}/s"),  # five trials: it is for CI
        *("--build", "2026.11.3", "--replicas", "sign_in=4", "--report-dir", out),
        timeout=170,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    step = found(out)["capacity"]["knees"]["step"]
    assert step["first"] == "sign_in"
    assert step["value"] == pytest.approx(knee, rel=0.05)
    assert step["low"] <= step["value"] <= step["high"]
    signature = json.loads((out / "signature.json").read_text(encoding="utf-8"))
    assert signature["knee"]["sign_in"]["value"] == pytest.approx(SIGN_INS, rel=0.05)
    assert (signature["build"], signature["replicas"]) == ("2026.11.3", {"sign_in": 4})
    told = [line for line in done.stdout.splitlines() if line.startswith("step ")]
    assert len(told) == len(found(out)["levels"])
    shown = [e for e in lines(out / "events.jsonl") if e["kind"] == "trial" and "found" in e]
    assert len(shown) == len(told)
    assert lines(out / "events.jsonl")[-1]["reason"] == "finished"
    for trial in found(out)["folders"].values():
        assert matchnight("report", out / trial).returncode == 0
    again = matchnight("report", out)
    assert again.returncode == 0
    assert again.stdout in done.stdout


@pytest.mark.ci
def test_a_stack_that_is_not_saturated_below_the_ceiling_carries_at_least_that(
    tmp_path: Path,
) -> None:
    out = tmp_path / "search"
    done = matchnight(
        *("capacity", write_evening(tmp_path), *SHORT, "--from", "8/s", "--most", "8/s"),
        *("--report-dir", out),
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    step = found(out)["capacity"]["knees"]["step"]
    assert (step["at_least"], step["high"]) == (True, None)
    assert step["value"] == pytest.approx(8.0, rel=0.02)
    assert "at least " in done.stdout
    assert "No trial had more than 8 viewers/s: --most." in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    "how", [pytest.param("matchnight stop", marks=pytest.mark.prove), "Ctrl-C"]
)
def test_a_search_that_is_stopped_tells_what_it_had_found(how: str, tmp_path: Path) -> None:
    out = tmp_path / "search"
    search = begin(out, write_evening(tmp_path), "--from", "6/s", "--most", "60/s")
    until(partial(playing, out, "02-step-9"), within=60)
    if how == "Ctrl-C":
        search.send_signal(signal.SIGINT)
    else:
        done = matchnight("stop", out)
        assert (done.returncode, done.stdout) == (0, f"{out}: has stopped\n"), done.stderr
    told, said = search.communicate(timeout=30)
    assert search.returncode == 130, said
    assert said == ("" if how == "Ctrl-C" else "matchnight: stopped by matchnight stop\n")
    assert found(out)["complete"] is False
    step = found(out)["capacity"]["knees"]["step"]
    assert (step["at_least"], step["is_complete"]) == (True, False)
    assert step["value"] == pytest.approx(6.0, rel=0.02)
    assert "at least " in told
    assert not (out / "signature.json").exists()
    assert not (out / "trials" / "03-step-13.5").exists()
    assert matchnight("stop", out).stderr == f"matchnight: {out}: is over already\n"


@pytest.mark.prove
def test_a_tester_that_stands_still_is_tried_once_more_and_then_called_the_bottleneck(
    tmp_path: Path,
) -> None:
    out = tmp_path / "search"
    scenario = write_evening(tmp_path)
    search = begin(out, scenario, "--from", "6/s", "--most", "6/s", "--workers", "2")
    for trial in ("01-step-6", "01-step-6-repeat-1"):
        until(partial(playing, out, trial), within=60)
        stand_still(descendants(search, "locust")[-1])
    told, said = search.communicate(timeout=90)
    assert search.returncode == 4, said
    assert said.startswith("matchnight: at 6 viewers/s the tester was the bottleneck: ")
    assert "No capacity was found" in told
    assert found(out)["capacity"]["knees"] == {}
    assert not (out / "signature.json").exists()


def stand_still(process: psutil.Process) -> None:
    """For two seconds: no test can make a tester slow without letting time pass."""
    os.kill(process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(psutil.TimeoutExpired):
            process.wait(2.0)
    finally:
        os.kill(process.pid, signal.SIGCONT)


def test_an_abort_of_the_scenario_ends_the_search_and_is_no_knee(tmp_path: Path) -> None:
    out = tmp_path / "search"
    more = STACK + "abort: [{metric: error_ratio, step: sign_in, at_most: 5 %, for: 2s}]\n"
    done = matchnight(
        *("capacity", write_evening(tmp_path, more=more), *SHORT, "--from", "200/s"),
        *("--most", "200/s", "--report-dir", out),
        timeout=100,
    )
    assert done.returncode == 99, done.stdout + done.stderr
    assert done.stderr.startswith("matchnight: error_ratio of sign_in was ")
    assert found(out)["capacity"]["knees"] == {}


@pytest.mark.prove
def test_the_totals_of_a_consent_hold_over_all_trials_and_its_ceilings_bound_the_search(
    tmp_path: Path,
) -> None:
    out, most = tmp_path / "search", 3_000
    consent = write_consent(tmp_path, requests=most)
    with testbed("--agreement", read_consent(consent).digest()) as (url, _):
        done = matchnight(
            *("capacity", write_evening(tmp_path), *SHORT, "--from", "4/s", "--target", url),
            *("--consent", consent, "--report-dir", out, "--quiet"),
            timeout=170,
        )
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"the consent allows {most} requests in all" in done.stderr
    assert found(out)["ceiling"] == pytest.approx(1000 / 32)  # viewers at once, each up to 32 s
    trials = [summary(trial)["requests"] for trial in sorted((out / "trials").iterdir())]
    assert len(trials) > 1
    sent = sum(of["sent"] for of in trials)
    forbidden = sum(
        step["outcomes"].get("forbidden_host", 0)
        for of in trials
        for step in of["by_step"].values()
    )
    assert 0.9 * most < sent - forbidden <= most
    assert found(out)["capacity"]["knees"]["step"]["at_least"] is True
