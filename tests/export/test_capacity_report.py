from dataclasses import replace
from pathlib import Path

import pytest
from made_capacity import searched

from loadtests.diagnosis.signature import read_signature
from loadtests.errors import MatchnightError
from loadtests.export.capacity_report import (
    EXPORTERS,
    is_of_a_search,
    redraw_capacity,
    write_capacity,
)


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_the_folder_holds_page_record_metrics_and_signature(tmp_path: Path) -> None:
    write_capacity(tmp_path, searched())
    assert {path.name for path in tmp_path.iterdir()} == {*EXPORTERS, "signature.json"}
    assert read_signature(tmp_path / "signature.json") == searched().signature


def test_a_report_is_redrawn_from_its_folder_alone(tmp_path: Path) -> None:
    write_capacity(tmp_path, searched())
    written = _texts(tmp_path)
    for name in set(EXPORTERS) - {"capacity.json"}:
        (tmp_path / name).unlink()
    assert redraw_capacity(tmp_path) == searched()
    assert _texts(tmp_path) == written


def test_a_search_without_a_signature_writes_none(tmp_path: Path) -> None:
    write_capacity(tmp_path, replace(searched(), signature=None))
    assert not (tmp_path / "signature.json").exists()


def test_a_folder_of_a_search_is_told_from_any_other(tmp_path: Path) -> None:
    assert not is_of_a_search(tmp_path)
    with pytest.raises(MatchnightError):
        redraw_capacity(tmp_path)
    write_capacity(tmp_path, searched())
    assert is_of_a_search(tmp_path)


def test_metrics_tell_the_knees_of_viewers_and_of_requests() -> None:
    lines = EXPORTERS["capacity.prom"](searched()).splitlines()
    assert 'matchnight_knee_joins_per_second{bound="value",joins="step"} 41.25' in lines
    assert 'matchnight_knee_joins_per_second{bound="low",joins="surge"} 40.0' in lines
    assert 'matchnight_knee_requests_per_second{bound="value",endpoint="playlist"} 240.0' in lines


def test_a_knee_that_was_never_reached_has_no_high_end() -> None:
    said = EXPORTERS["capacity.prom"](searched())
    assert 'bound="high",joins="step"' in said
    assert 'bound="high",joins="surge"' not in said
    assert 'bound="high",endpoint="playlist"' not in said
