"""Up to which speed a rehearsal says what the evening at its own pace would.

`speed` compresses the evening's calendar; patience and retries stay as they are. Whoever is refused
keeps trying for some seconds of their own, `trying`, and those are `trying x speed` seconds of the
evening. While an overload lasts this changes nothing: what is served is what capacity allows. When
it ends, everybody still trying is served after all. So, against the evening at its own pace, each
overload that ends lacks up to

    capacity x trying x (speed - 1)

black screens, though never more than it turned away. Where the window is over before they have
stopped trying, those still trying are lacking too: nobody knows their end, and since what is served
is what capacity allows, each of them stands for a black screen.

Faults on a timetable have such an end too, with everybody they meet in place of the capacity
(`edges`).

A speed is faithful while all of these together stay within TOLERANCE of the share's 95 % interval.
Simulated time agrees: tests/paper/test_scaling.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from math import floor
from operator import lt

from loadtests.audience.crowd import size
from loadtests.audience.curve import Curve
from loadtests.audience.errands import errands
from loadtests.diagnosis.edges import Edge, edges
from loadtests.diagnosis.interval import wilson
from loadtests.diagnosis.persistence import Persistence, expected, limit_of_trying, persistence
from loadtests.scenario.model import Scenario
from loadtests.stack.model import Stack
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import Purpose, Step

TOLERANCE: Ratio = 1 / 3
"""Of the whole interval: two thirds of what is found to either side of the share."""

_JOINING = (Step.HOME, Step.SIGN_IN, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE)
_HALVINGS = 40

TO_WATCH = frozenset({Purpose.WATCH, Purpose.BOOT, Purpose.SIGN_UP})
"""Purposes of those who want a picture in the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """One joining step of the stack, in viewers of the real event and event seconds."""

    asked_by: Ratio
    capacity: PerSecond
    persistence: Persistence

    @property
    def served_late(self) -> float:
        """Viewers who are still trying when an overload ends, at most, at speed 1."""
        return self.capacity * self.persistence.trying

    def refused_once(self, asked: PerSecond) -> PerSecond:
        """How many of them fail at first, if each attempt fails as likely as any other."""
        turned_away: float = (1 - self.capacity / asked) ** (1 / self.persistence.attempts)
        return asked * turned_away


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overload:
    """A time during which more come to a desk than it can serve."""

    asked: Sequence[float]  # in each event second
    desk: _Desk
    calm: Seconds  # event time from its end to the end of the window; 0: it lasts longer

    @property
    def excess(self) -> float:
        """Viewers it has no room for."""
        return sum(self.asked) - len(self.asked) * self.desk.capacity

    @property
    def black(self) -> float:
        """Viewers it costs, about: at its end those still trying are served."""
        return max(0.0, self.excess - self.desk.served_late)

    def late(self, speed: float) -> float:
        """Viewers served when it ends, at most, whom the evening's own pace would have lost."""
        return self.desk.served_late * (speed - 1) if self.calm else 0.0

    def undecided(self, speed: float) -> float:
        """Viewers still trying when the window ends."""
        last = round(self.desk.persistence.lasting * speed - self.calm)
        return sum(map(self.desk.refused_once, self.asked[-last:])) if last > 0 else 0.0


class _Evening:
    """What a stack does to an evening's crowd; all in viewers of the real event."""

    def __init__(
        self, arrivals: Sequence[float], desks: Iterable[_Desk], edges: Iterable[Edge] = ()
    ) -> None:
        self._overloads = list(_overloads(arrivals, desks))
        self._edges = list(edges)
        came = sum(arrivals)
        lost = sum(overload.black for overload in self._overloads)
        self.black = min(came, lost + sum(edge.black for edge in self._edges))
        self._served = 1 - self.black / came if came else 1.0

    def lacking(self, speed: float) -> float:
        """Black screens too few, at most, when the evening is played `speed` times as fast."""
        overloads = sum(self._lacking(overload, speed) for overload in self._overloads)
        return overloads + sum(edge.late(speed) for edge in self._edges)

    def _lacking(self, overload: _Overload, speed: float) -> float:
        # the unknown are missing among the black and among all: (b - u) / (n - u), not b / n
        unknown = (overload.undecided(speed) - overload.undecided(1.0)) * self._served
        return min(overload.excess, overload.late(speed) + unknown)


def faithful_up_to_speed(scenario: Scenario) -> float:
    """Highest speed at which the share of black screens is that of the evening at its own pace.

    Rounded down to a tenth. Never below 1, and never so high that the run is shorter than the start
    limit, when hardly anybody's end would be known. A target of unknown capacity is taken to have
    the capacity most sensitive to speed.
    """
    return floor(10 * _highest(scenario)) / 10


def _highest(scenario: Scenario) -> float:
    span = scenario.window
    highest = max(1.0, (span.stop - span.start) / max(1.0, scenario.start_limit))
    arrivals = _arrivals(scenario)
    stack = scenario.embedded_stack
    if stack is not None:
        faults = edges(scenario, stack, arrivals)
        return _limit(scenario, _Evening(arrivals, _desks(scenario, stack), faults), highest)
    peak = max(arrivals, default=0.0)
    gates = (_gate(scenario, peak * tenths / 10) for tenths in range(1, 10))
    return min(_limit(scenario, _Evening(arrivals, [gate]), highest) for gate in gates)


def _limit(scenario: Scenario, evening: _Evening, highest: float) -> float:
    allowed = _tolerance(scenario, evening.black)
    if evening.lacking(highest) <= allowed:
        return highest
    low, high = 1.0, highest
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if evening.lacking(middle) <= allowed else (low, middle)
    return low


def _tolerance(scenario: Scenario, black: float) -> float:
    """Viewers of the real event that so much of the share's interval stands for."""
    played = size(scenario)
    low, high = wilson(min(played, round(black * scenario.scale)), played)
    return TOLERANCE * (high - low) * played / scenario.scale


def _arrivals(scenario: Scenario) -> list[float]:
    """Viewers of the real event who come to watch in each event second of the window."""
    span = scenario.window
    pieces = [
        piece
        for errand, of in errands(scenario).items()
        if errand.purpose in TO_WATCH
        for piece in of
    ]
    if not pieces:
        return []
    curve = Curve(pieces)
    seconds = range(int(span.stop - span.start))
    return [curve.area(span.start + second, span.start + second + 1) for second in seconds]


def _overloads(arrivals: Sequence[float], desks: Iterable[_Desk]) -> Iterator[_Overload]:
    """Desk by desk: one is asked only by those whom the desks before it did not turn away."""
    for desk in desks:
        if max(arrivals, default=0.0) * desk.asked_by <= desk.capacity:
            continue  # looking at every second of a week takes seconds
        asked = [came * desk.asked_by for came in arrivals]
        start = 0
        for is_over, group in groupby(asked, key=partial(lt, desk.capacity)):
            stop = start + len(list(group))
            if is_over:
                calm = float(len(asked) - stop)
                yield _Overload(asked=asked[start:stop], desk=desk, calm=calm)
            start = stop
        arrivals = [
            came - max(0.0, a - desk.capacity) for came, a in zip(arrivals, asked, strict=True)
        ]


def _desks(scenario: Scenario, stack: Stack) -> Iterator[_Desk]:
    pace = scenario.scale * scenario.speed
    if stack.waiting_room is not None:
        yield _gate(scenario, stack.waiting_room.admit / pace)
    signs_in = sum(device.share * device.signs_in for device in scenario.devices.values())
    part = {Step.SIGN_IN: signs_in, Step.REFRESH: 1 - signs_in}
    for step in _JOINING:
        station = stack.stations.get(step)
        if station is not None:
            yield _Desk(
                asked_by=part.get(step, 1.0),
                capacity=station.capacity / pace,
                persistence=persistence(scenario, step, station.queue / station.capacity),
            )


def _gate(scenario: Scenario, capacity: PerSecond) -> _Desk:
    """A desk for everybody that keeps people waiting: a waiting room, a target nobody knows."""
    limit = limit_of_trying(scenario)
    trying = sum(d.share * expected(d.patience, limit) for d in scenario.devices.values())
    return _Desk(asked_by=1.0, capacity=capacity, persistence=Persistence(trying, trying, 1.0))
