from dataclasses import replace

import pytest
from levels import NEED, level

from loadtests.audience.trial import Joins, Trial
from loadtests.diagnosis.knee import beside, first_broken, goodput, per_join, slower_by
from loadtests.diagnosis.level import Found, Level
from loadtests.vocabulary import Step


def shown(rate: float, knee: float = 20.0, *, usual: float = 0.0) -> Level:
    trial = Trial(number=1, joins=Joins.STEP, rate=rate)
    return level(trial, {Step.SIGN_IN: knee}, usual=usual)


def test_how_often_a_viewer_asks_is_taken_from_what_held() -> None:
    levels = [shown(10.0), shown(19.0), replace(shown(30.0), joins=1.0)]
    assert {step: per_join(levels, step) for step in NEED} == pytest.approx(NEED)
    assert per_join(levels, Step.LICENSE) is None
    assert per_join([shown(30.0)], Step.SIGN_IN) is None


def test_a_broken_step_lets_so_many_viewers_pass() -> None:
    levels = [shown(10.0), shown(30.0)]
    assert goodput(levels[1], levels) == pytest.approx(20.0)
    assert goodput(levels[0], levels) == 10.0


def test_steps_that_are_as_tight_break_at_once_and_the_viewers_way_decides() -> None:
    broken = shown(30.0)
    session = replace(broken.steps[Step.SESSION], shortfall=0.4, good=19.9)
    both = replace(broken, first=Step.SESSION, steps={**broken.steps, Step.SESSION: session})
    assert first_broken(both, [shown(10.0)]) is Step.SIGN_IN
    tighter = replace(session, good=19.0)
    both = replace(both, steps={**broken.steps, Step.SESSION: tighter})
    assert first_broken(both, [shown(10.0)]) is Step.SESSION


def test_beside_what_it_misses_at_any_load_a_target_holds() -> None:
    noisy = shown(10.0, usual=0.05)
    assert noisy.found is Found.BROKE
    usual = {step: of.failed or 0.0 for step, of in noisy.steps.items()}
    held = beside(noisy, usual)
    assert (held.found, held.first, held.carried) == (Found.HELD, None, 10.0)
    worse = beside(shown(30.0, usual=0.05), usual)
    assert (worse.found, worse.first) == (Found.BROKE, Step.SIGN_IN)
    assert beside(noisy, {}) is noisy


def test_slower_is_told_of_steps_both_levels_know() -> None:
    low, high = shown(10.0), shown(19.0)
    slow = replace(high.steps[Step.HOME], response_time=0.25)
    none = replace(high.steps[Step.SESSION], response_time=None)
    steps = {**high.steps, Step.HOME: slow, Step.SESSION: none}
    assert dict(slower_by(low, replace(high, steps=steps))) == pytest.approx(
        {Step.HOME: 2.5, Step.SIGN_IN: 1.0}
    )
