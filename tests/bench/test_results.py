from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from case import Bar, Case, Figures, Place, median
from readme import BEGIN, END, renewed
from results import Bench, Played, judged, newest
from table import terminal, verdict

OURS, PEER = "matchnight", "Locust FastHttpUser"


@contextmanager
def nothing(_place: Place) -> Iterator[str]:
    yield ""


def contender(_place: Place, _url: str) -> Figures:
    return {}


def played(name: str = "viewers", *, most: float = 26e-6) -> Played:
    case = Case(
        name=name,
        title="Viewers",
        about="",
        origin=nothing,
        contenders={OURS: contender, PEER: contender},
        columns=("rate", "cpu_per_request", "lag_p99"),
        bars=(
            Bar(
                text="CPU per request",
                figure=lambda results: median(results, OURS, "cpu_per_request"),
                most=most,
                unit="µs",
            ),
        ),
    )
    ours = [
        {"rate": 21_000.0, "cpu_per_request": us * 1e-6, "lag_p99": 0.004} for us in (23, 27, 25)
    ]
    peers = [{"rate": 2_000.0, "cpu_per_request": 400e-6, "lag_p99": float("nan")}]
    return judged(case, {OURS: ours, PEER: peers})


def bench(*cases: Played, commit: str = "a1b2c3d4e5", minutes: int = 0) -> Bench:
    return Bench(
        at=datetime(2026, 11, 22, 20, tzinfo=UTC) + timedelta(minutes=minutes),
        machine={
            "processor": "EPYC",
            "kernel": "6.1",
            "cores": 2,
            "nginx": "1.22",
            "python": "3.11",
        },
        commit={"commit": commit, "is_dirty": False},
        seconds=8.0,
        cases=cases,
        skipped={},
    )


def test_the_table_shows_medians_with_their_range_and_a_dash_for_what_nobody_knows() -> None:
    assert terminal(played()) == (
        "Viewers\n"
        "                     requests/s  CPU µs/request    lag p99 ms\n"
        "matchnight           21,000      25.0 (23.0-27.0)  4.0\n"
        "Locust FastHttpUser  2,000       400.0             -\n"
        "cleared  CPU per request: 25.0 µs (at most 26.0)"
    )


def test_a_missed_bar_says_so() -> None:
    (bar,) = played(most=20e-6).bars

    assert verdict(bar) == "MISSED   CPU per request: 25.0 µs (at most 20.0)"


def test_what_is_written_can_be_read_again(tmp_path: Path) -> None:
    run = bench(played())

    run.write(tmp_path)

    assert newest(tmp_path) == run


def test_the_newest_results_take_cases_from_earlier_runs_of_the_same_commit_only(
    tmp_path: Path,
) -> None:
    bench(played("knee"), commit="before", minutes=0).write(tmp_path)
    bench(played("drain"), played("viewers"), minutes=1).write(tmp_path)
    bench(played("viewers", most=1.0), minutes=2).write(tmp_path)

    found = newest(tmp_path)

    assert found is not None
    assert {case.name: case.bars[0].most for case in found.cases} == {
        "drain": 26e-6,
        "viewers": 1.0,
    }


def test_a_file_of_another_making_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"rows": []}')

    assert newest(tmp_path) is None


def test_a_run_that_is_written_again_stays_one_file(tmp_path: Path) -> None:
    run = bench()
    run.write(tmp_path)
    replace(run, cases=(played(),)).write(tmp_path)

    assert len(list(tmp_path.iterdir())) == 1


def test_the_readme_keeps_all_but_its_table() -> None:
    said = renewed(f"before\n{BEGIN}\nold\n{END}\nafter\n", bench(played()))

    assert said.startswith(f"before\n{BEGIN}\n| | viewers a core on time |".replace("| |", "|  |"))
    assert "| matchnight | - | 25.0 |" in said
    assert "2026-11-22, commit a1b2c3d." in said
    assert said.endswith(f"\n{END}\nafter\n")
    assert "old" not in said
    assert renewed(said, bench(played())) == said


@pytest.mark.parametrize("text", ["", BEGIN, f"{END} {BEGIN}"])
def test_a_readme_without_its_markers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="bench"):
        renewed(text, bench())
