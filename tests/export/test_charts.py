from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience import crowd
from loadtests.collect import qoe, requests
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.export.archive import Run
from loadtests.export.charts import POINTS, drawing, moments, points, steps
from loadtests.export.summary import FirstFailingStep
from loadtests.vocabulary import End, Outcome, Step


def _windows(arrivals: list[int]) -> Iterator[Window]:
    for second, arrived in enumerate(arrivals):
        window = Window(second)
        window.arrived[second // 60] = arrived
        window.ends[second // 60, End.IN_TIME] = arrived // 2
        window.left = arrived // 3
        window.lag.add(0.001 * (arrived + 1))
        yield window


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 70))
def test_points_are_few_and_lose_nothing(arrivals: list[int], limit: int) -> None:
    timeline = Timeline(_windows(arrivals))
    made = points(timeline, limit)
    assert len(made) <= limit
    assert sum(point.seconds for point in made) == len(arrivals)
    assert sum(qoe.arrived(point.window) for point in made) == sum(arrivals)
    if made:
        assert made[-1].watching == qoe.watching(timeline.total)
        assert made[-1].starting == qoe.still_starting(timeline.total)


def test_a_percentile_of_a_point_is_that_of_all_its_measurements() -> None:
    fast, slow = Window(0), Window(1)
    for window, value, count in ((fast, 0.1, 99), (slow, 9.0, 1)):
        tally = window.ended[Step.HOME, Outcome.OK, False] = Tally(count=count)
        tally.times.add(value, count)
    (point,) = points(Timeline([fast, slow]), 1)
    # the mean of the two seconds' p99 would be 4.55 s
    assert requests.response_times(point.window).quantile(0.99) == pytest.approx(0.1, rel=0.01)


def _drawn(run: Run) -> dict[str, Any]:
    planned = crowd.planned(run.scenario)
    made = points(run.timeline)
    return drawing(run.scenario, run.timeline.total, made, planned, moments(run.scenario, None))


def _series(drawn: dict[str, Any], chart: str, label: str) -> list[float]:
    (found,) = [s for s in drawn["charts"][chart]["series"] if s["label"] == label]
    values: list[float] = found["values"]
    return values


def test_every_line_has_a_value_for_every_point_of_its_grid(overloaded: Run) -> None:
    drawn = _drawn(overloaded)
    for chart in drawn["charts"].values():
        for series in chart["series"]:
            assert len(series["values"]) == len(drawn["grids"][chart["grid"]])


def test_lines_carry_what_was_counted(overloaded: Run) -> None:
    drawn, total = _drawn(overloaded), overloaded.timeline.total
    assert sum(_series(drawn, "joins", "actual")) == qoe.arrived(total)
    planned = sum(crowd.planned(overloaded.scenario))
    assert sum(_series(drawn, "joins", "planned")) == pytest.approx(planned, rel=0.001)
    assert _series(drawn, "viewers", "watching")[-1] == qoe.watching(total)
    failed = _series(drawn, "requests-sign_in", "failed")
    assert sum(failed) == requests.failures(total, Step.SIGN_IN)
    assert sum(_series(drawn, "fates", "never started")) == qoe.ended(total, End.NEVER_STARTED)


def test_two_hours_are_drawn_from_some_nine_hundred_points(two_hours: Run) -> None:
    drawn = _drawn(two_hours)
    grid = drawn["grids"]["seconds"]
    assert len(grid) == POINTS
    assert grid == [-1800 + 8 * i for i in range(POINTS)]
    joins = _series(drawn, "joins", "actual")
    assert 8 * sum(joins) == pytest.approx(qoe.arrived(two_hours.timeline.total), rel=0.001)


def test_charts_follow_the_order_a_viewer_meets_the_steps(overloaded: Run) -> None:
    met = steps(overloaded.timeline.total)
    assert met == [step for step in Step if step in met]
    assert Step.LEAVE not in met


def test_marks_outside_the_window_are_left_out_and_kick_off_is_one(overloaded: Run) -> None:
    first = FirstFailingStep(step="sign_in", at=-82.0)
    found = moments(overloaded.scenario, first)
    assert [(m.at, m.label) for m in found] == [
        (-82.0, "sign_in fails"),
        (0.0, "kick-off"),
        (300.0, "goal 1-0"),
    ]


def test_an_empty_run_draws_nothing(empty: Run) -> None:
    assert _drawn(empty)["grids"] == {"seconds": [], "minutes": []}
