"""What a search has found that did not come to its end: knees it did find, and what it saw held."""

from collections.abc import Iterator, Sequence

from loadtests.audience.trial import Aim, Joins
from loadtests.diagnosis.explore import Capacity, Plan, lowest
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.search import Knee, Search, search


def so_far(plan: Plan, levels: Sequence[Level]) -> Capacity:
    """What these levels show of the search that was `plan`ned; profiles never held are absent."""
    of_searches = [level for level in levels if level.trial.aim is Aim.LEVEL]
    return Capacity(
        knees={knee.joins: knee for knee in _knees(plan, of_searches)},
        levels=tuple(of_searches),
        lowest=lowest(of_searches),
        overload=next((level for level in levels if level.trial.aim is Aim.OVERLOAD), None),
    )


def _knees(plan: Plan, levels: Sequence[Level]) -> Iterator[Knee]:
    for joins in plan.joins:
        of = [level for level in levels if level.trial.joins is joins]
        if knee := _found(plan, of) or _demonstrated(joins, of):
            yield knee


def _found(plan: Plan, levels: Sequence[Level]) -> Knee | None:
    """The search of one profile played once more; None: it went further than these levels."""
    if not levels:
        return None
    asks = search(
        Search(trial=levels[0].trial, ceiling=plan.ceiling, within=plan.within, trials=plan.trials)
    )
    try:
        next(asks)
        for level in levels:
            asks.send(level)
    except StopIteration as end:
        knee: Knee = end.value
        return knee
    return None


def _demonstrated(joins: Joins, levels: Sequence[Level]) -> Knee | None:
    held = _held(levels)
    if not held:
        return None
    most = max(level.carried for level in held)
    broke = min((x.trial.rate for x in levels if x.found is Found.BROKE), default=None)
    return Knee(
        joins=joins,
        value=most,
        low=most,
        high=None,
        at_least=True,
        is_complete=False,
        levels=tuple(levels),
        broke_at=broke,
    )


def _held(levels: Sequence[Level]) -> list[Level]:
    return [level for level in levels if level.found is Found.HELD]
