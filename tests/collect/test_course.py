from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.course import MOST, course, width
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span
from loadtests.vocabulary import Player

ONE = Estimate(value=1.0, low=1.0, high=1.0)
EVENING = Scenario(
    name="cup-final",
    title="a cup final",
    event=Event(name="Cup final", kick_off="2026-05-30 21:00"),
    audience=Audience(published=1000, people_per_account=ONE, share_on_app=ONE),
    scale=1.0,
    speed=60.0,
    window=Span(start=-600.0, stop=9000.0),
    arrivals=(Surge(shape=Shape.STEADY, start=-600.0, stop=9000.0, share=1.0),),
    devices={"tv": Device(share=1.0, player=Player.SHAKA, signs_in=1.0)},
)


def played(scenario: Scenario, seconds: int | None = None) -> Timeline:
    """One viewer arrives in each second of the run."""
    length = int(scenario.duration) if seconds is None else seconds
    return Timeline(Window(second, arrived=Counter({0: 1})) for second in range(length))


@given(
    st.integers(-3000, 3000), st.integers(1, 20_000), st.sampled_from([1.0, 5.0, 7.3, 60.0, 360.0])
)
def test_the_course_covers_the_evening_once_in_at_most_sixty_stretches(
    start: int, minutes: int, speed: float
) -> None:
    window = Span(start=60.0 * start, stop=60.0 * (start + minutes))
    scenario = replace(EVENING, window=window, speed=speed)
    found = course(scenario, played(scenario, min(300, int(scenario.duration))))
    assert len(found) <= MOST
    for before, after in pairwise(found):
        assert before.stop == after.start
        assert before.minutes.stop == after.minutes.start
    arrived = sum(stretch.window.arrived.total() for stretch in found)
    assert arrived == min(300, int(scenario.duration))


def test_its_stretches_are_whole_minutes_and_whole_seconds_of_the_run() -> None:
    found = course(EVENING, played(EVENING))
    assert width(EVENING) == 3
    assert [(s.start, s.stop) for s in found[:2]] == [(-600.0, -420.0), (-420.0, -240.0)]
    assert {stretch.window.arrived.total() for stretch in found[:-1]} == {3}
    assert found[1].minutes == range(-7, -4)


@pytest.mark.parametrize(("speed", "minutes"), [(5.0, 3), (100.0, 5), (50.0, 5), (7.5, 3)])
def test_the_width_follows_the_speed_where_it_can(speed: float, minutes: int) -> None:
    assert width(replace(EVENING, speed=speed)) == minutes


def test_whoever_joins_in_the_very_last_moment_belongs_to_the_last_stretch() -> None:
    found = course(EVENING, played(EVENING))
    assert 150 in found[-1].minutes


def test_of_a_run_cut_short_only_what_was_played_is_told() -> None:
    found = course(EVENING, played(EVENING, 4))
    assert [(s.start, s.stop) for s in found] == [(-600.0, -420.0), (-420.0, -360.0)]


def test_a_run_without_a_second_has_no_course() -> None:
    assert course(EVENING, Timeline()) == []
