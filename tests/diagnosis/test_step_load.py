from collections import Counter

import pytest
from desks import play, station
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.step_load import Played
from loadtests.stack.model import Station
from loadtests.vocabulary import Outcome, Step


def seen(windows: list[Window]) -> Played:
    played = Played()
    played.read(windows)
    return played


@given(cuts=st.lists(st.integers(0, 20), max_size=4))
def test_it_does_not_matter_in_how_many_pieces_a_trial_is_read(cuts: list[int]) -> None:
    moments = [0.1 * n for n in range(200)]
    made = play(moments, {Step.HOME: station(50.0), Step.LICENSE: station(8.0)}, seconds=20)
    piecewise = Played()
    for cut in [*sorted(cuts), 20]:
        piecewise.read(made[:cut])
    assert piecewise.courses == seen(made).courses


@given(capacity=st.floats(1.0, 20.0), places=st.integers(0, 30))
def test_what_is_in_flight_is_what_was_sent_and_has_not_ended(capacity: float, places: int) -> None:
    made = play(
        [0.1 * n for n in range(150)], {Step.HOME: station(capacity, places=places)}, seconds=15
    )
    ended = Counter[int]()
    for window in made:
        ended[window.second] = sum(tally.count for tally in window.ended.values())
    course = seen(made).courses[Step.HOME]
    for second, in_flight in enumerate(course.in_flight):
        assert in_flight == 10 * (second + 1) - sum(ended[at] for at in range(second + 1))


def test_a_second_attempt_is_an_attempt_and_was_not_asked_for_first() -> None:
    times = Distribution()
    times.add(0.2)
    window = Window(0)
    window.sent[Step.HOME, False] = 3
    window.sent[Step.HOME, True] = 2
    window.ended[Step.HOME, Outcome.OK, True] = Tally(1, 0, times)
    course = seen([window]).courses[Step.HOME]
    assert (course.asked, course.attempts, course.in_flight) == ([3], [5], [4])


def test_a_rare_step_says_nothing() -> None:
    made = play([3.0, 4.0, 5.0], {Step.HOME: station(1.0)}, seconds=15)
    assert seen(made).shortfalls(0) == {}


def test_a_line_that_grows_once_a_second_is_seen_by_the_time_it_takes() -> None:
    """A whole request more in line takes a minute; the wait grows from the first second on."""
    moments = [n / 1.03 for n in range(31)]
    made = play(moments, {Step.HOME: Station(servers=1, service_time=1.0, queue=99)}, seconds=30)
    fall = seen(made).shortfalls(5)[Step.HOME]
    assert fall.value == pytest.approx(0.03, abs=0.005)
    assert fall.error < 0.005
