import re
from dataclasses import replace

import pytest

from loadtests.export.archive import Run
from loadtests.export.summarize import summarize
from loadtests.export.summary import FirstFailingStep
from loadtests.export.terminal import WIDTH
from loadtests.export.text import text


def test_the_first_three_lines_hold_the_answer(overloaded: Run) -> None:
    black, failure, against = text(summarize(overloaded)).splitlines()[:3]
    assert black == (
        "23.2 % of viewers met a black screen (179 of 771 viewers; 95 % interval 20.4 to 26.3 %)."
    )
    assert failure.startswith("sign_in failed first, ")
    assert failure.endswith("before kick-off. The run is valid; 2 of 3 objectives missed.")
    assert against == (
        "Rehearsed on the embedded stack with invented capacity: says nothing about the real event."
    )


def test_a_run_that_is_not_valid_says_so_before_any_figure(terrible: Run) -> None:
    said = text(summarize(terrible))
    assert said.startswith("The run is not valid: do not quote its figures.\n")
    assert "Problem: worker 2 ran at 100 % of a core for 41 s" in said


def test_a_real_target_is_named(healthy: Run) -> None:
    assert text(summarize(healthy)).splitlines()[2] == "Rehearsed against http://127.0.0.1:8080."


def test_a_run_cut_short_says_how_far_it_came(killed: Run) -> None:
    assert "Cut short after 6 min 10 s: killed, or still going." in text(summarize(killed))


def test_a_run_without_a_window_claims_nothing(empty: Run) -> None:
    said = text(summarize(empty))
    assert "Nobody arrived, so nothing is known of black screens." in said
    assert "Nothing was asked of the target. 3 of 3 objectives not measurable." in said
    assert "0 %" not in said.replace("30 %", "")


@pytest.mark.parametrize("kind", ["overloaded", "healthy", "terrible", "killed", "empty"])
def test_no_line_is_wider_than_a_terminal(kind: str, request: pytest.FixtureRequest) -> None:
    summary = summarize(request.getfixturevalue(kind))
    lines = text(replace(summary, title="A long title of many words " * 9)).splitlines()
    assert [line for line in lines if len(line) > WIDTH] == []


def test_color_is_only_added_never_text(overloaded: Run) -> None:
    summary = summarize(overloaded)
    plain, colored = text(summary), text(summary, color=True)
    assert "\033" not in plain
    assert re.sub(r"\033\[\d*m", "", colored) == plain
    assert colored != plain


def test_the_ends_marked_are_those_the_scenario_counts(overloaded: Run) -> None:
    summary = summarize(overloaded)
    screens = replace(summary.black_screens, ends=["refused"])
    marked = [
        line for line in text(replace(summary, black_screens=screens)).splitlines()
        if line.endswith("  black screen")
    ]  # fmt: skip
    assert [line.split("  ")[1] for line in marked] == ["refused by policy"]


def test_a_speed_too_high_to_scale_is_named_with_its_limit(overloaded: Run) -> None:
    summary = summarize(overloaded)
    screens = replace(summary.black_screens, scaled=None, faithful_up_to_speed=1.5)
    nobody = replace(summary.incident.affected, black_screens=None)
    incident = replace(summary.incident, affected=nobody)
    said = text(replace(summary, black_screens=screens, incident=incident, speed=9.0))
    assert (
        "Not scaled to the real audience: played at speed 9, "
        "and a figure may be scaled up to speed 1.5."
    ) in said


def test_the_folder_is_named_when_it_is_known(healthy: Run) -> None:
    summary = replace(summarize(healthy), first_failing_step=FirstFailingStep(step="home", at=0.0))
    assert text(summary, folder="reports/x").endswith("\nReport: reports/x/report.html\n")
