"""The search against targets whose knee is known: a level is what arithmetic makes of its load."""

from collections.abc import Callable, Generator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from levels import level

from loadtests.audience.trial import Joins, Trial
from loadtests.diagnosis.knee import Knee
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.search import FACTOR, Search, search
from loadtests.vocabulary import Step

Play = Callable[[Trial], Level]


def plan(first: float, *, ceiling: float = 1e6, trials: int = 40) -> Search:
    trial = Trial(number=3, joins=Joins.STEP, rate=first)
    return Search(trial=trial, ceiling=ceiling, trials=trials)


def played(generator: Generator[Trial, Level, Knee], play: Play) -> Knee:
    trial = next(generator)
    while True:
        try:
            trial = generator.send(play(trial))
        except StopIteration as end:
            found: Knee = end.value
            return found


def target(knee: float) -> Play:
    return lambda trial: level(trial, {Step.SIGN_IN: knee})


def unsure(knee: float, random: Random) -> Play:
    """A target seen by a judge who is in error by some per mille."""
    return lambda trial: level(trial, {Step.SESSION: knee}, noise=random.gauss(0, 0.004))


@given(knee=st.floats(1.0, 500.0), first=st.floats(0.1, 1.6))
@settings(deadline=None)
def test_the_knee_is_found_and_lies_in_its_interval(knee: float, first: float) -> None:
    found = played(search(plan(first * knee)), target(knee))
    assert found.value == pytest.approx(knee, rel=0.035)  # as near as the bracket
    assert found.high is not None
    assert found.low < knee < found.high
    assert (found.is_complete, found.at_least, found.first) == (True, False, Step.SIGN_IN)
    assert found.moved is None


def test_the_interval_covers_as_often_as_it_says() -> None:
    random = Random(1)  # noqa: S311 - a draw, not a secret
    covered = 0
    for _ in range(200):
        found = played(search(plan(5.0)), unsure(knee := random.uniform(10, 20), random))
        covered += found.low <= knee <= (found.high or 0)
    assert 0.84 <= covered / 200 <= 0.98


def test_it_takes_about_nine_trials_each_numbered_on() -> None:
    found = played(search(plan(10.0)), target(41.0))
    assert [x.trial.number for x in found.levels] == list(range(3, 3 + len(found.levels)))
    assert len(found.levels) <= 10


@given(knee=st.floats(1.0, 100.0), ceiling=st.floats(1.0, 100.0), first=st.floats(0.5, 150.0))
@settings(deadline=None)
def test_no_load_is_ever_above_the_ceiling(knee: float, ceiling: float, first: float) -> None:
    found = played(search(plan(first, ceiling=ceiling)), target(knee))
    assert max(x.trial.rate for x in found.levels) <= ceiling


def test_a_target_that_never_breaks_carries_at_least_the_ceiling() -> None:
    found = played(search(plan(10.0, ceiling=60.0)), target(1e9))
    assert (found.at_least, found.value, found.low, found.high) == (True, 60.0, 60.0, None)
    assert (found.first, found.broke_at, found.is_complete) == (None, None, True)


def test_where_the_first_load_breaks_it_goes_down() -> None:
    found = played(search(plan(100.0)), target(7.0))
    assert found.levels[1].trial.rate == pytest.approx(100.0 / FACTOR)
    assert found.value == pytest.approx(7.0, rel=0.02)


def test_where_nothing_holds_no_knee_is_invented() -> None:
    found = played(search(plan(100.0)), target(0.001))
    assert (found.low, found.is_complete) == (0.0, False)
    assert len(found.levels) < 20


def test_a_search_that_runs_out_of_trials_says_so() -> None:
    found = played(search(plan(10.0, trials=5)), target(41.0))
    assert (len(found.levels), found.is_complete) == (5, False)
    assert found.high is not None
    assert found.low < 41.0 < found.high


def test_a_load_that_holds_after_it_broke_shows_that_capacity_moved() -> None:
    asked: list[float] = []

    def play(trial: Trial) -> Level:
        asked.append(trial.rate)
        return target(20.0 if len(asked) <= 5 else 44.0)(trial)

    found = played(search(plan(6.0)), play)
    assert found.moved is not None
    assert found.moved.before == pytest.approx(20.0, rel=0.01)
    assert found.moved.after == found.value == pytest.approx(44.0, rel=0.02)


def test_a_load_that_breaks_after_it_held_shows_that_capacity_was_lost() -> None:
    asked: list[float] = []

    def play(trial: Trial) -> Level:
        asked.append(trial.rate)
        return target(20.0 if len(asked) <= 4 else 9.0)(trial)

    found = played(search(plan(6.0)), play)
    assert found.moved is not None
    assert found.moved.after < found.moved.before
    assert found.value == pytest.approx(9.0, rel=0.02)


@pytest.mark.parametrize("usual", [0.004, 0.03, 0.1])
def test_what_fails_at_any_load_is_no_doing_of_the_load(usual: float) -> None:
    found = played(
        search(plan(10.0)), lambda trial: level(trial, {Step.SESSION: 41.0}, usual=usual)
    )
    assert found.first is Step.SESSION
    assert found.value == pytest.approx(41.0 * (1 - usual) ** -2, rel=0.03 + 2 * usual)
    assert found.is_complete


def test_the_first_to_break_is_the_step_that_lets_the_fewest_pass() -> None:
    def play(trial: Trial) -> Level:
        """Who fails at the session signs in again: sign-in misses more, and carries more."""
        of = level(trial, {Step.SESSION: 20.0})
        if of.found is Found.HELD:
            return of
        burdened = replace(of.steps[Step.SIGN_IN], shortfall=0.2, error=0.001)
        return replace(
            of, first=Step.SIGN_IN, shortfall=0.2, steps={**of.steps, Step.SIGN_IN: burdened}
        )

    assert played(search(plan(6.0)), play).first is Step.SESSION


def test_the_next_to_break_is_the_one_that_slowed_most() -> None:
    def play(trial: Trial) -> Level:
        of = level(trial, {Step.SIGN_IN: 20.0})
        slower = replace(of.steps[Step.HOME], response_time=0.1 + trial.rate / 100)
        return replace(of, steps={**of.steps, Step.HOME: slower})

    assert played(search(plan(6.0)), play).next is Step.HOME
    assert played(search(plan(6.0)), target(20.0)).next is None


def test_requests_in_progress_are_told_at_the_highest_load_that_held() -> None:
    found = played(search(plan(6.0)), target(20.0))
    assert found.in_flight == pytest.approx(0.5 * 20.0 * 0.1, rel=0.05)
