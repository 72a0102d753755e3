"""Journeys that wait: on time as far as they know, whatever the tester's own lag."""

import gc
import weakref
from collections.abc import Callable
from math import inf

import pytest
from loopback import Clock, World

from loadtests.behavior.steps import Journey, Wait

MakeWorld = Callable[..., World]


def waiting(until: float) -> Journey:
    return (yield Wait(until))


def test_a_waiting_journey_goes_on_as_if_on_time_and_the_lag_is_the_testers(
    make_world: MakeWorld,
) -> None:
    clock = Clock()
    world = make_world(clock=clock)
    due = clock.time + 5.0
    playing = world.play(waiting(due))

    clock.time = due + 2.0
    world.timers.ring()

    assert playing.wait() == due
    lag = world.recorder.close(0, cpu=0, sockets=0, in_flight=0).lag
    assert lag.count == 1
    assert lag.max == pytest.approx(2.0, rel=0.01)


def test_a_wait_that_never_ends_costs_no_alarm_and_can_be_called_off(world: World) -> None:
    playing = world.play(waiting(inf))

    assert len(world.timers) == 0
    playing.walk.cancel()
    assert not playing.over.is_set()


def test_a_wait_that_was_called_off_lets_go_of_its_walk_at_once(make_world: MakeWorld) -> None:
    clock = Clock()
    world = make_world(clock=clock)
    journey = waiting(clock.time + 1000.0)
    remembered = weakref.ref(journey)
    playing = world.play(journey)

    playing.walk.cancel()
    del playing, journey
    gc.collect()  # the test's own walk and its parent know each other

    assert remembered() is None


def test_a_wait_that_was_called_off_rings_for_nobody(make_world: MakeWorld) -> None:
    clock = Clock()
    world = make_world(clock=clock)
    playing = world.play(waiting(clock.time + 1.0))

    playing.walk.cancel()
    clock.advance(5.0)
    world.timers.ring()

    assert not playing.over.is_set()
    assert len(world.timers) == 0
