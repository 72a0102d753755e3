"""`matchnight stop`: one message for what cannot be stopped, the truth about what could not."""

import json
import threading
from pathlib import Path

import pytest

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.swarm import stop
from loadtests.swarm.stop import LOOK_EVERY


def write(folder: Path, *events: dict[str, object], run: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if run:
        (folder / "run.json").write_text("{}", encoding="utf-8")
    with (folder / "events.jsonl").open("a", encoding="utf-8") as file:
        for event in events:
            file.write(json.dumps(event, separators=(",", ":")) + "\n")
    return folder


STARTED: dict[str, object] = {"kind": "started", "at": 1.0}
STOPPED: dict[str, object] = {"kind": "stopped", "at": 2.0, "reason": "interrupted"}


def refusal(folder: Path) -> MatchnightError:
    with pytest.raises(MatchnightError) as caught:
        stop.stop(folder)
    assert not (folder / "stop").exists()
    return caught.value


def test_a_folder_that_is_no_run_is_said(tmp_path: Path) -> None:
    assert str(refusal(tmp_path)) == f"{tmp_path}: not the folder of a run: no run.json in it"


def test_a_run_that_is_over_is_said(tmp_path: Path) -> None:
    assert str(refusal(write(tmp_path, STARTED, STOPPED))) == f"{tmp_path}: is over already"


def test_a_run_nobody_plays_is_said_and_its_folder_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop, "WITHIN", 0.1)
    problem = refusal(write(tmp_path, STARTED))
    assert "did not stop within 100ms: is anybody still playing it?" in str(problem)
    assert problem.status is ExitStatus.INVALID_RUN


@pytest.mark.parametrize("is_canary", [False, True])
def test_it_waits_until_the_run_has_its_last_word(is_canary: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    write(tmp_path / "canary" if is_canary else tmp_path, STARTED)

    def play() -> None:
        while not (tmp_path / "stop").exists():
            threading.Event().wait(LOOK_EVERY / 10)
        write(tmp_path, STOPPED)

    player = threading.Thread(target=play)
    player.start()
    assert stop.stop(tmp_path) == f"{tmp_path}: has stopped"
    player.join(5)


def test_a_search_is_known_by_its_trials_and_over_when_it_says_so(tmp_path: Path) -> None:
    write(tmp_path / "trials" / "01-step-4", STARTED, STOPPED)
    write(tmp_path, STOPPED, run=False)
    assert str(refusal(tmp_path)) == f"{tmp_path}: is over already"
