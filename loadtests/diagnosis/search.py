"""Finds the highest load that holds: up until one breaks, then into the middle, again and again."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from loadtests.audience.trial import Trial
from loadtests.diagnosis.knee import (
    Knee,
    Moved,
    as_asked,
    beside,
    first_broken,
    goodput,
    holds,
    least_broken,
    least_held,
    most_held,
    slowed_most,
)
from loadtests.diagnosis.level import Level
from loadtests.diagnosis.posterior import Interval, interval
from loadtests.units import PerSecond, Ratio
from loadtests.vocabulary import Step

__all__ = ["Knee", "Moved", "Search", "search"]

FACTOR = 1.5
"""From load to load until one breaks, or holds."""

AGREE = 2
"""Loads in a row that held above one that broke, or broke below one that held, after which that one
is played once more: the target may not be what it was. Of one that is, every fourth search does."""

CHANGES = 2
"""How often a target may be found to have changed, until it is taken as it is."""

LEAST: Ratio = 0.01
"""Of the first load: where not even that holds, there is nothing to find."""

LOW: Ratio = 0.8
"""Of the least that breaks: what is missed at a lower load is missed at any."""

MOST_USUAL: Ratio = 0.3
"""Missed at any load, at most: where a load is to blame, two thirds of it are carried instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched: `trial` says how each load is played, and is the first of them."""

    trial: Trial
    ceiling: PerSecond  # viewers a second that are never exceeded
    within: Ratio = 0.035  # how near the least that breaks is to the most that holds
    trials: int = 40  # at most


def search(plan: Search) -> Generator[Trial, Level, Knee]:
    """Yields loads to play, is sent what each has shown, returns the knee."""
    hunt = _Hunt(plan)
    rate: PerSecond | None = min(plan.trial.rate, plan.ceiling)
    while rate is not None and len(hunt.levels) < plan.trials:
        number = plan.trial.number + len(hunt.levels)
        hunt.take((yield replace(plan.trial, number=number, rate=rate)))
        rate = hunt.next_rate()
    return hunt.knee(is_complete=rate is None)


class _Hunt:
    """What is known so far: all levels, and those since the target last changed."""

    def __init__(self, plan: Search) -> None:
        self._plan = plan
        self.levels: list[Level] = []
        self._changed: list[Level] = []  # that held or broke, and when played again no longer did
        self._since = 0

    def take(self, level: Level) -> None:
        """One more."""
        self.levels.append(level)
        *fresh, level = self._fresh()
        for at, before in enumerate(fresh):
            if before.trial.rate == level.trial.rate and holds(before) is not holds(level):
                self._changed.append(before)
                self._since += at + 1
                return

    def _fresh(self) -> list[Level]:
        """Levels since the target last changed, beside what it misses at any load."""
        fresh = self.levels[self._since :]
        usual = _usual(fresh)
        return [beside(level, usual) for level in fresh]

    def next_rate(self) -> PerSecond | None:
        """The next load; None if the knee is known, or cannot be."""
        plan, fresh = self._plan, self._fresh()
        held, broke = most_held(fresh), least_broken(fresh)
        if broke is None:
            last = max(level.trial.rate for level in fresh)
            return None if last >= plan.ceiling else min(last * FACTOR, plan.ceiling)
        if held is None:
            less = broke.trial.rate / FACTOR
            return None if less < LEAST * plan.trial.rate else less
        if broke.trial.rate > held.trial.rate * (1 + plan.within):
            return sqrt(held.trial.rate * broke.trial.rate)
        return _doubtful(fresh, (broke, held)) if len(self._changed) < CHANGES else None

    def knee(self, *, is_complete: bool) -> Knee:
        """What all that says of it."""
        fresh = self._fresh()
        held, broke = most_held(fresh), least_broken(fresh)
        broken = sorted((x for x in fresh if not holds(x)), key=lambda level: level.trial.rate)
        # where the lowest leaves doubt which step it is, the next one up tells
        first = next((step for x in broken if (step := first_broken(x, fresh))), None)
        known = _known(as_asked(fresh, first))
        return Knee(
            joins=self._plan.trial.joins,
            value=known.value,
            low=known.low,
            high=known.high if broke else None,
            at_least=broke is None,
            is_complete=is_complete and held is not None,
            levels=tuple(self.levels),
            first=first,
            next=slowed_most(fresh, but=first),
            in_flight=_in_flight(held, first, at=known.value),
            broke_at=broke.trial.rate if broke else None,
            moved=self._moved(known.value),
        )

    def _moved(self, after: PerSecond) -> Moved | None:
        if not self._changed:
            return None
        before = goodput(self._changed[0], self.levels)
        return Moved(before=before, after=after, took=None)


def _known(levels: Sequence[Level]) -> Interval:
    broke = least_broken(levels)
    if broke is None:
        most = max(level.carried for level in levels)
        return Interval(low=most, value=most, high=most)
    if most_held(levels) is None:
        return Interval(low=0.0, value=broke.carried, high=broke.trial.rate)
    return interval(levels)


def _doubtful(levels: Sequence[Level], bounds: Sequence[Level]) -> PerSecond | None:
    """The load that was played but once, and that all later ones speak against."""
    for bound in bounds:
        later = levels[levels.index(bound) + 1 :]
        if len(later) >= AGREE and all(holds(level) is not holds(bound) for level in later):
            return bound.trial.rate
    return None


def _usual(levels: Sequence[Level]) -> Mapping[Step, Ratio]:
    """The share of requests each step misses at any load: a background that is no load's doing.

    It is that of the lowest load, if that is well below what breaks; or, where nothing holds, if it
    is the same at two loads.
    """
    held, broke = least_held(levels), least_broken(levels)
    if held is not None:
        is_low = broke is None or held.trial.rate < LOW * broke.trial.rate
        return _missed(held) if is_low else {}
    if not levels[1:]:
        return {}
    high, low = (_missed(level) for level in levels[-2:])
    worst = max(low, key=lambda step: low[step], default=None)
    if worst is None or not 0 < low[worst] < MOST_USUAL:
        return {}
    is_alike = 1 / FACTOR < high.get(worst, 0.0) / low[worst] < FACTOR
    return low if is_alike else {}


def _missed(level: Level) -> Mapping[Step, Ratio]:
    return {step: of.failed or 0.0 for step, of in level.steps.items()}


def _in_flight(held: Level | None, first: Step | None, *, at: PerSecond) -> float | None:
    """Requests of a step at once at a load a little higher than one that held: in proportion."""
    if held is None or first is None or first not in held.steps:
        return None
    return held.steps[first].in_flight * at / held.trial.rate
