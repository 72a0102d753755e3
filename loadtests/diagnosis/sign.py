"""A capacity search in a few figures: the signature a night is later held against."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from loadtests import __version__
from loadtests.audience.trial import Joins
from loadtests.collect import requests
from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.explore import Capacity
from loadtests.diagnosis.judging import BOUND
from loadtests.diagnosis.knee import Knee, broken
from loadtests.diagnosis.level import Level, StepLoad
from loadtests.diagnosis.signature import (
    VERSION,
    Demand,
    Figure,
    Interference,
    JoinKnee,
    Scaling,
    Signature,
)
from loadtests.scenario.model import Scenario
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Outcome, Step

REFUSALS = frozenset(
    {Outcome.OVERLOAD, Outcome.SERVER_ERROR, Outcome.REFUSED, Outcome.QUEUED, Outcome.RESET}
)
"""How a step says no at once, instead of letting people wait."""

NEAR = 1.1
"""Load ÷ knee, or knee ÷ load, of those from which a step's own rate at the knee is taken."""

SUSTAINED = (Joins.RAMP, Joins.STEP, Joins.SURGE)
"""Whose knee is a step's, where several broke it: a surge may end before a line is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What no load can show of a target: what is known of the run, and what the user says."""

    target: str  # as reports name it
    embedded: bool  # our own stack: made for a part of the event, at its pace
    created: str  # ISO 8601, UTC
    build: str = ""
    topology: str = ""
    replicas: Mapping[str, int] = field(default_factory=dict)


def sign(capacity: Capacity, scenario: Scenario, *, low: Window, told: Told) -> Signature:
    """The signature of the target that `capacity` was found of, with this scenario's crowd.

    `low`: all seconds of `capacity.lowest` in one, from its start to its stop; empty if none held.
    """
    stack = scenario.embedded_stack if told.embedded else None
    return Signature(
        version=VERSION,
        scenario=scenario.name,
        variant=scenario.variant,
        target=told.target,
        created=told.created,
        matchnight=__version__,
        build=told.build,
        topology=told.topology,
        replicas=told.replicas,
        knee={step: _knee(capacity, step) for step in _met(capacity)},
        joins={joins: _joins(capacity, knee) for joins, knee in capacity.knees.items()},
        demand={step: _demand(capacity, step, low) for step in _measured(low)},
        mix=dict(_mix(low)),
        steady=capacity.steady,
        drift=capacity.drift,
        target_duration=stack.stream.target_duration if stack else None,
        bit_rate=low.bits_watched / low.watched if low.watched else None,
        scale=scenario.scale if told.embedded else 1.0,
        speed=scenario.speed if told.embedded else 1.0,
        interference=tuple(
            Interference(step=of.step, overloaded=of.overloaded, slower=of.slower)
            for of in capacity.slowed
        ),
        scaling=_scaling(capacity),
        notes=capacity.notes,
    )


def _all(capacity: Capacity) -> list[Level]:
    return [*capacity.levels, *filter(None, [capacity.overload])]


def _met(capacity: Capacity) -> list[Step]:
    met = {step for level in _all(capacity) for step in level.steps}
    return [step for step in Step if step in met]


def _measured(low: Window) -> list[Step]:
    """Steps that answered well at low load."""
    return [step for step in Step if _times(low, step, Outcome.OK).count]


def _broken_by(capacity: Capacity, step: Step) -> Knee | None:
    knees = (capacity.knees.get(joins) for joins in SUSTAINED)
    return next((knee for knee in knees if knee and knee.first is step), None)


def _knee(capacity: Capacity, step: Step) -> Figure:
    """Requests a second: where the step broke, else the most it is known to have answered well."""
    knee = _broken_by(capacity, step)
    if knee is not None:
        return _times_figure(_joined(knee), _per_join(knee, step), unit="requests/s")
    most = max(level.steps[step].good for level in _all(capacity) if step in level.steps)
    return Figure(value=most, low=most, high=None, unit="requests/s", at_least=True)


def _per_join(knee: Knee, step: Step) -> Ratio:
    """First attempts for each viewer who came to loads near the knee.

    Of few viewers another share signs in each time, and it is those who came that decided where
    the knee is: from their own share, not from everybody's, follows what the step carries.
    """
    known = [level for level in knee.levels if step in level.steps]
    near = [x for x in known if 1 / NEAR <= x.trial.rate / knee.value <= NEAR] or known
    asked = sum(level.steps[step].asked * _held_for(level) for level in near)
    return asked / sum(level.joins * _held_for(level) for level in near)


def _held_for(level: Level) -> Seconds:
    return level.stop - level.start


def _joined(knee: Knee) -> Figure:
    return Figure(
        value=knee.value,
        low=knee.low,
        high=knee.high,
        unit="viewers/s",
        at_least=knee.at_least,
    )


def _times_figure(figure: Figure, factor: Ratio, *, unit: str) -> Figure:
    """The figure so many times, as sure as it is."""
    return Figure(
        value=figure.value * factor,
        low=figure.low * factor,
        high=None if figure.high is None else figure.high * factor,
        unit=unit,
        at_least=figure.at_least,
    )


def _joins(capacity: Capacity, knee: Knee) -> JoinKnee:
    figure = _joined(knee)
    under_way = None
    if knee.in_flight is not None and knee.value:
        under_way = _times_figure(figure, knee.in_flight / knee.value, unit="requests")
    overload = capacity.overload
    is_of_this = overload is not None and overload.trial.joins is knee.joins
    return JoinKnee(
        knee=figure,
        first=knee.first,
        next=knee.next,
        in_flight=under_way,
        broke_at=knee.broke_at,
        recovers_at=overload.recovered_at if overload is not None and is_of_this else None,
    )


def _demand(capacity: Capacity, step: Step, low: Window) -> Demand:
    alone = _times(low, step, Outcome.OK)
    unit = _unit(capacity, low)
    denied = _times(low, step, Outcome.DENIED)
    overloads = [level.steps[step] for level in _all(capacity) if step in broken(level.steps)]
    return Demand(
        per_join=_asked(low, step) / arrived if (arrived := low.arrived.total()) else 0.0,
        response_time=alone.mean,
        cost=alone.mean / unit if unit else 0.0,
        bytes=_size(low, step),
        waits_up_to=_longest_wait(overloads, alone.mean),
        refuses=any(_refusals(of) > BOUND for of in overloads),
        denied_cost=denied.mean / unit if denied.count and unit else None,
    )


def _unit(capacity: Capacity, low: Window) -> Seconds:
    """Response time of what all others are held beside: the first step to break, if one did."""
    measured = _measured(low)
    broken = (step for step in measured if _broken_by(capacity, step))
    return _times(low, next(broken, measured[0]), Outcome.OK).mean


def _longest_wait(overloads: Iterable[StepLoad], alone: Seconds) -> Seconds | None:
    waits = [of.slowest - alone for of in overloads if of.slowest is not None]
    return max(0.0, *waits) if waits else None


def _refusals(of: StepLoad) -> Ratio:
    ended = sum(of.outcomes.values())
    return sum(of.outcomes.get(said, 0) for said in REFUSALS) / ended if ended else 0.0


def _mix(low: Window) -> Iterator[tuple[str, Ratio]]:
    """The ratios of the event class that there is something to tell of."""
    devices = Counter[str]()
    for (_, cohort, _), n in low.cohorts.items():
        devices[cohort.device] += n
    for device, n in sorted(devices.items()):
        yield f"device.{device}", n / devices.total()
    arrived, sent = low.arrived.total(), requests.sent(low)
    if arrived:
        yield "sign_in", _asked(low, Step.SIGN_IN) / arrived
        yield "refresh", _asked(low, Step.REFRESH) / arrived
    attempts = requests.ended(low, Step.SIGN_IN) + requests.ended(low, Step.REFRESH)
    if attempts:
        yield "denied", _denied(low) / attempts
    if sent:
        yield "retries", requests.retries(low) / sent


def _denied(low: Window) -> int:
    return sum(
        requests.outcomes(low, step)[Outcome.DENIED] for step in (Step.SIGN_IN, Step.REFRESH)
    )


def _asked(window: Window, step: Step) -> int:
    """First attempts."""
    return requests.sent(window, step) - requests.retries(window, step)


def _tallies(window: Window, step: Step, outcome: Outcome) -> list[Tally]:
    return [t for (of, how, _), t in window.ended.items() if of is step and how is outcome]


def _times(window: Window, step: Step, outcome: Outcome) -> Distribution:
    times = Distribution()
    for tally in _tallies(window, step, outcome):
        times.merge(tally.times)
    return times


def _size(window: Window, step: Step) -> float:
    """Bytes of an answer, mean."""
    tallies = _tallies(window, step, Outcome.OK)
    return sum(tally.bytes for tally in tallies) / sum(tally.count for tally in tallies)


def _scaling(capacity: Capacity) -> Scaling | None:
    """Both capacities, each as sure as a knee that was found; None if it did not rise."""
    moved = capacity.moved
    if moved is None or moved.after <= moved.before:
        return None
    found = next((knee for knee in capacity.knees.values() if not knee.at_least), None)
    before, after = (_as_sure_as(found, value) for value in (moved.before, moved.after))
    return Scaling(before=before, after=after, took=moved.took)


def _as_sure_as(knee: Knee | None, value: float) -> Figure:
    if knee is None:
        return Figure(value=value, low=value, high=None, unit="viewers/s", at_least=True)
    return _times_figure(_joined(knee), value / knee.value, unit="viewers/s")
