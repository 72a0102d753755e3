"""The live view follows the folder as it grows: whole lines only, each once."""

import json
import time
from pathlib import Path

import pytest

from loadtests.collect.window import Window
from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario
from loadtests.swarm.screen import Screen, Tail


def test_a_tail_gives_each_line_once_and_a_torn_one_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "windows.jsonl"
    tail = Tail(path)
    assert list(tail) == []
    with path.open("w", encoding="utf-8") as file:
        file.write('{"n": 1}\n{"n": 2}\n{"n"')
        file.flush()
        assert [record["n"] for record in tail] == [1, 2]
        assert list(tail) == []
        file.write(": 3}\n")
    assert [record["n"] for record in tail] == [3]


def screen_of_a_run(folder: Path, *, quiet: bool, brief: bool = False) -> Screen:
    """Of a run that began ten seconds ago and has written two of its seconds."""
    started = {"kind": "started", "at": time.time() - 10}
    (folder / "events.jsonl").write_text(json.dumps(started) + "\n", encoding="utf-8")
    seconds = [Window(second).to_json() for second in range(2)]
    lines = "".join(json.dumps(second) + "\n" for second in seconds)
    (folder / "windows.jsonl").write_text(lines, encoding="utf-8")
    return Screen(read_scenario(find("smoke")), folder, quiet=quiet, brief=brief)


def test_without_a_terminal_a_line_appears_now_and_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with screen_of_a_run(tmp_path, quiet=False) as screen:
        screen.refresh()
        screen.refresh()
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 1
    assert "kick-off" in shown[0]
    assert screen.start is not None


def test_a_quiet_screen_shows_nothing_and_still_knows_when_the_run_began(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with screen_of_a_run(tmp_path, quiet=True) as screen:
        screen.refresh()
    assert capsys.readouterr().out == ""
    assert screen.start is not None


def test_one_run_of_many_shows_nothing_without_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with screen_of_a_run(tmp_path, quiet=False, brief=True) as screen:
        screen.refresh()
    assert capsys.readouterr().out == ""
    assert screen.start is not None
