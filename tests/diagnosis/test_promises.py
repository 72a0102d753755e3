from collections.abc import Sequence

import pytest
from levels import level

from loadtests.audience.trial import Joins, Trial
from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.level import Found
from loadtests.diagnosis.promises import kept
from loadtests.scenario.model import Limit, Metric, Objective, Span
from loadtests.vocabulary import Outcome, Step

HELD = level(Trial(number=1, joins=Joins.STEP, rate=10.0), {})
EVER = Span(start=0.0, stop=60.0)


def objective(metric: Metric, bound: float, step: Step | None = None) -> Objective:
    return Objective(
        metric=metric,
        at_most=Limit(value=bound, kind="seconds"),
        between=EVER,
        step=step,
        quantile=0.95,
    )


def started(times: Sequence[float]) -> Window:
    window = Window(0)
    for time in times:
        window.startup.setdefault(0, Distribution()).add(time)
    return window


def answered(step: Step, times: Sequence[float]) -> Window:
    window, tally = Window(0), Tally(count=len(times))
    for time in times:
        tally.times.add(time)
    window.ended[step, Outcome.OK, False] = tally
    return window


def test_a_load_whose_viewers_start_in_time_is_held() -> None:
    promise = objective(Metric.STARTUP_TIME, 4.0)
    assert kept(HELD, [promise], [started([1.0] * 19), started([9.0])]) is HELD


def test_a_load_whose_viewers_start_too_late_has_broken_though_every_step_kept_up() -> None:
    promise = objective(Metric.STARTUP_TIME, 4.0)
    found = kept(HELD, [promise], [started([1.0] * 10), started([9.0] * 10)])
    assert (found.found, found.is_too_slow, found.shortfall) == (Found.BROKE, True, 0.0)
    assert found.why.startswith("startup time, 95%: 8.9")  # within the 1 % of a distribution
    assert found.why.endswith("above the objective of 4s")


def test_a_step_that_answers_too_late_is_the_one_that_broke() -> None:
    promise = objective(Metric.RESPONSE_TIME, 1.0, Step.LICENSE)
    windows = [answered(Step.LICENSE, [2.0] * 10), answered(Step.HOME, [0.1] * 1000)]
    found = kept(HELD, [promise], windows)
    assert (found.first, found.found) == (Step.LICENSE, Found.BROKE)
    assert "response time of license" in found.why


@pytest.mark.parametrize("metric", [Metric.ERROR_RATIO, Metric.BLACK_SCREENS])
def test_objectives_about_anything_else_than_times_are_left_to_the_bound_of_a_level(
    metric: Metric,
) -> None:
    promise = Objective(metric=metric, at_most=Limit(value=0.0, kind="ratio"), between=EVER)
    assert kept(HELD, [promise], [started([99.0] * 50)]) is HELD


def test_where_nobody_started_nothing_is_said() -> None:
    assert kept(HELD, [objective(Metric.STARTUP_TIME, 4.0)], [Window(0)]) is HELD
