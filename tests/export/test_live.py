from io import StringIO

import pytest
from rich.console import Console, RenderableType

from loadtests.audience import crowd
from loadtests.collect.timeline import Timeline
from loadtests.export.archive import Run
from loadtests.export.live import brief, line, view


def _shown(renderable: RenderableType, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(renderable)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def _until(run: Run, second: int) -> Timeline:
    return Timeline(window for window in run.timeline.windows if window.second < second)


def test_the_line_tells_the_moment_of_the_event_and_what_fails(overloaded: Run) -> None:
    said = line(
        overloaded.scenario, _until(overloaded, 230), crowd.planned(overloaded.scenario), 230.0
    )
    assert said.startswith("20:59:50 · kick-off \N{MINUS SIGN}0:10  joins ")
    assert "failing sign_in " in said
    assert "\n" not in said


def test_joins_are_those_of_the_last_five_seconds(overloaded: Run) -> None:
    timeline = _until(overloaded, 235)
    planned = crowd.planned(overloaded.scenario)
    arrived = sum(sum(window.arrived.values()) for window in timeline.windows[-5:])
    said = line(overloaded.scenario, timeline, planned, 235.0)
    assert f"joins {arrived / 5:.1f}/s of {sum(planned[230:235]) / 5:.1f} planned" in said


def test_the_view_shows_a_row_for_each_step_that_was_met(overloaded: Run) -> None:
    planned = crowd.planned(overloaded.scenario)
    shown = _shown(view(overloaded.scenario, overloaded.timeline, planned, 600.0))
    (row,) = [text for text in shown.splitlines() if " sign_in " in text]
    assert "overload" in row
    assert " leave " not in shown
    assert "21:06:00 · kick-off +6:00" in shown


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_view_of_a_run_that_has_not_begun_fits_and_invents_nothing(
    empty: Run, width: int
) -> None:
    planned = crowd.planned(empty.scenario)
    shown = _shown(view(empty.scenario, Timeline(), planned, -1.0), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "0.0 of 0.0 planned" in shown
    assert "%" not in shown


def test_a_late_tester_is_shown_in_red(terrible: Run) -> None:
    console = Console(file=StringIO(), width=100, force_terminal=True, color_system="standard")
    console.print(view(terrible.scenario, terrible.timeline, [], 600.0))
    assert isinstance(console.file, StringIO)
    assert "\033[1;31m" in console.file.getvalue()


def test_the_line_of_one_run_of_many_says_which_and_what_fails(overloaded: Run) -> None:
    planned = crowd.planned(overloaded.scenario)
    shown = _shown(brief(overloaded.scenario, _until(overloaded, 230), planned, 230.4), width=150)
    assert shown.startswith(f"{overloaded.scenario.title}  3 min 50 s  joins ")
    assert "failing sign_in " in shown
    assert len(shown.splitlines()) == 1
