"""One in a hundred of the crowd: as few as asked, on the same errands, at a steady pace."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience import crowd
from loadtests.audience.canary import LEAST, canary, peak
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import (
    Audience,
    Device,
    Estimate,
    Event,
    Limit,
    Metric,
    Objective,
    Scenario,
    Span,
)
from loadtests.vocabulary import Player, Purpose

ONE = Estimate(value=1.0, low=1.0, high=1.0)
WEB = Device(share=1.0, player=Player.HLS_JS, signs_in=0.2)
NIGHT = Scenario(
    name="night",
    title="a night of 500,000",
    event=Event(name="Night", kick_off="2022-09-06 21:00"),
    audience=Audience(published=500_000, people_per_account=ONE, share_on_app=ONE),
    scale=1 / 10,
    speed=3.0,
    window=Span(start=-60.0, stop=60.0),
    arrivals=(
        Surge(shape=Shape.STEADY, start=-60, stop=0, share=0.3),
        Surge(shape=Shape.STEADY, start=0, stop=60, share=0.1, purpose=Purpose.SUPPORT),
        Surge(shape=Shape.STEADY, start=60, stop=120, share=0.6, purpose=Purpose.SIGN_UP),
    ),
    devices={"web": WEB},
    objectives=(
        Objective(
            metric=Metric.BLACK_SCREENS,
            at_most=Limit(value=0.01, kind="ratio"),
            between=Span(start=-60.0, stop=60.0),
        ),
    ),
)


def test_it_plays_one_percent_of_the_busiest_second_at_its_own_pace_and_promises_nothing() -> None:
    assert peak(NIGHT) == pytest.approx(0.3 * 50_000 / 20)
    ahead = canary(NIGHT, 60.0)
    assert crowd.planned(ahead) == pytest.approx([0.01 * peak(NIGHT)] * 60)
    assert crowd.size(ahead) == 450
    assert (ahead.speed, ahead.duration, ahead.objectives) == (1.0, 60.0, ())
    assert ahead.window == Span(start=-60.0, stop=0.0)
    assert (ahead.scale, ahead.devices, ahead.seed) == (NIGHT.scale, NIGHT.devices, NIGHT.seed)


def test_it_goes_on_the_errands_of_the_window_by_their_shares() -> None:
    errands = {surge.purpose: surge.share for surge in canary(NIGHT, 60.0).arrivals}  # type: ignore[union-attr] # surges, as it makes them
    assert errands == {Purpose.WATCH: pytest.approx(0.75), Purpose.SUPPORT: pytest.approx(0.25)}


@given(seconds=st.floats(1, 600), scale=st.floats(1e-4, 1))
def test_it_has_ten_viewers_at_least_or_one_percent_or_all_there_are(
    seconds: float, scale: float
) -> None:
    scenario = replace(NIGHT, scale=scale)
    expected = max(LEAST, 0.01 * peak(scenario) * seconds)
    everybody = scale * NIGHT.audience.viewers
    assert crowd.size(canary(scenario, seconds)) == pytest.approx(min(expected, everybody), abs=1)
