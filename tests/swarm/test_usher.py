"""Viewers are let in when they are due, none is lost, and who was late is said to be."""

import heapq
from collections.abc import Callable
from dataclasses import replace
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience.arrivals import Arrival
from loadtests.scenario.model import Device
from loadtests.swarm.usher import Usher
from loadtests.vocabulary import Player

START = 1000.0
ARRIVAL = Arrival(
    index=0,
    at=0.0,
    offset=0.0,
    device_name="web",
    device=Device(share=1.0, player=Player.HLS_JS, signs_in=0.0),
    signs_in=False,
    patience=inf,
    stay=inf,
    seed=1,
)


class Alarm:
    def __init__(self, callback: Callable[[float], None]) -> None:
        self.callback: Callable[[float], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Clockwork:
    """Time stands still until `turn`."""

    def __init__(self) -> None:
        self.alarms: list[tuple[float, int, Alarm]] = []
        self.set = 0

    def at(self, when: float, callback: Callable[[float], None], /) -> Alarm:
        self.set += 1
        alarm = Alarm(callback)
        heapq.heappush(self.alarms, (when, self.set, alarm))
        return alarm

    def turn(self, now: float) -> None:
        while self.alarms and self.alarms[0][0] <= now:
            when, _, alarm = heapq.heappop(self.alarms)
            if alarm.callback is not None:
                alarm.callback(now - when)


def crowd(moments: list[float]) -> list[Arrival]:
    return [replace(ARRIVAL, index=i, at=at) for i, at in enumerate(sorted(moments))]


class Door:
    """Who was let in, and how late."""

    def __init__(self, arrivals: list[Arrival]) -> None:
        self.clockwork = Clockwork()
        self.let_in: list[int] = []
        self.late: list[float] = []
        self.usher = Usher(iter(arrivals), self.clockwork, self._begin)

    def _begin(self, arrival: Arrival, late: float) -> None:
        self.let_in.append(arrival.index)
        self.late.append(late)


def test_nobody_is_let_in_before_the_start() -> None:
    door = Door(crowd([0.0, 1.0]))
    door.usher.open(START)
    door.clockwork.turn(START - 0.001)
    assert door.let_in == []


@given(
    moments=st.lists(st.floats(0, 60), max_size=40),
    looks=st.lists(st.floats(0, 60), max_size=10),
)
def test_everybody_due_is_in_at_every_look_in_order_and_as_late_as_the_look(
    moments: list[float], looks: list[float]
) -> None:
    arrivals = crowd(moments)
    door = Door(arrivals)
    door.usher.open(START)
    for look in [*sorted(looks), 60.0]:
        before = len(door.let_in)
        door.clockwork.turn(START + look)
        assert door.let_in == [a.index for a in arrivals if START + a.at <= START + look]
        new = arrivals[before : len(door.let_in)]
        assert door.late[before:] == [START + look - (START + a.at) for a in new]
    assert len(door.let_in) == len(arrivals)


def test_only_one_alarm_waits_however_large_the_crowd() -> None:
    door = Door(crowd([float(i) for i in range(1000)]))
    door.usher.open(START)
    door.clockwork.turn(START + 10.5)
    assert len(door.clockwork.alarms) == 1


def test_after_closing_nobody_comes_any_more() -> None:
    door = Door(crowd([0.0, 1.0, 1.0, 2.0]))
    door.usher.open(START)
    door.clockwork.turn(START + 0.5)
    door.usher.close()
    door.clockwork.turn(START + 9.0)
    assert door.let_in == [0]


def test_a_viewer_whose_journey_fails_does_not_close_the_door() -> None:
    clockwork = Clockwork()
    let_in = []

    def begin(arrival: Arrival, _late: float) -> None:
        let_in.append(arrival.index)
        if arrival.index == 0:
            raise ZeroDivisionError

    usher = Usher(iter(crowd([0.0, 1.0])), clockwork, begin)
    usher.open(START)
    try:
        clockwork.turn(START)
    except ZeroDivisionError:
        clockwork.turn(START + 1.0)
    assert let_in == [0, 1]
