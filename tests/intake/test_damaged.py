"""What a diagnosis says of a log that is damaged, of a night whose cause is known."""

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from edge_nights import shipped, sightings_on_paper
from log_lines import combined, text
from night_logs import lines
from overloads import signed

from loadtests.cli import main
from loadtests.collect.edge.sighting import Sighting
from loadtests.diagnosis.signature import write_signature

Capture = pytest.CaptureFixture[str]
Damage = Callable[[list[str]], Sequence[str]]

CAUSE = "demand_above_knee"
OTHER_CLOCK = 3600.0


@pytest.fixture(scope="module")
def night() -> list[Sighting]:
    return sightings_on_paper(shipped("psg-juventus", "a"))


@pytest.fixture(scope="module")
def signature(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("known") / "signature.json"
    path.write_text(write_signature(signed(shipped("psg-juventus", "a"))), encoding="utf-8")
    return path


def diagnosed(capsys: Capture, signature: Path, *logs: Path) -> Mapping[str, Any]:
    capsys.readouterr()
    files = [str(log) for log in logs]
    main(["diagnose", "--access-log", *files, "--signature", str(signature), "--json"])
    said = capsys.readouterr()
    assert said.err == ""
    made: Mapping[str, Any] = json.loads(said.out)
    return made


def holds(verdict: Mapping[str, Any]) -> bool:
    """Nothing wrong is said: the cause is the true one or left open, and nobody is accused."""
    return verdict["cause"]["kind"] in {CAUSE, "undetermined"} and not verdict["hostile"]


def notes(verdict: Mapping[str, Any]) -> str:
    return "\n".join(verdict["source"]["notes"])


def corrupt(whole: list[str]) -> Sequence[str]:
    return [
        line[: len(line) // 2] + "\0\x16" if n % 10 == 3 else line for n, line in enumerate(whole)
    ]


def mixed(whole: list[str]) -> Sequence[str]:
    return [as_combined(json.loads(line)) if n % 4 == 1 else line for n, line in enumerate(whole)]


def as_combined(said: Mapping[str, Any]) -> str:
    """The same request by the same client, in a format that has less to say of it."""
    return combined(said["time"], said["client"], said["path"], said["status"])


def out_of_order(whole: list[str]) -> Sequence[str]:
    random = Random(7)  # noqa: S311 - a damage that is the same each time
    late = {line: json.loads(line)["time"] + random.uniform(0, 120) for line in whole}
    return sorted(whole, key=late.__getitem__)


@pytest.mark.ci
@pytest.mark.parametrize(
    ("damage", "told"),
    [(corrupt, "lines are no request's, and left out"), (mixed, ""), (out_of_order, "")],
)
def test_a_damaged_log_is_told_of_and_never_answered_wrongly(
    night: list[Sighting],
    signature: Path,
    tmp_path: Path,
    capsys: Capture,
    damage: Damage,
    told: str,
) -> None:
    (tmp_path / "a.log").write_bytes(text(damage([*lines(night)])))
    verdict = diagnosed(capsys, signature, tmp_path / "a.log")
    assert holds(verdict)
    assert told in notes(verdict)


@pytest.mark.ci
def test_an_archive_cut_short_is_told_of_and_never_answered_wrongly(
    night: list[Sighting], signature: Path, tmp_path: Path, capsys: Capture
) -> None:
    packed = gzip.compress(text(lines(night)), compresslevel=1)
    (tmp_path / "a.gz").write_bytes(packed[: len(packed) * 3 // 4])
    verdict = diagnosed(capsys, signature, tmp_path / "a.gz")
    assert holds(verdict)
    assert "is cut short or damaged" in notes(verdict)


@pytest.mark.ci
def test_an_edge_with_a_wrong_clock_is_told_of_and_never_answered_wrongly(
    night: list[Sighting], signature: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "a.log").write_bytes(text(lines(night[::2])))
    (tmp_path / "b.log").write_bytes(text(lines(night[1::2], later=OTHER_CLOCK)))
    verdict = diagnosed(capsys, signature, tmp_path / "a.log", tmp_path / "b.log")
    assert holds(verdict)
    assert "a wrong clock or time zone" in notes(verdict)


def test_bytes_that_are_no_log_get_one_clear_message(
    signature: Path, tmp_path: Path, capsys: Capture
) -> None:
    anything = Random(7).randbytes(100_000)  # noqa: S311 - the same each time
    (tmp_path / "a.log").write_bytes(anything)
    line = ["diagnose", "--access-log", str(tmp_path / "a.log"), "--signature", str(signature)]
    assert main(line) == 2
    said = capsys.readouterr()
    assert (said.out, "are no access log's" in said.err) == ("", True)
