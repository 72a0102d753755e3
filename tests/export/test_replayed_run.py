"""The folder of a run that replays a series is enough: nobody needs the series' file again."""

import json
from pathlib import Path

import pytest

from loadtests.audience import crowd
from loadtests.errors import InvalidFile, MatchnightError
from loadtests.export.archive import FILES, Archive, Manifest, read_run
from loadtests.export.report import write_report
from loadtests.scenario.library import find
from loadtests.scenario.read import load, other_files, read_scenario

EVENING = find("world-cup-98")
MANIFEST = Manifest(
    scenario="world-cup-98",
    variant="france-croatia",
    target="http://127.0.0.1:9",
    embedded=True,
    created="2026-01-01T20:00:00+00:00",
)


def record(folder: Path) -> Path:
    Archive.create(folder, MANIFEST, load(EVENING), other_files(EVENING)).close()
    return folder


def test_a_run_is_read_from_its_folder_alone(tmp_path: Path) -> None:
    run = read_run(record(tmp_path / "run"))
    asked = read_scenario(EVENING, variant="france-croatia")
    assert run.scenario == asked
    assert crowd.digest(run.scenario) == crowd.digest(asked)


def test_its_report_is_drawn_from_its_folder_alone(tmp_path: Path) -> None:
    summary = write_report(record(tmp_path / "run"))
    assert (summary.scenario, summary.variant) == ("world-cup-98", "france-croatia")
    assert summary.black_screens.assumptions[1] == (
        "They come as counted in curves/world-cup-98-france-croatia.csv (requests), scaled: "
        "1,958,982 of them in the whole series."
    )


def test_a_run_that_replays_nothing_has_no_other_files(tmp_path: Path) -> None:
    smoke = find("smoke")
    Archive.create(tmp_path / "run", MANIFEST, load(smoke), other_files(smoke)).close()
    assert not (tmp_path / "run" / FILES).exists()


def test_a_lost_series_is_named(tmp_path: Path) -> None:
    (record(tmp_path / "run") / FILES).unlink()
    with pytest.raises(InvalidFile, match=r"curves/world-cup-98-final\.csv: cannot be read"):
        read_run(tmp_path / "run")


@pytest.mark.parametrize("text", ["{", "[]", "1"])
def test_a_damaged_record_of_the_files_is_named(tmp_path: Path, text: str) -> None:
    (record(tmp_path / "run") / FILES).write_text(text, encoding="utf-8")
    with pytest.raises(MatchnightError, match=r"files\.json: damaged, or not a run's"):
        read_run(tmp_path / "run")


def test_the_files_are_kept_by_the_names_the_scenario_uses(tmp_path: Path) -> None:
    kept = json.loads((record(tmp_path / "run") / FILES).read_text(encoding="utf-8"))
    assert set(kept) == {
        f"curves/world-cup-98-{name}.csv"
        for name in ("final", "france-croatia", "brazil-netherlands")
    }
