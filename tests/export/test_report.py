import json
from pathlib import Path

import pytest

from loadtests.errors import MatchnightError
from loadtests.export import report
from loadtests.export.archive import Archive, Manifest, Run
from loadtests.export.report import EXPORTERS, write_report
from loadtests.export.summary import Summary
from loadtests.export.verdict_record import Case
from loadtests.scenario.library import find

OF_A_VERDICT = {"verdict.json", "verdict.txt"}
"""The synthetic evening's windows say nothing of what an edge saw."""


@pytest.fixture
def folder(tmp_path: Path, overloaded: Run) -> Path:
    """The folder of a run of the shipped scenario; its windows are the synthetic evening's."""
    manifest = Manifest(
        scenario="psg-juventus",
        variant="a",
        target="http://127.0.0.1:8080",
        embedded=True,
        created="2026-11-22T19:30:00+00:00",
    )
    text = find("psg-juventus").read_text(encoding="utf-8")
    archive = Archive.create(tmp_path / "run", manifest, text)
    archive.event("started", 1000.0)
    for window in overloaded.timeline.windows[:60]:
        archive.append(window)
    archive.event("stopped", 1060.0, reason="finished")
    archive.close()
    return tmp_path / "run"


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_exporter_leaves_its_file_and_nothing_else(folder: Path) -> None:
    before = _names(folder)
    summary = write_report(folder)
    assert _names(folder) - before == set(EXPORTERS) - OF_A_VERDICT
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8")) == summary.to_json()
    assert all((folder / name).stat().st_size for name in set(EXPORTERS) - OF_A_VERDICT)


def test_a_run_that_says_nothing_of_the_edge_gets_no_verdict(folder: Path) -> None:
    assert write_report(folder).verdict is None
    assert not _names(folder) & OF_A_VERDICT


def test_drawn_again_it_is_the_same_report(folder: Path) -> None:
    write_report(folder)
    names = set(EXPORTERS) - OF_A_VERDICT
    first = {name: (folder / name).read_bytes() for name in names}
    write_report(folder)
    assert {name: (folder / name).read_bytes() for name in names} == first


def test_an_end_in_the_middle_of_writing_leaves_the_old_file_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(folder)
    old = (folder / "report.html").read_bytes()

    def dies(_run: Run, _summary: Summary, _case: Case | None) -> str:
        return "half a page \ud800"  # cannot be encoded: the write fails after it began

    monkeypatch.setitem(report.EXPORTERS, "report.html", dies)
    with pytest.raises(UnicodeEncodeError):
        write_report(folder)
    assert (folder / "report.html").read_bytes() == old
    assert [name for name in _names(folder) if name.startswith(".")] == []


def test_a_folder_without_a_run_is_refused_and_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError):
        write_report(tmp_path)
    assert list(tmp_path.iterdir()) == []
