from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from levels import level

from loadtests.audience.trial import Joins, Trial
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.posterior import interval
from loadtests.vocabulary import Step


def shown(rate: float, knee: float) -> Level:
    return level(Trial(number=1, joins=Joins.STEP, rate=rate), {Step.SIGN_IN: knee})


def test_between_a_load_that_held_and_one_that_broke_by_far_it_lies_evenly() -> None:
    found = interval([shown(10.0, 11.0), replace(shown(14.0, 11.0), shortfall=0.4)])
    assert found.value == pytest.approx(sqrt(10.0 * 14.0), rel=0.01)
    assert found.low == pytest.approx(10.0 * 1.4**0.05, rel=0.01)
    assert found.high == pytest.approx(10.0 * 1.4**0.95, rel=0.01)


def test_a_small_shortfall_tells_where_it_is() -> None:
    found = interval([shown(10.0, 10.7), shown(11.0, 10.7)])
    assert found.value == pytest.approx(10.7, rel=0.003)
    assert found.high / found.low < 1.04


def test_what_held_with_a_shortfall_is_beyond_the_knee_already() -> None:
    found = interval([shown(10.08, 10.0), shown(10.6, 10.0)])
    assert found.value == pytest.approx(10.0, rel=0.006)
    assert found.low < 10.0 < found.high


@given(factor=st.floats(0.01, 100.0), knee=st.floats(8.1, 11.8))
@settings(max_examples=30, deadline=None)
def test_it_knows_no_scale(factor: float, knee: float) -> None:
    small = interval([shown(8.0, knee), shown(12.0, knee)])
    large = interval([shown(8.0 * factor, knee * factor), shown(12.0 * factor, knee * factor)])
    assert large.value == pytest.approx(factor * small.value, rel=1e-6)
    assert large.high == pytest.approx(factor * small.high, rel=1e-6)


def test_one_wrong_judgement_does_not_outweigh_the_others() -> None:
    right = [shown(rate, 11.0) for rate in (8.0, 10.0, 10.9, 11.3, 14.0)]
    wrong = replace(shown(9.0, 8.7), found=Found.UNSTEADY, error=0.02)
    assert interval([*right, wrong]).value == pytest.approx(11.0, rel=0.02)
