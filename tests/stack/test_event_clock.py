"""The evening's calendar on the stack's clock."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.event_clock import Calendar, EventClock

OFFSETS = st.floats(-1e6, 1e6)
SPEEDS = st.floats(0.1, 5000.0)


@given(OFFSETS, SPEEDS, OFFSETS)
def test_a_moment_has_the_offset_it_was_asked_for(
    start: float, speed: float, offset: float
) -> None:
    clock = EventClock(Calendar(start=start, speed=speed))
    clock.begin(1.8e9)
    # a double tells today's moments to a quarter of a microsecond
    assert clock.offset(clock.moment(offset)) == pytest.approx(offset, abs=1e-6 * speed)


def test_the_run_begins_where_its_window_does_and_goes_as_fast_as_it_was_told() -> None:
    clock = EventClock(Calendar(start=-300.0, speed=60.0))
    clock.begin(1000.0)
    assert [clock.offset(at) for at in (1000.0, 1005.0, 990.0)] == [-300.0, 0.0, -900.0]
    assert clock.moment(300.0) == 1010.0
    assert clock.began == 1000.0


def test_before_anybody_said_when_it_began_nothing_has_happened_or_will() -> None:
    clock = EventClock(Calendar(start=-300.0, speed=60.0))
    assert (clock.offset(1000.0), clock.moment(-1e9), clock.began) == (-inf, inf, None)


def test_without_a_calendar_the_run_begins_at_kick_off() -> None:
    clock = EventClock(None)
    clock.begin(1000.0)
    assert clock.offset(1010.0) == 10.0
