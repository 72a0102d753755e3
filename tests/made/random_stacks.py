"""Stacks drawn at random whose capacity is arithmetic, and the crowds they are measured with.

What an answer is held against is worked out here from what was drawn: servers, service times,
places in line and what one viewer asks of each. No search and no simulation has a part in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, count, pairwise
from math import ceil, exp, log
from random import Random

from loadtests.audience.trial import BASE, Joins, Trial
from loadtests.diagnosis.explore import Plan
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span
from loadtests.stack.model import EdgeCache, Stack, Station, Stream
from loadtests.units import PerSecond, Seconds
from loadtests.vocabulary import Player, Step

TARGET: Seconds = 4.0
"""Target duration of the stream: how often a viewer loads the media playlist."""

TRIAL = Trial(number=1, joins=Joins.STEP, rate=1.0, stay=10.0)
LOADS: Sequence[Seconds] = (0.0, 0.0, TARGET, 2 * TARGET)
"""When a viewer of ten seconds asks the origin: master playlist, then media playlists."""

APART = 1.1
"""How much more the second tightest carries than the tightest, at least."""

TIES = 0.1
"""Share of the draws in which it may carry as little: then either name is right."""

AMPLE = (Step.HOME, Step.REFRESH)
STATIONS = (Step.SIGN_IN, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE)
ORIGIN, LIMIT = "origin", "limit"
COMPONENTS = (*STATIONS, ORIGIN, LIMIT)

ROUGHNESS = 2
"""Requests in progress by which even arrivals now and then exceed their mean: with no line to wait
in, somebody is refused as soon as they do."""

LONGEST_LINE: Seconds = 2.0
"""Of a surge: who waits longer loses patience, and asks less than arithmetic has it."""

_ONE = Estimate(value=1.0, low=1.0, high=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One target, how it is measured, and what must come out."""

    seed: int
    joins: Joins
    tight: str  # the component that is the first to break
    knee: PerSecond  # viewers a second
    right: frozenset[Step]  # steps that may be named as the first to break
    scenario: Scenario
    plan: Plan


def draw(seed: int, joins: Joins | None = None, tight: str | None = None) -> Drawn:
    """The target numbered `seed`: its profile and its tightest component are drawn unless given."""
    random = Random(seed)  # noqa: S311 - a draw, not a secret
    joins = joins or random.choice(list(Joins))
    tight = tight or random.choice(COMPONENTS)
    may_tie = random.random() < TIES
    for _ in count():
        devices = _devices(random)
        stack = _limited(random, devices) if tight == LIMIT else _stack(random, devices, tight)
        if joins is Joins.SURGE:
            stack = _with_short_lines(stack)
        knees = knees_of(stack, devices, joins)
        near = [name for name, knee in knees.items() if knee < knees[tight] * APART]
        if knees[tight] == min(knees.values()) and (may_tie or near == [tight]):
            break
    return Drawn(
        seed=seed,
        joins=joins,
        tight=tight,
        knee=knees[tight],
        right=frozenset(step for name in near for step in _steps(name)),
        scenario=_scenario(seed, devices, stack),
        plan=Plan(
            first=knees[tight] * _between(random, 1 / 6, 1.3),
            ceiling=300.0,
            joins=(joins,),
            trial=TRIAL,
            overload=False,
            again=False,
        ),
    )


def knees_of(stack: Stack, devices: Mapping[str, Device], joins: Joins) -> dict[str, PerSecond]:
    """At how many viewers a second each component of a stack has all it can do."""
    asked = _asked(devices)
    knees: dict[str, PerSecond] = {
        step: _most(station.capacity / asked[step], station.queue / asked[step], (0.0,), joins)
        for step, station in stack.stations.items()
    }
    # each segment is made once for all, whoever watches
    left = stack.origin.capacity - 1 / TARGET
    knees[ORIGIN] = _most(left, stack.origin.queue, LOADS, joins)
    if stack.concurrency_limit is not None:
        knees[LIMIT] = (stack.concurrency_limit - ROUGHNESS) / _busy(stack, asked)
    return knees


def _most(capacity: PerSecond, places: float, asks: Sequence[Seconds], joins: Joins) -> PerSecond:
    """Arrivals a second that fail nobody, where each viewer asks after so many seconds.

    What stays is held for ever at the capacity and no higher. A surge is a fluid that may rise
    above it as long as the places in line take what is left over.
    """
    steady = capacity / len(asks)
    if joins is not Joins.SURGE:
        return steady
    low, high = steady, steady * 100
    while high / low > 1 + 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if _left(middle, capacity, asks) > places else (middle, high)
    return low


def _left(rate: PerSecond, capacity: PerSecond, asks: Sequence[Seconds]) -> float:
    """The most that is in line at once in a surge of `rate`."""
    corners = sorted({at + ask for at in (0.0, TRIAL.rise) for ask in asks})
    excess = [
        (stop - start) * (sum(_came(rate, start - ask) for ask in asks) - capacity)
        for start, stop in pairwise(corners)
    ]
    return max(accumulate(excess, lambda line, more: max(0.0, line + more), initial=0.0))


def _came(rate: PerSecond, at: Seconds) -> PerSecond:
    """Arrivals a second, so long after a surge has begun."""
    return rate if 0 <= at < TRIAL.rise else BASE * rate


def _asked(devices: Mapping[str, Device]) -> dict[str, float]:
    """Requests of one viewer, on average, by component."""
    signs_in = sum(device.share * device.signs_in for device in devices.values())
    return {
        **dict.fromkeys((Step.HOME, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE), 1.0),
        Step.SIGN_IN: signs_in,
        Step.REFRESH: 1 - signs_in,
        ORIGIN: len(LOADS),
    }


def _busy(stack: Stack, asked: Mapping[str, float]) -> Seconds:
    """Seconds for which one viewer has a request in progress behind the edge, nobody in line."""
    return sum(asked[step] * station.service_time for step, station in stack.stations.items())


def _steps(component: str) -> tuple[Step, ...]:
    """The steps that fail when a component does: of a common limit, any."""
    if component == ORIGIN:
        return (Step.MASTER, Step.PLAYLIST)
    return tuple(Step) if component == LIMIT else (Step(component),)


def _stack(random: Random, devices: Mapping[str, Device], tight: str) -> Stack:
    """One that is full at 5 to 40 viewers a second where it is tight, and later elsewhere."""
    rate, asked = _between(random, 5.0, 40.0), _asked(devices)
    carried = {name: rate * asked[name] for name in (*AMPLE, *STATIONS, ORIGIN)}
    for name in carried:
        least = 1.5 if name in AMPLE else 1.0
        carried[name] *= 1.0 if name == tight else _between(random, least, 3.0)
    carried[ORIGIN] += 1 / TARGET
    made = {name: _station(random, capacity) for name, capacity in carried.items()}
    return _of(made)


def _limited(random: Random, devices: Mapping[str, Device]) -> Stack:
    """One where nobody ever stands in line, and which is full of requests in progress instead."""
    rate, asked = random.uniform(20.0, 40.0), _asked(devices)
    times = {name: random.uniform(1.0, 2.0) for name in (*AMPLE, *STATIONS, ORIGIN)}
    made = {
        name: Station(servers=ceil(10 * rate * asked[name] * time), service_time=time, queue=3)
        for name, time in times.items()
    }
    stack = _of(made)
    return replace(stack, concurrency_limit=round(rate * _busy(stack, asked)))


def _of(made: Mapping[str, Station]) -> Stack:
    return Stack(
        stations={Step(name): station for name, station in made.items() if name != ORIGIN},
        origin=made[ORIGIN],
        stream=Stream(target_duration=TARGET, bit_rates=(50_000.0,)),
        cache=EdgeCache(playlists=False),
    )


def _station(random: Random, capacity: PerSecond) -> Station:
    """Half of these are busy all the time they are full, half rest between requests."""
    servers = max(1, round(capacity * _between(random, 0.02, 0.2)))
    each = servers / capacity
    time = min(each, 0.2, each if random.random() < 0.5 else _between(random, 0.02, 0.2))
    queue = round(_between(random, 3, 200))
    return Station(servers=servers, service_time=time, rest=each - time, queue=queue)


def _with_short_lines(stack: Stack) -> Stack:
    """The same with no more places in line than who waits has patience for."""
    return replace(
        stack,
        stations={step: _with_short_line(station) for step, station in stack.stations.items()},
        origin=_with_short_line(stack.origin),
    )


def _with_short_line(station: Station) -> Station:
    return replace(station, queue=max(3, min(station.queue, int(LONGEST_LINE * station.capacity))))


def _devices(random: Random) -> dict[str, Device]:
    weights = [random.uniform(0.2, 1.0) for _ in range(random.randint(1, 4))]
    return {
        f"device_{number}": Device(
            share=weight / sum(weights),
            player=random.choice(list(Player)),
            signs_in=random.uniform(0.1, 0.9),
            patience=Patience(none_before=10.0, leaving_per_second=0.02, at_most=0.4),
            human_retry=HumanRetry(times=random.randint(0, 3), after=random.uniform(3.0, 8.0)),
        )
        for number, weight in enumerate(weights)
    }


def _between(random: Random, low: float, high: float) -> float:
    """Evenly on a logarithmic scale."""
    return exp(random.uniform(log(low), log(high)))


def _scenario(seed: int, devices: Mapping[str, Device], stack: Stack) -> Scenario:
    return Scenario(
        name=f"drawn-{seed}",
        title="a stack drawn at random",
        event=Event(name="Match", kick_off="2022-09-06 21:00"),
        audience=Audience(published=10_000, people_per_account=_ONE, share_on_app=_ONE),
        scale=1.0,
        speed=1.0,
        window=Span(start=0.0, stop=60.0),
        arrivals=(Surge(shape=Shape.STEADY, start=0.0, stop=60.0, share=1.0),),
        devices=devices,
        seed=seed,
        stack=stack,
    )
