"""A queueing model of a target, made from its signature: a stack that breaks where it broke.

What a signature does not know the model does not have: no limit where none was met, no autoscaling,
no step that slows another. The scenario's own faults, rules and policies stay.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil

from loadtests.audience.crowd import size
from loadtests.collect.requests import sent
from loadtests.collect.timeline import BLOCK, Timeline
from loadtests.diagnosis.signature import Demand, Figure, Signature
from loadtests.scenario.model import Scenario, Sizing
from loadtests.stack.model import WATCHING_STEPS, Stack, Station, Stream
from loadtests.units import PerSecond, Ratio
from loadtests.vocabulary import Step

_MEASUREMENT = 0.05  # of a server: one more for so little would halve a line of one
_ENDLESS = 10**9  # places in a line that turns nobody away


def modeled(scenario: Scenario, signature: Signature) -> Scenario:
    """The same evening against the model of another target."""
    sizing = Sizing(scale=scenario.scale, speed=scenario.speed)
    return replace(scenario, stack=stack_of(signature, scenario), stack_sized_for=sizing)


def stack_of(signature: Signature, scenario: Scenario) -> Stack:
    """The target at the scenario's scale and speed.

    A step that broke is a station with the knee as its capacity and the response time at low load
    as its service time. Where it refuses, its line is as long as the longest wait that was met;
    where it does not, nobody is turned away. A step that never broke only takes its time.
    """
    stack = scenario.embedded_stack or Stack(stations={})
    stations = {
        step: station
        for step, demand in signature.demand.items()
        if (station := _station(signature, step, demand, scenario)) is not None
    }
    # what limits the target is in the signature: nothing of the scenario's own stack comes on top
    return replace(
        stack,
        stations=stations,
        origin=Stack(stations={}).origin,
        concurrency_limit=None,
        cache=replace(stack.cache, playlists=True),
        stream=_stream(stack.stream, signature),
    )


def limit(signature: Signature, step: Step, scenario: Scenario) -> PerSecond | None:
    """The requests a second at which a step breaks, as played; None: nobody has seen it break."""
    figure = signature.knee.get(step)
    if figure is None or figure.at_least:
        return None
    return figure.value * _factor(signature, step, scenario)


def as_played(signature: Signature, scenario: Scenario) -> Signature:
    """The signature as it holds for a target of the scenario's scale and speed: rates move along.

    For targets that are sized by the scenario, as the embedded stack is; a real one stays itself.
    """
    joining = scenario.scale / signature.scale * scenario.speed / signature.speed
    return replace(
        signature,
        scale=scenario.scale,
        speed=scenario.speed,
        knee={
            step: _times(figure, _factor(signature, step, scenario))
            for step, figure in signature.knee.items()
        },
        joins={
            profile: replace(
                of,
                knee=_times(of.knee, joining),
                broke_at=None if of.broke_at is None else of.broke_at * joining,
                recovers_at=None if of.recovers_at is None else of.recovers_at * joining,
            )
            for profile, of in signature.joins.items()
        },
    )


def _times(figure: Figure, factor: Ratio) -> Figure:
    high = None if figure.high is None else figure.high * factor
    return replace(figure, value=figure.value * factor, low=figure.low * factor, high=high)


def granted(signature: Signature, scenario: Scenario, timeline: Timeline) -> Iterator[str]:
    """What a run against the model takes for granted, as sentences."""
    yield (
        f"The model of {signature.target} is made from its signature of {signature.created}: "
        f"{_limits(signature, scenario)}. It knows of no autoscaling, and of no step that slows "
        "another."
    )
    if beyond := list(_beyond(signature, scenario, timeline)):
        yield (
            "More was asked than anybody has shown to be carried, and is taken to be carried: of "
            f"{', '.join(beyond)}."
        )


def _beyond(signature: Signature, scenario: Scenario, timeline: Timeline) -> Iterator[str]:
    for step, figure in signature.knee.items():
        shown = figure.value * _factor(signature, step, scenario)
        asked = _most(timeline, step)
        if figure.at_least and asked > shown:
            yield f"{step.value} up to {asked:.3g}/s, where {shown:.3g}/s have been demonstrated"


def _limits(signature: Signature, scenario: Scenario) -> str:
    found = {step: limit(signature, step, scenario) for step in signature.demand}
    broke = [f"{step.value} at {rate:.3g}/s" for step, rate in found.items() if rate is not None]
    never = [step.value for step, rate in found.items() if rate is None]
    told = [f"breaks are {', '.join(broke)}"] if broke else []
    if never:
        told.append(f"no limit has been found of {', '.join(never)}")
    return "; ".join(told) or "it has no step"


def _most(timeline: Timeline, step: Step) -> PerSecond:
    """The most it was asked, in the mean of some seconds: of one, it would be chance."""
    parts = [timeline.between(at, at + BLOCK) for at in range(0, len(timeline), BLOCK)]
    return max((sent(part, step) for part in parts), default=0) / BLOCK


def _factor(signature: Signature, step: Step, scenario: Scenario) -> Ratio:
    """How many times the requests the signature is for are played."""
    scale = scenario.scale / signature.scale
    return scale if step in WATCHING_STEPS else scale * scenario.speed / signature.speed


def _station(
    signature: Signature, step: Step, demand: Demand, scenario: Scenario
) -> Station | None:
    """What serves a step; None: it answers at once, whatever comes."""
    time, capacity = demand.response_time, limit(signature, step, scenario)
    if capacity is not None:
        low = signature.knee[step].low / signature.knee[step].value * capacity
        return _saturating(demand, capacity, servers=max(1, ceil(low * time - _MEASUREMENT)))
    if time == 0:
        return None
    # a server for each viewer: nobody waits for another
    return Station(servers=max(1, size(scenario)), service_time=time, queue=0)


def _saturating(demand: Demand, capacity: PerSecond, *, servers: int) -> Station:
    """A station of exactly that capacity, with as few servers as its interval allows."""
    each = servers / capacity
    time = min(demand.response_time, each)
    queue = round((demand.waits_up_to or 0.0) * capacity) if demand.refuses else _ENDLESS
    return Station(servers=servers, service_time=time, queue=queue, rest=each - time)


def _stream(stream: Stream, signature: Signature) -> Stream:
    """The stream as it was seen: one rendition, for nobody knows which others there are."""
    if signature.target_duration is not None:
        stream = replace(stream, target_duration=signature.target_duration)
    if signature.bit_rate:
        stream = replace(stream, bit_rates=(signature.bit_rate,))
    return stream
