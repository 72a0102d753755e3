"""One in a hundred goes first, and the rest only if that was clean."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kit import lines, matchnight, respond, scripted, summary, testbed, until, write_evening
from test_consent import write_consent

from loadtests.scenario.consent import read_consent


def test_an_unclean_canary_ends_the_rehearsal_before_it_begins(tmp_path: Path) -> None:
    out = tmp_path / "run"
    scenario = write_evening(tmp_path, viewers=200, seconds=20)
    with scripted(lambda connection, _: respond(connection, (500, {}, b""))) as target:
        done = matchnight(
            *("rehearse", scenario, "--target", f"{target.url}/master.m3u8", "--canary", "2s"),
            *("--report-dir", out, "--quiet"),
        )
    assert done.returncode == 99
    assert done.stderr == (
        "matchnight: the canary was not clean: none of its "
        f"{summary(out / 'canary')['requests']['by_step']['master']['count']} requests "
        "was answered well\n"
    )
    assert "Ended before it began: the canary was not clean" in done.stdout
    events = lines(out / "events.jsonl")
    assert [(e["kind"], e.get("reason"), e.get("clean")) for e in events] == [
        ("canary", None, False),
        ("stopped", "canary", None),
    ]
    assert not (out / "windows.jsonl").exists()
    redrawn = matchnight("report", out)
    assert (redrawn.returncode, redrawn.stderr) == (99, "")
    assert "the canary was not clean" in redrawn.stdout
    assert matchnight("report", out / "canary").returncode == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_clean_canary_is_followed_by_the_rehearsal_and_counts_for_the_consent(
    workers: str, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    consent = write_consent(tmp_path, requests=250)
    scenario = write_evening(tmp_path, viewers=60, seconds=6)
    with testbed("--agreement", read_consent(consent).digest()) as (url, _):
        done = matchnight(
            *("rehearse", scenario, "--target", url, "--consent", consent, "--canary", "2s"),
            *("--report-dir", out, "--workers", workers, "--quiet"),
        )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "the consent allows 250 requests in all" in done.stderr
    assert lines(out / "events.jsonl")[0]["clean"] is True
    ahead, run = (summary(folder)["requests"] for folder in (out / "canary", out))
    forbidden = sum(s["outcomes"].get("forbidden_host", 0) for s in run["by_step"].values())
    assert ahead["sent"] > 50
    assert ahead["sent"] + run["sent"] - forbidden <= 250


def test_the_canary_of_the_embedded_stack_belongs_to_its_run(tmp_path: Path) -> None:
    out = tmp_path / "run"
    scenario = write_evening(tmp_path, viewers=40, seconds=4)
    done = matchnight("rehearse", scenario, "--canary", "2s", "--report-dir", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("canary first: 1% of the crowd for 2s\n")
    ahead = summary(out / "canary")
    assert ahead["testbed"]["healthy"]
    assert ahead["viewers"]["arrived"] == ahead["viewers"]["planned"] == 10
    assert (ahead["speed"], ahead["objectives"]) == (1, [])
    assert summary(out)["viewers"]["arrived"] == 40
    assert matchnight("report", out / "canary").returncode == 0


@pytest.mark.parametrize("how", ["matchnight stop", "Ctrl-C"])
def test_a_rehearsal_is_stopped_while_its_canary_flies(how: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run = subprocess.Popen(
        [
            *(sys.executable, "-m", "loadtests", "rehearse", str(write_evening(tmp_path))),
            *("--canary", "30s", "--report-dir", str(out), "--quiet"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until((out / "canary" / "windows.jsonl").exists, within=30)
    if how == "Ctrl-C":
        run.send_signal(signal.SIGINT)
    else:
        assert matchnight("stop", out).stdout == f"{out}: has stopped\n"
    _, said = run.communicate(timeout=20)
    why = ": stopped by matchnight stop" if how == "matchnight stop" else ""
    assert said == f"matchnight: the canary was interrupted{why}\n"
    assert run.returncode == summary(out)["exit_status"] == 130
    assert not (out / "windows.jsonl").exists()
