"""The target profile of a run: read where it starts, whole on every worker."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.errors import InvalidFile, MatchnightError
from loadtests.scenario.library import find
from loadtests.swarm.messages import Plan
from loadtests.swarm.options import Options
from loadtests.swarm.spoken import Spoken, read_spoken
from loadtests.vocabulary import Step

CANARY = "canary-of-the-test-42"
MINE = """\
title: mine
url: https://api.invalid
secrets: {door: {env: MATCHNIGHT_TEST_DOOR}}
headers: {X-Door: "{secret.door}"}
steps:
  license: {url: /drm, file: challenge.bin}
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MATCHNIGHT_TEST_DOOR", CANARY)
    (tmp_path / "challenge.bin").write_bytes(b"\0\xff")
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    return path


def plan(spoken: Spoken) -> Plan:
    path = find("smoke")
    return Plan(
        run="r", folder="", file=str(path), scenario=path.read_text(encoding="utf-8"), name="smoke",
        variant=None, scale=None, speed=None, seed=None, target="http://t.invalid", consent=None,
        resolve={}, insecure=False, request_log=False, start=0.0, worker=0, workers=1,
        profile=spoken.text, profile_file=str(spoken.path), profile_files=dict(spoken.files),
        secrets=dict(spoken.secrets),
    )  # fmt: skip


def test_a_worker_speaks_as_the_master_read_without_its_disk(mine: Path) -> None:
    made = plan(read_spoken(str(mine), None))
    mine.unlink()
    told = Plan.from_json(json.loads(json.dumps(made.to_json())))
    language = told.read_target().language
    (phrase,) = language.phrases[Step.LICENSE]
    assert told == made
    assert phrase.where == f"{mine}:6:12: steps.license"
    assert language.redacted(CANARY) == "(secret)"


def test_without_a_profile_a_plan_means_the_testbeds(mine: Path) -> None:
    made = replace(plan(read_spoken(str(mine), None)), profile=None)
    assert made.read_target().blind_spots == ()


def test_neither_a_plan_nor_what_was_read_shows_a_secret(mine: Path) -> None:
    spoken = read_spoken(str(mine), None)
    assert spoken.secrets == {"door": CANARY}
    assert base64.b64decode(spoken.files["challenge.bin"]) == b"\0\xff"
    shown = [repr(spoken), repr(plan(spoken)), repr(spoken.target("http://t.invalid"))]
    assert not [each for each in shown if CANARY in each]


def test_a_missing_secret_is_told_before_anything_else(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MATCHNIGHT_TEST_DOOR")
    with pytest.raises(InvalidFile) as refusal:
        read_spoken(str(mine), None)
    assert refusal.value.problems == [
        (
            f"{mine}:3:17: secrets.door: the environment has no MATCHNIGHT_TEST_DOOR; "
            "export MATCHNIGHT_TEST_DOOR=..."
        )
    ]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (None, "testbed"),
        ("http://t.invalid", "testbed"),
        ("http://t.invalid/a.m3u8", "bare-stream"),
    ],
)
def test_without_a_profile_the_one_that_suits_the_target_is_spoken(
    target: str | None, name: str
) -> None:
    assert read_spoken(None, target).name == name


def test_a_profile_may_name_its_own_target(mine: Path) -> None:
    own = Options.of({"scenario": "smoke", "profile": str(mine)})
    given = Options.of({"scenario": "smoke", "profile": str(mine), "target": "http://t.invalid"})
    assert (own.target, given.target) == ("https://api.invalid", "http://t.invalid")
    assert Options.of({"scenario": "smoke"}).target is None


def test_a_profile_that_is_not_there_is_told() -> None:
    with pytest.raises(MatchnightError, match="no target profile 'testbad'"):
        Options.of({"scenario": "smoke", "profile": "testbad"})
