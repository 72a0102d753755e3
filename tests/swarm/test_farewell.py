"""Sessions are closed one by one, at a pace the target has seen before."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loadtests.behavior.steps import Fetch, Journey, Timeouts
from loadtests.behavior.walk import Pending, Walk
from loadtests.collect.window import Tally, Window
from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario
from loadtests.swarm.driver import Farewell
from loadtests.swarm.farewell import LEAST, Farewells, left_behind, pace
from loadtests.swarm.usher import Cancelable
from loadtests.vocabulary import Outcome, Step

LIMITS = Timeouts(1.0, 1.0, 1.0)


@dataclass
class Line:
    """Keeps what is fetched on it, and whether it was closed."""

    walks: list[Walk] = field(default_factory=list)
    closed: bool = False

    def fetch(self, fetch: Fetch, walk: Walk) -> Pending:
        assert fetch.step is Step.LEAVE
        self.walks.append(walk)
        return self

    def wait(self, until: float, walk: Walk) -> Pending:
        raise NotImplementedError(until, walk)

    def cancel(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.closed = True


@dataclass
class Timers:
    """Rings when told."""

    alarms: list[tuple[float, object]] = field(default_factory=list)

    def at(self, when: float, callback: object, /) -> Cancelable:
        self.alarms.append((when, callback))
        return Line()

    def ring(self, late: float = 0.0) -> float:
        when, callback = self.alarms.pop()
        assert callable(callback)
        callback(late)
        return when


def goodbye() -> Journey:
    return (yield Fetch(Step.LEAVE, "http://127.0.0.1/leave", LIMITS))


def test_they_are_said_in_order_evenly_spaced_whatever_becomes_of_each() -> None:
    lines, timers = [Line() for _ in range(3)], Timers()
    farewells = Farewells([Farewell(line, goodbye()) for line in lines], timers, 4.0)
    farewells.begin(100.0)
    assert [timers.ring() for _ in lines] == [100.0, 100.25, 100.5]
    assert timers.alarms == []
    assert not farewells.are_over
    assert [len(line.walks) for line in lines] == [1, 1, 1]
    for line in lines:
        assert not line.closed
        line.walks[0].resume(None, 101.0)
        assert line.closed
    assert farewells.are_over


def test_a_late_tester_does_not_catch_up_in_a_burst() -> None:
    lines, timers = [Line() for _ in range(3)], Timers()
    Farewells([Farewell(line, goodbye()) for line in lines], timers, 4.0).begin(100.0)
    assert [timers.ring(late=5.0), timers.ring(), timers.ring()] == [100.0, 105.25, 105.5]


def test_nobody_there_is_over_at_once() -> None:
    timers = Timers()
    farewells = Farewells([], timers, 4.0)
    farewells.begin(100.0)
    assert farewells.are_over
    assert timers.alarms == []


def test_the_pace_is_that_of_joining_but_fifty_a_second_where_fewer_joined(tmp_path: Path) -> None:
    few = read_scenario(find("psg-juventus"), scale=1 / 10_000)
    many = read_scenario(find("psg-juventus"), scale=1 / 5)
    assert pace(few, None) == LEAST
    assert pace(many, None) > LEAST
    consent = tmp_path / "consent.yaml"
    consent.write_text(
        "owner: night desk\n"
        "hosts: [{name: stage.invalid, approval: TEST-1}]\n"
        'window: {from: "2020-01-01T00:00:00+00:00", to: "2099-01-01T00:00:00+00:00"}\n'
        "ceilings: {viewers: 10, joins: 7/s, bit_rate: 1 Gbit/s}\n"
        "totals: {bytes: 1 GB, requests: 10, licenses: 10}\n",
        encoding="utf-8",
    )
    assert pace(many, consent) == 7.0


@pytest.mark.parametrize(("granted", "closed", "left"), [(5, 3, 2), (5, 5, 0), (5, 6, 0)])
def test_left_behind_is_what_was_granted_and_never_closed(
    granted: int, closed: int, left: int
) -> None:
    total = Window(0)
    total.ended[Step.SESSION, Outcome.OK, False] = Tally(granted - 1)
    total.ended[Step.SESSION, Outcome.OK, True] = Tally(1)
    total.ended[Step.SESSION, Outcome.OVERLOAD, False] = Tally(9)
    total.ended[Step.LEAVE, Outcome.OK, False] = Tally(closed)
    total.ended[Step.LEAVE, Outcome.TIMEOUT, False] = Tally(9)
    assert left_behind(total) == left
