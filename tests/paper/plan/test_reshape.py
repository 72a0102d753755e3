from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.audience.curve import Curve, evening
from loadtests.audience.errands import errands
from loadtests.paper.plan.reshape import admitted, spread
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Purpose


def steady(*surges: tuple[float, float, float, Purpose]) -> Scenario:
    """An evening of steady parts: from, to, share, purpose."""
    match = read_scenario(find("psg-juventus"), variant="none")
    parts = (
        Surge(shape=Shape.STEADY, start=start, stop=stop, share=share, purpose=purpose)
        for start, stop, share, purpose in surges
    )
    return replace(match, arrivals=tuple(parts))


@settings(deadline=None, max_examples=20)
@given(most=st.floats(10, 600))
def test_whoever_is_spread_comes_all_the_same(most: float) -> None:
    match = read_scenario(find("psg-juventus"), variant="none")
    before, after = evening(match), evening(spread(match, most))
    assert after.total == pytest.approx(before.total, rel=1e-4)
    # nobody sooner, nobody later than the most, but for what is not straight within the grid
    slack = 1e-4 * before.total
    for offset in (-300.0, -60.0, 0.0, 120.0, 900.0):
        assert after.area(-3600, offset) <= before.area(-3600, offset) + slack
        assert after.area(-3600, offset) >= before.area(-3600, offset - most) - slack


def test_a_spread_crowd_comes_at_the_mean_rate_of_the_time_before() -> None:
    match = read_scenario(find("psg-juventus"), variant="none")
    before, after = evening(match), evening(spread(match, 120.0))
    for offset in (-400.0, -30.0, 0.0, 60.0, 600.0):
        assert after.rate(offset) == pytest.approx(before.area(offset - 120, offset) / 120)


def test_no_time_spreads_nobody() -> None:
    match = read_scenario(find("psg-juventus"), variant="none")
    assert spread(match, 0.0) is match


@settings(deadline=None, max_examples=20)
@given(rate=st.floats(60, 2000))
def test_a_room_lets_in_everybody_and_never_more_than_its_rate(rate: float) -> None:
    match = read_scenario(find("psg-juventus"), variant="none")
    before, after = evening(match), evening(admitted(match, rate))
    assert after.total == pytest.approx(before.total, rel=1e-6)
    for offset in range(-1800, 7200, 60):
        assert after.rate(offset) <= rate * (1 + 1e-9)
        assert after.area(-3600, offset) <= before.area(-3600, offset + 2.0) + 1e-3


def test_a_room_that_is_never_full_changes_nothing() -> None:
    match = read_scenario(find("psg-juventus"), variant="none")
    before, after = evening(match), evening(admitted(match, 10_000.0))
    for offset in (-900.0, -60.0, 0.0, 300.0):
        assert after.area(offset, offset + 60) == pytest.approx(
            before.area(offset, offset + 60), rel=1e-3
        )


def test_a_room_lets_in_those_who_were_first_whatever_they_come_for() -> None:
    crowd = steady((0.0, 100.0, 0.5, Purpose.WATCH), (100.0, 200.0, 0.5, Purpose.ACCOUNT))
    viewers = crowd.audience.viewers
    parts = {
        errand.purpose: Curve(pieces)
        for errand, pieces in errands(admitted(crowd, viewers / 400)).items()
    }
    assert parts[Purpose.WATCH].area(0, 200) == pytest.approx(viewers / 2, rel=1e-6)
    assert parts[Purpose.WATCH].area(200, 1000) == pytest.approx(0.0, abs=1e-3)
    assert parts[Purpose.ACCOUNT].area(200, 400) == pytest.approx(viewers / 2, rel=1e-6)
