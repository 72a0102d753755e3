"""Steps that create, cancel, text or call are done as often as a consent counts them at most."""

import subprocess
import sys
from pathlib import Path

from kit import lines, matchnight, summary, testbed, until, write_evening

from loadtests.scenario.consent import read_consent
from loadtests.vocabulary import SIDE_EFFECTS

CONSENT = """\
owner: night desk, 555-0100
hosts:
  - {{name: 127.0.0.1, approval: TEST-1}}
window: {{from: "2020-01-01T00:00:00+00:00", to: "2099-01-01T00:00:00+00:00"}}
ceilings: {{viewers: 1000, joins: 1000/s, bit_rate: 1 Gbit/s}}
totals: {{bytes: 1 GB, requests: 100_000, licenses: 1000}}
side_effects: {{{counts}}}
"""


def write_consent(folder: Path, counts: str) -> Path:
    path = folder / "consent.yaml"
    path.write_text(CONSENT.format(counts=counts), encoding="utf-8")
    return path


def callers(folder: Path, *, viewers: int) -> Path:
    """An evening on which everybody calls the support desk."""
    path = write_evening(folder, viewers=viewers, seconds=4, arriving=0.8)
    text = path.read_text(encoding="utf-8")
    assert text.count("share: 100 %}") == 1
    path.write_text(
        text.replace("share: 100 %}", "share: 100 %, purpose: support}"), encoding="utf-8"
    )
    return path


def calls(log: Path) -> int:
    """How often the support desk was called, by the stack's own log."""
    return sum(entry["path"] == "/support" for entry in lines(log / "access.jsonl"))


def test_what_the_consent_counts_is_shared_by_the_workers_and_left_out_when_used_up(
    tmp_path: Path,
) -> None:
    consent = write_consent(tmp_path, "support: 7, sign_up: 0")
    log = tmp_path / "log"
    with testbed("--agreement", read_consent(consent).digest(), "--log", log) as (url, _):
        done = matchnight(
            *("rehearse", callers(tmp_path, viewers=60), "--target", url, "--consent", consent),
            *("--report-dir", tmp_path / "run", "--workers", "2", "--quiet"),
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert calls(log) == 7
    made = summary(tmp_path / "run")
    assert made["requests"]["by_step"]["support"]["outcomes"] == {"ok": 7}
    assert set(made["blind_spots"]) == SIDE_EFFECTS - {"support"}
    events = lines(tmp_path / "run" / "events.jsonl")
    noticed = [event["text"] for event in events if event["kind"] == "notice"]
    assert noticed == ["what the consent allows of support is used up: it is left out"]


def test_what_the_consent_does_not_name_is_a_blind_spot_and_never_done(tmp_path: Path) -> None:
    consent, log = write_consent(tmp_path, ""), tmp_path / "log"
    with testbed("--agreement", read_consent(consent).digest(), "--log", log) as (url, _):
        done = matchnight(
            *("rehearse", callers(tmp_path, viewers=20), "--target", url, "--consent", consent),
            *("--report-dir", tmp_path / "run", "--quiet"),
        )
        probed = matchnight("check", "smoke", "--probe", "--target", url, "--consent", consent)
    assert (done.returncode, probed.returncode) == (0, 0)
    assert calls(log) == 0
    assert set(summary(tmp_path / "run")["blind_spots"]) == SIDE_EFFECTS
    assert "support" in done.stdout.partition("nobody consented to: ")[2]
    assert (
        "Left out: register, sign_up, household_code, support, cancel (side effects:"
        in " ".join(probed.stdout.split())
    )


def test_on_this_machine_without_a_consent_everything_is_done(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with testbed("--log", log) as (url, _):
        done = matchnight(
            *("rehearse", callers(tmp_path, viewers=20), "--target", url),
            *("--report-dir", tmp_path / "run", "--quiet"),
        )
    assert done.returncode == 0
    assert calls(log) == 20
    assert summary(tmp_path / "run")["blind_spots"] == []


def test_two_runs_on_one_machine_do_not_share_a_consent(tmp_path: Path) -> None:
    consent = write_consent(tmp_path, "")
    scenario = write_evening(tmp_path, viewers=20, seconds=30)
    with testbed("--agreement", read_consent(consent).digest()) as (url, _):
        asked = ("rehearse", scenario, "--target", url, "--consent", consent, "--quiet")
        first = subprocess.Popen(
            [sys.executable, "-m", "loadtests", *asked, "--report-dir", tmp_path / "first"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until((tmp_path / "first" / "run.json").exists, within=30)
            second = matchnight(*asked, "--report-dir", tmp_path / "second")
        finally:
            first.terminate()
            first.wait(20)
        third = matchnight("check", "smoke", "--probe", "--target", url, "--consent", consent)
    assert second.returncode == 3
    assert second.stderr == (
        f"matchnight: --consent: another run on this machine is using {consent}; wait for its end\n"
    )
    assert not (tmp_path / "second").exists()
    assert third.returncode == 0
