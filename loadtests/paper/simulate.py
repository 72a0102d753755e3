"""A whole rehearsal in simulated time: crowd, journeys and stack arithmetic are the wire's own."""

from collections.abc import Callable, Iterator
from math import ceil
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from loadtests.audience.crowd import share
from loadtests.audience.hostile import Action, actions
from loadtests.audience.sources import viewer_source
from loadtests.behavior.hostile.table import Hostile
from loadtests.behavior.steps import Journey
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import visit
from loadtests.behavior.walk import Walk
from loadtests.collect.recorder import Recorder
from loadtests.collect.timeline import Timeline
from loadtests.errors import MatchnightError
from loadtests.paper.agenda import Agenda
from loadtests.paper.edge import TargetEdge
from loadtests.paper.world import Caller, Stack, World
from loadtests.scenario.model import Scenario
from loadtests.stack.service import Service
from loadtests.units import Seconds

if TYPE_CHECKING:
    from loadtests.audience.arrivals import Arrival

START: Seconds = 86_400.0
"""When simulated runs start: late enough for a live stream made from the clock to have a past."""

_TARGET = "http://paper.invalid"  # a name that no resolver knows (RFC 2606)


def simulate(scenario: Scenario, *, delay: Seconds = 0.0, sampled: bool = False) -> Timeline:
    """The run's windows, had a perfect tester played it against the scenario's embedded stack.

    `delay` is what the network takes, either way; `sampled`: see `play`. Raises
    MatchnightError if there is no stack.
    """
    stack = scenario.embedded_stack
    if stack is None:
        raise MatchnightError(f"{scenario.name}: without a `stack` there is nothing to simulate")
    service = Service(stack)
    service.begin(START)
    return play(scenario, service, delay=delay, sampled=sampled)


Look = Callable[[Timeline], bool]
"""Looks at a run at the end of each of its seconds; true ends it there."""


def play(  # noqa: PLR0913 - one run has this many independent parts
    scenario: Scenario,
    stack: Stack,
    *,
    start: Seconds = START,
    delay: Seconds = 0.0,
    until: Look | None = None,
    edge: TargetEdge | None = None,
    sampled: bool = True,
) -> Timeline:
    """The windows of a run from `start` on, against a stack that may have been asked before.

    A run ended early has one window more than it had seconds: how its viewers settled. `edge` logs
    what the stack answers; `sampled`: windows say what our own samples tell of the edge, which
    takes half as long again.
    """
    agenda = Agenda(start, start + scenario.duration)
    world = World(agenda, stack, Recorder(start, edge=sampled), delay=delay, edge=edge)
    seconds = _Seconds(world, until)
    # first of all, so that what happens on a full second belongs to the next
    for second in range(1, ceil(scenario.duration)):
        agenda.add(start + second, seconds)
    doors = (_viewers(scenario, world, start), _hostile(scenario, world, start))
    agenda.run()
    for door in doors:
        door.finish()
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


class _Coming(Protocol):
    """Whoever comes at a time of the run."""

    @property
    def at(self) -> Seconds:
        """Seconds after its start."""


_C = TypeVar("_C", bound=_Coming)


class _Door(Generic[_C]):
    """Begins each journey when it is time to; `finish` settles those still on their way."""

    def __init__(
        self,
        agenda: Agenda,
        start: Seconds,
        comings: Iterator[_C],
        begin: Callable[[_C], tuple[Journey, Caller]],
    ) -> None:
        self._agenda = agenda
        self._start = start
        self._comings = comings
        self._begin = begin
        self._next: _C | None = None
        self._begun = 0
        self._walks: dict[int, Walk] = {}
        self._wait_for_next()

    def _wait_for_next(self) -> None:
        self._next = next(self._comings, None)
        if self._next is not None:
            self._agenda.add(self._start + self._next.at, self)

    def happen(self) -> None:
        """The next one is here."""
        if self._next is not None:
            self._let_in(self._next)
            self._wait_for_next()

    def _let_in(self, coming: _C) -> None:
        journey, caller = self._begin(coming)
        number, now = self._begun, self._start + coming.at
        self._begun += 1
        walk = self._walks[number] = Walk(journey, caller, now, self, number)
        walk.resume(None, now)

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401, ARG002 - as walk.Parent says
        """A journey is over."""
        del self._walks[index]

    def finish(self) -> None:
        """The run is over: whoever is still there brings their accounts up to date."""
        for walk in self._walks.values():
            walk.finish(self._agenda.now)


def _viewers(scenario: Scenario, world: World, start: Seconds) -> "_Door[Arrival]":
    target, recorder = Target.parse(_TARGET), world.recorder

    def begin(arrival: "Arrival") -> tuple[Journey, Caller]:
        recorder.arrived(arrival, late=False)
        journey = visit(arrival, scenario, target, start, recorder)
        return journey, world.of(viewer_source(arrival))

    return _Door(world.agenda, start, share(scenario), begin)


def _hostile(scenario: Scenario, world: World, start: Seconds) -> _Door[Action]:
    hostile = Hostile(scenario, Target.parse(_TARGET), start)

    def begin(action: Action) -> tuple[Journey, Caller]:
        return hostile.journey(action), world.hostile(action.source, action.attack.pattern)

    return _Door(world.agenda, start, actions(scenario), begin)
