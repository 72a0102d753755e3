"""Black screens of a night, from the knees of a signature: what becomes of those turned away."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, inf

from loadtests.diagnosis.signature import Demand, Figure, Signature
from loadtests.paper.plan.night import Night
from loadtests.paper.plan.queueing import Course, Desk, meet
from loadtests.paper.plan.ways import ROOM, Way, asks, watchers, ways
from loadtests.scenario.model import Scenario
from loadtests.stack.model import WATCHING_STEPS, WaitingRoom
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import End, Step

_UNKNOWN = Demand(per_join=0.0, response_time=0.0, cost=1.0, bytes=0.0)
_OTHERS: Ratio = 0.02  # of a step's requests: less is the rounding of two ways to count
_RUN_UP: Seconds = 60.0  # response times and retries reach no further back


class At(StrEnum):
    """Which end of the knees' intervals."""

    LOW = "low"
    VALUE = "value"
    HIGH = "high"


_BETTER = (At.VALUE, At.HIGH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """A figure, and the least and most it is within the knees' 90 % intervals."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Black screens of the night."""

    share: Likely | None  # among viewers whose end is known; None if nobody comes to watch
    viewers: Likely
    attempts: Mapping[str, PerSecond]  # at most, of each place that mattered, at the knees' values


def expected(
    night: Night, signature: Signature, scenario: Scenario, *, room: WaitingRoom | None = None
) -> Expected:
    """The black screens of the night on the signature's stack, in expected values.

    A step that never broke is taken to answer everybody. See `queueing` for how it is reckoned.
    """
    worst = _worst(night, signature, scenario, room)
    places = worst.asked.keys()
    courses = {at: _course(night, signature, scenario, room, at, places) for at in _BETTER}
    courses[At.LOW] = worst
    black = {at: course.black(scenario.black_screens) for at, course in courses.items()}
    known = {at: course.decided for at, course in courses.items()}
    return Expected(
        share=_likely({at: black[at] / known[at] for at in At}) if all(known.values()) else None,
        viewers=_likely(black),
        attempts={
            place: max(*rates, *_asked(night, place))
            for place, rates in courses[At.VALUE].asked.items()
        },
    )


def knees_of(signature: Signature, speed: float = 1.0) -> dict[Step, Figure]:
    """Its knees in requests a second of the whole event, whose calendar goes at `speed`."""
    return {
        step: scaled(knee, size(signature, step, speed)) for step, knee in signature.knee.items()
    }


def size(signature: Signature, step: Step, speed: float = 1.0) -> float:
    """How much larger the night's stack is than the one that was measured.

    Joining follows the calendar's pace, watching does not (`stack.model.WATCHING_STEPS`).
    """
    pace = 1.0 if step in WATCHING_STEPS else speed / signature.speed
    return pace / signature.scale


def scaled(figure: Figure, factor: float) -> Figure:
    """The figure of so many times as much."""
    return replace(
        figure,
        value=figure.value * factor,
        low=figure.low * factor,
        high=None if figure.high is None else figure.high * factor,
    )


def _likely(figures: Mapping[At, float]) -> Likely:
    """The higher the knees, the fewer black screens: but for what chance there is in rounding."""
    return Likely(value=figures[At.VALUE], low=min(figures.values()), high=max(figures.values()))


def _worst(
    night: Night, signature: Signature, scenario: Scenario, room: WaitingRoom | None
) -> Course:
    """The night if the knees are at their low ends, with the places that turn anybody away then.

    Whoever is turned away at one place and starts again asks those before it once more.
    """
    desks = dict(_desks(night, signature, room, At.LOW))
    peaks = {place: max(_asked(night, place), default=0.0) for place in desks}
    found: set[str] = set()
    course = _course(night, signature, scenario, room, At.LOW, found)
    again = 1.0
    while True:
        through = again  # of those who would ask if all went well; a desk that breaks lets less by
        breaking = set()
        for place, desk in desks.items():
            if through * peaks[place] > desk.capacity:
                breaking.add(place)
            if place in found:
                through = min(through, desk.capacity / peaks[place])
        if breaking <= found:
            return course
        found |= breaking
        course = _course(night, signature, scenario, room, At.LOW, found)
        again = max(course.starts, default=0.0) / max(night.arrivals)


def _course(
    night: Night,
    signature: Signature,
    scenario: Scenario,
    room: WaitingRoom | None,
    at: At,
    places: Collection[str],
) -> Course:
    """How the night goes: second by second from shortly before a desk is asked too much."""
    desks = {p: desk for p, desk in _desks(night, signature, room, at) if p in places}
    skipped = max(0, _first_too_much(night, desks) - ceil(_RUN_UP / night.every))
    start, stop = night.offset(skipped), night.offset(len(night.arrivals))
    times = {step: demand.response_time for step, demand in signature.demand.items()}
    seconds = round((stop - start) / night.speed)
    waits = {place: desk.longest for place, desk in desks.items()}
    crowd = ways(scenario, waits, times, start=start, seconds=seconds, speed=night.speed)
    others = {place: _others(night, place, skipped, crowd) for place in desks}
    course = meet(crowd, desks, start_limit=scenario.start_limit, others=others)
    course.ends[End.IN_TIME] += watchers(scenario, night.start, start)
    return course


def _desks(
    night: Night, signature: Signature, room: WaitingRoom | None, at: At
) -> Iterator[tuple[str, Desk]]:
    """The places that can turn anybody away, in the order in which they are met."""
    if room is not None:
        # Retry-After is in whole seconds (RFC 9110, 10.2.3)
        yield ROOM, Desk(capacity=room.admit, comes_back_after=ceil(room.retry_after))
    knees = knees_of(signature, night.speed)
    for step in Step:
        if step in knees and not knees[step].at_least:
            yield step, _desk(signature, step, _end(knees[step], at))


def _end(knee: Figure, at: At) -> PerSecond:
    ends = {At.LOW: knee.low, At.VALUE: knee.value, At.HIGH: knee.high}
    return ends[at] or knee.value


def _desk(signature: Signature, step: Step, capacity: PerSecond) -> Desk:
    demand = signature.demand.get(step, _UNKNOWN)
    waits = (demand.waits_up_to or 0.0) if demand.refuses else inf
    desk = Desk(capacity=capacity, waits_up_to=waits, response_time=demand.response_time)
    scaling = signature.scaling
    grew = any(joins.first is step for joins in signature.joins.values())
    if scaling is None or scaling.took is None or not grew:
        return desk
    factor = scaling.after.value / scaling.before.value
    return replace(desk, later=capacity * factor, grows_after=scaling.took)


def _asked(night: Night, place: str) -> Sequence[PerSecond]:
    """What a place is asked if all goes well; a waiting room, by everybody."""
    return night.arrivals if place == ROOM else night.requests.get(Step(place), ())


def _first_too_much(night: Night, desks: Mapping[str, Desk]) -> int:
    """The first entry with more than a desk can do; the number of entries if there is none."""
    found = (
        n
        for place, desk in desks.items()
        for n, rate in enumerate(_asked(night, place))
        if rate > desk.capacity
    )
    return min(found, default=len(night.arrivals))


def _others(
    night: Night, place: str, skipped: int, crowd: Mapping[Way, Sequence[float]]
) -> list[PerSecond]:
    """Requests of each second that are not on the way to a first frame; empty if there are none."""
    asked = _asked(night, place)[skipped:]
    joining = asks(crowd, place)
    if place == ROOM or sum(asked) * night.every <= (1 + _OTHERS) * sum(joining):
        return []
    every = night.every
    return [max(0.0, asked[int(n / every)] - rate) for n, rate in enumerate(joining)]
