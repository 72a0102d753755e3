import sys
from collections.abc import Callable

import gevent
import pytest
from gevent.event import Event

from loadtests.swarm.alarm_clock import AlarmClock, LoopTimer, TimerFd, alarm_clock

KINDS = [LoopTimer, *([TimerFd] if sys.platform.startswith("linux") else [])]
Make = Callable[..., AlarmClock]


@pytest.mark.parametrize("make", KINDS)
def test_it_rings_when_it_was_last_set_to(make: Make) -> None:
    rung = Event()
    clock = make(gevent.get_hub().loop, rung.set)

    clock.set(1000.0)
    clock.set(0.001)

    assert rung.wait(timeout=30)
    clock.close()


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("delay", [0.0, -5.0])
def test_what_is_due_rings_from_the_loop_and_not_from_within_set(make: Make, delay: float) -> None:
    rung = Event()
    clock = make(gevent.get_hub().loop, rung.set)

    clock.set(delay)

    assert not rung.is_set()
    assert rung.wait(timeout=30)
    clock.close()


@pytest.mark.parametrize("make", KINDS)
def test_it_does_not_ring_once_stopped_and_can_be_set_again(make: Make) -> None:
    rings, other = list[str](), Event()
    loop = gevent.get_hub().loop
    clock, witness = make(loop, lambda: rings.append("rang")), make(loop, other.set)

    clock.set(0.001)
    clock.stop()
    witness.set(0.005)
    assert other.wait(timeout=30)
    assert rings == []

    rung = Event()
    clock.close()
    again = make(loop, rung.set)
    again.set(0.001)
    again.stop()
    again.set(0.001)
    assert rung.wait(timeout=30)
    for each in (witness, again):
        each.close()
        each.close()


def test_it_is_the_finest_this_system_has() -> None:
    clock = alarm_clock(gevent.get_hub().loop, print)

    assert type(clock) is (TimerFd if sys.platform.startswith("linux") else LoopTimer)
    clock.close()
