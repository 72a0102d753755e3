"""What one viewer asks of a stack, by age: their journeys, walked in simulated time.

A few of each sort come evenly over a segment's length, to a stack at its best. What people do by
chance, all of them do, and it counts as much as it is likely; what goes on as long as they watch is
walked once and then repeats.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from itertools import count, islice
from math import ceil, floor, inf, sqrt
from typing import Any, NamedTuple

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.journeys.watch import SHORTEST_BEAT
from loadtests.behavior.session import ERRANDS, Session
from loadtests.behavior.steps import Fetch, Progress, Reply
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import JOURNEYS
from loadtests.behavior.walk import Walk
from loadtests.chance import Chance, Spread
from loadtests.collect.qoe import STARTED
from loadtests.collect.recorder import Recorder
from loadtests.paper.agenda import Agenda
from loadtests.paper.plan.sorts import Kind, Sort, sorts, standings
from loadtests.paper.simulate import START
from loadtests.paper.world import World
from loadtests.scenario.model import Scenario
from loadtests.stack.defaults import DEFAULT
from loadtests.stack.event_clock import Calendar
from loadtests.stack.service import Service
from loadtests.units import Offset, Ratio, Seconds
from loadtests.vocabulary import End, Fact, Purpose, Step

WATCHERS = 60
"""About so many of all sorts, and `LEAST` of each: their reloads are spread as those of a crowd."""

VISITORS = 300
"""The same with an errand: what they do is short, and differs more."""

LEAST = 3

_SETTLE: Seconds = 8.0  # and three segments: by then a start is over, and a buffer filled
_GOLDEN = (sqrt(5) - 1) / 2
_EVEN = 8  # draws of each viewer that are spread evenly
_TARGET = "http://paper.invalid"  # a name that no resolver knows (RFC 2606)


class Measure(StrEnum):
    """What is counted beside requests."""

    STARTED = "started"  # viewers who got a first frame
    SENT = "sent"  # bytes of answers
    CONNECTIONS = "connections"  # opened


Key = Step | Measure


class Event(NamedTuple):
    """Something a viewer does `age` seconds after coming: so much of it, for one who comes."""

    age: Seconds
    weight: float


Trace = dict[Key, list[Event]]


def _trace() -> Trace:
    return defaultdict(list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What one viewer who comes for a purpose asks for, the mean of all sorts."""

    horizon: Seconds  # infinity for errands
    staying: Trace = field(default_factory=_trace)  # for as long as they stay, up to the horizon
    apart: Trace = field(default_factory=_trace)  # however long they would have stayed
    leaving: Trace = field(default_factory=_trace)  # ages since a viewer who watched left
    periods: Mapping[Key, Seconds] = field(default_factory=dict)

    @property
    def watch(self) -> Ratio:
        """Share of those who come that gets a picture."""
        return sum(event.weight for event in self.staying.get(Measure.STARTED, ()))

    def going_on(self, key: Key) -> tuple[Seconds, list[Event]]:
        """From the horizon on: after how long it repeats, and what is the first time."""
        period = self.periods.get(key, self.periods[Step.SEGMENT])
        last = (e for e in self.staying.get(key, ()) if e.age >= self.horizon - period)
        return period, [Event(age + period, weight) for age, weight in last]


def footprint(
    scenario: Scenario,
    purpose: Purpose,
    kinds: Mapping[Kind, Ratio],
    *,
    at: Offset,
    lasting: Seconds,
) -> Footprint:
    """The footprint of those who come `at` a time of the evening for a purpose.

    `kinds` has the share of each kind. Errands are followed for `lasting` seconds.
    """
    made = _empty(scenario, purpose)
    played = list(sorts(scenario, purpose, kinds, at))
    most = VISITORS if purpose in ERRANDS else WATCHERS
    numbers = count()
    for stack, part in standings(scenario, purpose):
        agenda = Agenda(START, START + min(lasting, 2 * made.horizon))
        service = Service(replace(stack, calendar=Calendar(start=at, speed=scenario.speed)))
        service.begin(START)
        for sort in played:
            many = max(LEAST, ceil(most * part * sort.weight))
            weight = part * sort.weight / many
            for number in islice(numbers, many):
                arrival = _arrival(number, sort, purpose, at, made.horizon)
                visit = _Visit(arrival, sort, weight, made, agenda, service)
                agenda.add(START + arrival.at, visit)
        agenda.run()
    return made


def _empty(scenario: Scenario, purpose: Purpose) -> Footprint:
    if purpose in ERRANDS:
        return Footprint(horizon=inf)
    segment = (scenario.stack or DEFAULT).stream.target_duration
    beat = max(scenario.viewing.heartbeat, SHORTEST_BEAT)
    # as many whole segments as heartbeats take: the more, the smoother
    stream = segment * max(1, floor(beat / segment))
    return Footprint(
        horizon=_SETTLE + 3 * segment + max(beat, stream),
        periods={Step.HEARTBEAT: beat, Step.SEGMENT: stream},
    )


def _arrival(number: int, sort: Sort, purpose: Purpose, at: Offset, stay: Seconds) -> Arrival:
    """One viewer of a sort; any of them who follow each other come evenly within a segment."""
    device, traits, signs_in = sort.kind
    segment = (sort.scenario.stack or DEFAULT).stream.target_duration
    return Arrival(
        index=number,
        at=segment * (number * _GOLDEN % 1),
        offset=at,
        device_name=device,
        device=sort.scenario.devices[device],
        signs_in=signs_in,
        patience=inf,
        stay=stay,
        seed=number,
        purpose=purpose,
        region=next(iter(sort.scenario.regions), ""),
        traits=traits,
    )


class _Evenly(Chance):
    """A viewer's chance whose first draws are spread evenly from one viewer to the next."""

    __slots__ = ("_first", "_left")

    def __init__(self, viewer: int) -> None:
        super().__init__(viewer)
        self._first = Spread(0, viewer)
        self._left = _EVEN

    def uniform(self) -> float:
        if not self._left:
            return super().uniform()
        self._left -= 1
        return self._first.uniform()


class _Visit(Recorder):
    """One viewer's way, filed in the footprint as it goes."""

    def __init__(
        self,
        arrival: Arrival,
        sort: Sort,
        weight: float,
        made: Footprint,
        agenda: Agenda,
        service: Service,
    ) -> None:
        super().__init__(START)
        self._arrival = arrival
        self._sort = sort
        self._made = made
        self._trace = made.staying if arrival.purpose not in ERRANDS else made.apart
        self._weight = weight
        self._world = World(agenda, service, self)
        self._open = 0  # connections

    def happen(self) -> None:
        """Come."""
        arrival, agenda = self._arrival, self._world.agenda
        session = Session(arrival, self._sort.scenario, _target(), START, self)
        session.chance = _Evenly(arrival.seed)
        journey = JOURNEYS[arrival.purpose](session)
        Walk(journey, self._world, agenda.now, self).resume(None, agenda.now)

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401 - as walk.Parent says
        """The viewer's journey is over."""

    def sent(self, fetch: Fetch) -> None:
        """A request is under way, on a connection of its own if all others are in use."""
        if self._world.in_flight > self._open:
            self._open += 1
            self._file(Measure.CONNECTIONS, 1.0)
        self._file(fetch.step, self._sort.likely.get(fetch.step, 1.0))

    def answered(self, reply: Reply) -> None:
        """Its answer is here."""
        if reply.size:
            part = self._sort.likely.get(reply.fetch.step, 1.0)
            self._file(Measure.SENT, part * reply.size)

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:  # noqa: ARG002 - Observer
        """Whoever has no picture now does not stay for one."""
        if end in STARTED:
            self._file(Measure.STARTED, 1.0)
        else:
            self._trace = self._made.apart

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:
        """The picture moves, as it should."""

    def noted(self, arrival: Arrival, fact: Fact, at: Seconds) -> None:  # noqa: ARG002 - Observer
        """Only some of those whose title has expired go on."""
        if fact is Fact.EXPIRED:
            self._weight *= self._sort.goes_on

    def left(self, arrival: Arrival, at: Seconds) -> None:  # noqa: ARG002 - Observer
        """The screen is dark."""
        self._trace = self._made.leaving

    def _file(self, key: Key, number: float) -> None:
        age = self._world.agenda.now - START - self._arrival.at
        if self._trace is self._made.leaving:
            age -= self._made.horizon
        self._trace[key].append(Event(age, self._weight * number))


@lru_cache
def _target() -> Target:
    return Target.parse(_TARGET)
