"""A capacity command's whole row of trials: what the target carries, and how it fails."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from loadtests.audience.trial import Aim, Joins, Trial
from loadtests.diagnosis.judging import BOUND
from loadtests.diagnosis.knee import (
    SLOWER,
    Knee,
    Moved,
    holds,
    least_held,
    most_held,
    slower_by,
)
from loadtests.diagnosis.level import Level
from loadtests.diagnosis.search import Search, search
from loadtests.units import PerSecond, Ratio
from loadtests.vocabulary import Outcome, Step

__all__ = ["Capacity", "Moved", "Plan", "Slowed", "explore"]

BEYOND: Ratio = 1.3
"""Overload ÷ knee: what a night that was underestimated brings."""

LEAST_BEYOND: Ratio = 1.1
"""Where the ceiling leaves less than that, an overload would show nothing."""

CLOSER: Ratio = 0.9
"""Of the knee of one profile: where the search for the next one's begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a capacity command is to find out, and its limits."""

    first: PerSecond  # viewers a second of the first trial
    ceiling: PerSecond  # of any trial
    joins: tuple[Joins, ...] = (Joins.STEP, Joins.RAMP, Joins.SURGE)
    trial: Trial = field(  # how a load is played; its number, rate, profile and aim do not matter
        default=Trial(number=1, joins=Joins.STEP, rate=1.0)
    )
    within: Ratio = 0.035  # how near the least that breaks is to the most that holds
    trials: int = 40  # at most, of all searches together
    overload: bool = True  # also what comes beyond the knee
    again: bool = True  # also whether a low load costs what it did


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowed:
    """A step that slows in an overload of another, though it is asked no more."""

    step: Step
    overloaded: Step
    slower: Ratio  # response time ÷ what it was at a load that asked it as much


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Everything a capacity command has shown."""

    knees: Mapping[Joins, Knee]
    levels: tuple[Level, ...]  # of the searches, in order
    lowest: Level | None  # the lowest level that held: what requests cost when nobody is in line
    overload: Level | None = None  # None: not asked for, or its load not allowed
    again: Level | None = None  # the lowest level once more, at the end
    drift: Ratio | None = (
        None  # response time then ÷ in the beginning, of the step that slowed most
    )
    steady: bool = True  # False: it got slower, or carried less, as time went by
    slowed: tuple[Slowed, ...] = ()
    moved: Moved | None = None
    notes: tuple[str, ...] = ()  # sentences a reader should know


def explore(plan: Plan) -> Generator[Trial, Level, Capacity]:
    """Yields trials to play, is sent what each has shown, returns what all have shown."""
    knees: dict[Joins, Knee] = {}
    first, number = plan.first, 1
    for joins in plan.joins:
        trial = replace(plan.trial, number=number, joins=joins, rate=first, aim=Aim.LEVEL)
        left = plan.trials - number + 1
        if left > 0:
            knee = yield from search(
                Search(trial=trial, ceiling=plan.ceiling, within=plan.within, trials=left)
            )
            knees[joins] = knee
            number += len(knee.levels)
            first = max(CLOSER * knee.value, plan.first) if knee.value else plan.first
    levels = tuple(level for knee in knees.values() for level in knee.levels)
    overload = yield from _one(_overload(plan, knees, number))
    again = yield from _one(_again(plan, lowest(levels), number + (overload is not None)))
    return told(plan, knees, overload, again)


def _one(trial: Trial | None) -> Generator[Trial, Level, Level | None]:
    """The level of one trial, if it is to be played."""
    return None if trial is None else (yield trial)


def _overload(plan: Plan, knees: Mapping[Joins, Knee], number: int) -> Trial | None:
    """The trial beyond the knee of the first profile that has one; None: none is, or allowed."""
    knee = next(
        (knee for joins in _BY_NEED if (knee := knees.get(joins)) and _is_found(knee)), None
    )
    if knee is None or not plan.overload:
        return None
    rate = min(BEYOND * knee.value, plan.ceiling)
    if rate < LEAST_BEYOND * knee.value:
        return None
    return replace(plan.trial, number=number, joins=knee.joins, rate=rate, aim=Aim.OVERLOAD)


_BY_NEED = (Joins.STEP, Joins.RAMP, Joins.SURGE)  # a step's knee is that of what lasts


def _is_found(knee: Knee) -> bool:
    return knee.high is not None and knee.low > 0


def lowest(levels: Sequence[Level]) -> Level | None:
    """The lowest load that held and stayed; of a surge only if there is no other."""
    lasting = [level for level in levels if level.trial.joins is not Joins.SURGE]
    return least_held(lasting) or least_held(levels)


def _again(plan: Plan, low: Level | None, number: int) -> Trial | None:
    if low is None or not plan.again:
        return None
    return replace(low.trial, number=number, aim=Aim.AGAIN)


def told(
    plan: Plan,
    knees: Mapping[Joins, Knee],
    overload: Level | None = None,
    again: Level | None = None,
) -> Capacity:
    """What these knees come to, and what was found beside them."""
    levels = tuple(level for knee in knees.values() for level in knee.levels)
    low = lowest(levels)
    moved = next((knee.moved for knee in knees.values() if knee.moved), None)
    drift = _drift(low, again)
    has_lost = moved is not None and moved.after < moved.before
    return Capacity(
        knees=knees,
        levels=levels,
        lowest=low,
        overload=overload,
        again=again,
        drift=drift,
        steady=not has_lost
        and (drift is None or drift < SLOWER)
        and (again is None or holds(again)),
        slowed=tuple(_slowed(levels, overload)),
        moved=_rose(overload) or moved,
        notes=tuple(_notes(plan, knees, overload, again)),
    )


def _drift(low: Level | None, again: Level | None) -> Ratio | None:
    """How much longer the step that slowed most takes than it did, at the same low load."""
    if low is None or again is None:
        return None
    return max((ratio for _, ratio in slower_by(low, again)), default=None)


def _rose(overload: Level | None) -> Moved | None:
    if overload is None or overload.rose_from is None or overload.rose_to is None:
        return None
    return Moved(before=overload.rose_from, after=overload.rose_to, took=overload.rose_after)


def _slowed(levels: Sequence[Level], overload: Level | None) -> Iterator[Slowed]:
    """Steps the overload slowed though it asked them no more than a load that held."""
    held = most_held(levels)
    if held is None or overload is None or overload.first is None:
        return
    for step, ratio in slower_by(held, overload):
        is_spared = overload.steps[step].attempts <= held.steps[step].attempts * (1 + BOUND)
        if ratio >= SLOWER and is_spared and step is not overload.first:
            yield Slowed(step=step, overloaded=overload.first, slower=ratio)


def _notes(
    plan: Plan, knees: Mapping[Joins, Knee], overload: Level | None, again: Level | None
) -> Iterator[str]:
    for joins, knee in knees.items():
        if not knee.low:
            yield f"{joins}: not even {knee.broke_at:.3g} viewers a second were carried"
        elif not knee.is_complete:
            yield f"{joins}: {len(knee.levels)} trials were not enough to tell the knee"
    yield from (
        f"{joins}: no trial was left to search it" for joins in plan.joins if joins not in knees
    )
    if overload is None and plan.overload and any(map(_is_found, knees.values())):
        yield f"the ceiling of {plan.ceiling:.3g} viewers a second allows no overload"
    if again is not None and not holds(again):
        yield f"a load of {again.trial.rate:.3g} viewers a second, which held, no longer does"
    if any(_sends_away(level) for knee in knees.values() for level in knee.levels):
        yield "a waiting room sent viewers away: the knee is what it lets in"


def _sends_away(level: Level) -> bool:
    of = level.steps.get(level.first) if level.first else None
    return of is not None and Outcome.QUEUED in of.outcomes
