import json
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest
from made_capacity import searched

from loadtests.diagnosis.explore import Capacity
from loadtests.errors import MatchnightError
from loadtests.export.capacity_record import CAPACITY, Search, read_search
from loadtests.export.capacity_report import write_capacity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_capacity(tmp_path, searched())
    return tmp_path


def test_a_search_is_read_as_it_was_written(folder: Path) -> None:
    assert read_search(folder) == searched()


def test_a_search_that_has_found_nothing_yet_is_read_as_it_was_written(tmp_path: Path) -> None:
    nothing = Capacity(knees={}, levels=(), lowest=None)
    begun = replace(searched(), capacity=nothing, signature=None, complete=False, why="killed")
    write_capacity(tmp_path, begun)
    assert read_search(tmp_path) == begun


def test_every_level_is_written_once_and_named_by_its_number_elsewhere(folder: Path) -> None:
    made = json.loads((folder / CAPACITY).read_text(encoding="utf-8"))
    assert [level["trial"]["number"] for level in made["levels"]] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert made["capacity"]["knees"]["step"]["levels"] == [1, 2, 3, 4, 5]
    assert (made["capacity"]["lowest"], made["capacity"]["overload"]) == (1, 8)


def test_the_signature_has_a_file_of_its_own(folder: Path) -> None:
    assert "signature" not in json.loads((folder / CAPACITY).read_text(encoding="utf-8"))
    (folder / "signature.json").unlink()
    assert read_search(folder) == replace(searched(), signature=None)


def test_what_is_no_number_is_null() -> None:
    spoiled = replace(searched(), lag_p99=nan)
    assert json.loads(json.dumps(spoiled.to_json(), allow_nan=False))["lag_p99"] is None


def test_a_key_a_later_field_has_not_yet_is_its_default(folder: Path) -> None:
    _change(folder, lambda made: made["capacity"].pop("notes"))
    assert read_search(folder).capacity == replace(searched().capacity, notes=())


def _change(folder: Path, change: object) -> None:
    made = json.loads((folder / CAPACITY).read_text(encoding="utf-8"))
    assert callable(change)
    change(made)
    (folder / CAPACITY).write_text(json.dumps(made), encoding="utf-8")


def test_another_version_is_refused(folder: Path) -> None:
    _change(folder, lambda made: made.update(version=2))
    with pytest.raises(MatchnightError, match=r"version 2; this matchnight reads version 1; use"):
        read_search(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 1}', '{"version": 1, "a": 2}'])
def test_what_is_damaged_says_so(text: str, folder: Path) -> None:
    (folder / CAPACITY).write_text(text, encoding="utf-8")
    with pytest.raises(MatchnightError, match="damaged, or not a capacity search's"):
        read_search(folder)


@pytest.mark.parametrize("key", ["scenario", "capacity", "ceiling"])
def test_what_lacks_a_field_is_damaged(key: str, folder: Path) -> None:
    _change(folder, lambda made: made.pop(key))
    with pytest.raises(MatchnightError, match="damaged"):
        read_search(folder)


def test_a_knee_that_names_a_level_nobody_has_is_damaged(folder: Path) -> None:
    _change(folder, lambda made: made["capacity"].update(lowest=77))
    with pytest.raises(MatchnightError, match="damaged"):
        read_search(folder)


def test_a_folder_without_a_search_says_so(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match=r"capacity\.json: cannot be read: No such file"):
        read_search(tmp_path)


def test_the_levels_of_a_search_come_in_the_order_they_were_played() -> None:
    search: Search = searched()
    assert [level.trial.number for level in search.levels] == [*range(1, 10)]
