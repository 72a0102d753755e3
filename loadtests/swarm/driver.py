"""Walks a journey for every viewer who is there."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Journey
from loadtests.behavior.walk import Walk, World
from loadtests.swarm.usher import LATE
from loadtests.units import Seconds


class Line(World, Protocol):
    """One viewer's connections and waits."""

    def close(self) -> None:
        """The viewer is gone."""


class Farewell(NamedTuple):
    """What a viewer who is there at the end still has to say, and the line to say it on."""

    line: Line
    journey: Journey


class Register(Protocol):
    """Told who came; `collect.Recorder` is one."""

    def arrived(self, arrival: Arrival, *, late: bool) -> None:
        """A viewer turned up."""

    def lagged(self, late: Seconds) -> None:
        """It was let in so long after it was due."""


class Driver:
    """The crowd of one worker, while it is there."""

    def __init__(
        self,
        *,
        start: Seconds,
        line: Callable[[Arrival], Line],
        visit: Callable[[Arrival], Journey],
        register: Register,
    ) -> None:
        """`line` gives a viewer its world, `visit` its journey; arrivals count from `start`."""
        self._start = start
        self._line = line
        self._visit = visit
        self._register = register
        self._walks: dict[int, tuple[Walk, Line]] = {}

    def __len__(self) -> int:
        """How many viewers are there."""
        return len(self._walks)

    def begin(self, arrival: Arrival, late: Seconds) -> None:
        """A viewer turns up. Its journey counts from when it was due, late as the tester may be."""
        self._register.lagged(late)
        self._register.arrived(arrival, late=late > LATE)
        due = self._start + arrival.at
        line = self._line(arrival)
        walk = Walk(self._visit(arrival), line, due, self, arrival.index)
        self._walks[arrival.index] = walk, line
        walk.resume(None, due)

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401, ARG002 - walk.Parent's signature
        """A viewer has left."""
        _, line = self._walks.pop(index)
        line.close()

    def finish(self, at: Seconds) -> list[Farewell]:
        """The run is over: every viewer still there settles its accounts, and nobody goes on.

        Returns the farewells of those who have something to say yet, whose lines stay open.
        """
        walks, self._walks = self._walks, {}
        farewells = []
        for walk, line in walks.values():
            journey = walk.finish(at)
            if journey is None:
                line.close()
            else:
                farewells.append(Farewell(line, journey))
        return farewells
