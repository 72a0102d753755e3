from pathlib import Path

import pytest

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.library import find, folder, names


def test_a_shipped_scenario_is_found_by_its_name() -> None:
    assert find("psg-juventus") == folder() / "psg-juventus.yaml"
    assert {"psg-juventus", "smoke"} <= set(names())
    assert names() == sorted(names())


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "cup.yaml"
    file.touch()
    assert find(str(file)) == file


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("psg-juve", "no scenario 'psg-juve'; did you mean 'psg-juventus'? (there are "),
        ("zzzzzz", "no scenario 'zzzzzz'; write one of "),
        ("cups/final.yaml", "no file 'cups/final.yaml'; write the path of a scenario, or a name: "),
        ("final.yml", "no file 'final.yml'; write the path of a scenario, or a name: "),
        ("", "no scenario ''; write one of "),
        ("a\0b", "no scenario 'a\\x00b'; write one of "),
        ("x" * 5000, "no scenario '" + "x" * 39 + "…'; write one of "),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(asked: str, words: str) -> None:
    with pytest.raises(MatchnightError) as caught:
        find(asked)
    assert str(caught.value).startswith(words)
    assert "psg-juventus" in str(caught.value)
    assert caught.value.status is ExitStatus.USAGE


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match="no file"):
        find(str(tmp_path))
