"""A stack nobody here designed, spoken to by YAML only, rehearsed end to end."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from kit import free_port, matchnight, summary

HERE = Path(__file__).parent / "foreign"
SECRETS = {"ARENA_FRONT_DOOR": "canary-front-door-7531", "ARENA_SIGNING_KEY": "canary-key-8642"}
EVENING = """\
title: an evening at the arena
event: {name: Final, kick_off: 2026-01-01 21:00}
audience:
  published: 24
  people_per_account: {value: 1, low: 1, high: 1}
  share_on_app: {value: 100 %, low: 100 %, high: 100 %}
scale: 1/1
speed: 10
window: {from: 0s, to: 120s}
arrivals:
  - {shape: steady, from: 0s, to: 40s, share: 100 %}
devices:
  web: {share: 60 %, player: hls_js, signs_in: 60 %}
  tv: {share: 40 %, player: set_top_box, signs_in: 60 %}
viewing:
  heartbeat: 2s
"""


class Service:
    """The service, running as a child."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "service.py"), self.url.rpartition(":")[2]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **SECRETS},
        )

    @property
    def seen(self) -> Mapping[str, int]:
        """What the service says it saw."""
        with urllib.request.urlopen(f"{self.url}/_seen", timeout=5) as answer:  # noqa: S310 - ours
            counted: Mapping[str, int] = json.loads(answer.read())
        return counted

    def is_up(self) -> bool:
        try:
            return isinstance(self.seen, dict)
        except urllib.error.URLError:
            return False


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    running = Service()
    try:
        for _ in range(400):
            if running.is_up():
                break
            time.sleep(0.05)
        yield running
    finally:
        running.process.terminate()
        running.process.wait(5)


class Rehearsed(NamedTuple):
    """What a rehearsal left."""

    folder: Path
    said: str
    status: int
    seen: Mapping[str, int]  # by the service


@pytest.fixture(scope="module")
def rehearsed(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    folder = tmp_path_factory.mktemp("arena")
    scenario = folder / "evening.yaml"
    scenario.write_text(EVENING, encoding="utf-8")
    done = matchnight(
        *("rehearse", scenario, "--target", service.url, "--profile", HERE / "arena.yaml"),
        *("--report-dir", folder / "run", "--request-log", "--quiet"),
        environment=SECRETS,
    )
    return Rehearsed(folder / "run", done.stdout + done.stderr, done.returncode, service.seen)


def test_a_service_with_ways_of_its_own_is_rehearsed_by_yaml_alone(rehearsed: Rehearsed) -> None:
    assert rehearsed.status == 0, rehearsed.said
    told, seen = summary(rehearsed.folder), rehearsed.seen
    viewers = told["viewers"]
    # a token's end is part of the evening: nothing else was refused
    assert {what for what in seen if what.startswith("refused")} <= {"refused: media token"}
    assert viewers["arrived"] == 24
    assert viewers["refused"] == seen["locked out"] > 0
    assert viewers["in_time"] + viewers["started_late"] == 24 - viewers["refused"]
    steps = told["requests"]["by_step"]
    good = {step for step, figures in steps.items() if set(figures["outcomes"]) == {"ok"}}
    assert {"home", "sign_in", "refresh", "session", "license", "heartbeat", "leave"} <= good
    assert set(steps["entitlement"]["outcomes"]) == {"ok", "policy"}


def test_apps_sign_in_by_code_and_tvs_by_polling(rehearsed: Rehearsed) -> None:
    seen = rehearsed.seen
    assert seen["signed in with PKCE"] > 0
    assert seen["signed in with a device code"] > 0
    # each TV is told twice to ask again
    assert seen["polled"] == 2 * seen["signed in with a device code"]


def test_tokens_are_rotated_while_watching(rehearsed: Rehearsed) -> None:
    sign_ins = (
        rehearsed.seen["signed in with PKCE"] + rehearsed.seen["signed in with a device code"]
    )
    assert rehearsed.seen["refreshed"] > 24 - sign_ins


def test_a_refusal_of_its_own_is_a_policy_with_its_code(rehearsed: Rehearsed) -> None:
    told = json.dumps(summary(rehearsed.folder))
    assert "region_locked" in told


def test_steps_the_service_lacks_are_blind_spots(rehearsed: Rehearsed) -> None:
    manifest = json.loads((rehearsed.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["profile"] == "arena"
    assert {"boot", "household", "support"} <= set(manifest["blind_spots"])
    assert not {"home", "sign_in", "heartbeat"} & set(manifest["blind_spots"])


def test_no_secret_is_in_anything_a_run_writes(rehearsed: Rehearsed) -> None:
    files = [path for path in rehearsed.folder.rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files) + rehearsed.said.encode()
    assert len(written) > 10_000
    assert [name for name, secret in SECRETS.items() if secret.encode() in written] == []


def test_a_missing_secret_is_named_before_anything_is_sent(
    service: Service, tmp_path: Path
) -> None:
    before = service.seen
    scenario = tmp_path / "evening.yaml"
    scenario.write_text(EVENING, encoding="utf-8")
    done = matchnight(
        *("rehearse", scenario, "--target", service.url, "--profile", HERE / "arena.yaml"),
        *("--report-dir", tmp_path / "run"),
        environment=dict.fromkeys(SECRETS, ""),
    )
    assert done.returncode == 2
    assert [line.partition("arena.yaml:")[2] for line in done.stderr.splitlines()] == [
        (
            "12:15: secrets.front_door: the environment has no ARENA_FRONT_DOOR; "
            "export ARENA_FRONT_DOOR=..."
        ),
        (
            "13:16: secrets.signing_key: the environment has no ARENA_SIGNING_KEY; "
            "export ARENA_SIGNING_KEY=..."
        ),
    ]
    assert service.seen == before
