"""A whole rehearsal in simulated time: crowd, journeys and stack arithmetic are the wire's own."""

from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING, Any

from loadtests.audience.crowd import share
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import visit
from loadtests.behavior.walk import Walk
from loadtests.collect.recorder import Recorder
from loadtests.collect.timeline import Timeline
from loadtests.errors import MatchnightError
from loadtests.paper.agenda import Agenda
from loadtests.paper.world import Stack, World
from loadtests.scenario.model import Scenario
from loadtests.stack.service import Service
from loadtests.units import Seconds

if TYPE_CHECKING:
    from loadtests.audience.arrivals import Arrival

START: Seconds = 86_400.0
"""When simulated runs start: late enough for a live stream made from the clock to have a past."""

_TARGET = "http://paper.invalid"  # a name that no resolver knows (RFC 2606)


def simulate(scenario: Scenario, *, delay: Seconds = 0.0) -> Timeline:
    """The run's windows, had a perfect tester played it against the scenario's embedded stack.

    `delay` is what the network takes, either way. Raises MatchnightError if there is no stack.
    """
    stack = scenario.embedded_stack
    if stack is None:
        raise MatchnightError(f"{scenario.name}: without a `stack` there is nothing to simulate")
    service = Service(stack)
    service.begin(START)
    return play(scenario, service, delay=delay)


Look = Callable[[Timeline], bool]
"""Looks at a run at the end of each of its seconds; true ends it there."""


def play(
    scenario: Scenario,
    stack: Stack,
    *,
    start: Seconds = START,
    delay: Seconds = 0.0,
    until: Look | None = None,
) -> Timeline:
    """The windows of a run from `start` on, against a stack that may have been asked before.

    A run ended early has one window more than it had seconds: how its viewers settled.
    """
    agenda = Agenda(start, start + scenario.duration)
    world = World(agenda, stack, Recorder(start), delay=delay)
    seconds = _Seconds(world, until)
    # first of all, so that what happens on a full second belongs to the next
    for second in range(1, ceil(scenario.duration)):
        agenda.add(start + second, seconds)
    usher = _Usher(scenario, world, start)
    usher.wait_for_next()
    agenda.run()
    usher.finish()
    seconds.close()
    return seconds.timeline


class _Seconds:
    """Closes the recorder's windows, one each time it happens, and lets somebody look at them."""

    def __init__(self, world: World, until: Look | None) -> None:
        self._world = world
        self._until = until
        self.timeline = Timeline()

    def happen(self) -> None:
        self.close()
        if self._until is not None and self._until(self.timeline):
            self._world.agenda.stop()

    def close(self) -> None:
        """The window of this second is complete."""
        second, in_flight = len(self.timeline), self._world.in_flight
        self.timeline.add(
            self._world.recorder.close(second, cpu=0.0, sockets=0, in_flight=in_flight)
        )


class _Usher:
    """Starts each viewer's journey on arrival; `finish` settles those still on their way."""

    def __init__(self, scenario: Scenario, world: World, start: Seconds) -> None:
        self._scenario = scenario
        self._world = world
        self._begin = start
        self._target = Target.parse(_TARGET)
        self._arrivals = share(scenario)
        self._next: Arrival | None = None
        self._walks: dict[int, Walk] = {}

    def wait_for_next(self) -> None:
        """Be there when the next viewer arrives, if one does."""
        self._next = next(self._arrivals, None)
        if self._next is not None:
            self._world.agenda.add(self._begin + self._next.at, self)

    def happen(self) -> None:
        if self._next is not None:
            self._start(self._next)
            self.wait_for_next()

    def _start(self, arrival: "Arrival") -> None:
        world, now = self._world, self._begin + arrival.at
        world.recorder.arrived(arrival, late=False)
        journey = visit(arrival, self._scenario, self._target, self._begin, world.recorder)
        walk = self._walks[arrival.index] = Walk(journey, world, now, self, arrival.index)
        walk.resume(None, now)

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401, ARG002 - as walk.Parent says
        """A viewer's journey is over."""
        del self._walks[index]

    def finish(self) -> None:
        """The run is over: whoever is still there brings their accounts up to date."""
        for walk in self._walks.values():
            walk.finish(self._world.agenda.now)
