"""What the judges of all kinds of trials have in common: the bound, and how a level is told."""

from collections.abc import Mapping

from loadtests.audience.trial import Trial
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.slope import Slope
from loadtests.diagnosis.step_load import Played
from loadtests.units import Ratio
from loadtests.vocabulary import Step

BOUND: Ratio = 0.01
"""Shortfall beyond which a step has broken: one request in a hundred, as objectives have it."""

SURE = 2.0
"""Standard errors to either side of what is taken for certain: 95 % lie within."""


def broken(falls: Mapping[Step, Slope]) -> list[Step]:
    """Steps that fall short beyond doubt."""
    return [step for step, fall in falls.items() if fall.value - SURE * fall.error > BOUND]


def tightest(falls: Mapping[Step, Slope]) -> Step | None:
    """The step that falls shortest, of several the first a viewer meets; None: there is none."""
    return max(falls, key=lambda step: falls[step].value, default=None)


def level_of(
    trial: Trial,
    played: Played,
    found: Found,
    falls: Mapping[Step, Slope],
    *,
    start: int,
    stop: int,
) -> Level:
    """What a trial has shown between two seconds; `falls`: how far each step fell short."""
    step = tightest(falls)
    fall = falls[step] if step else Slope(0.0, 0.0)
    short = min(max(fall.value, 0.0), 1.0)
    first = step if found is Found.BROKE else None
    return Level(
        trial=trial,
        found=found,
        why=_why(found, step, short),
        joins=played.arrivals(start, stop),
        carried=trial.rate * (1 - short),
        shortfall=short,
        error=fall.error,
        first=first,
        steps=played.loads(start, stop, falls),
        start=float(start),
        stop=float(stop),
    )


def _why(found: Found, step: Step | None, short: Ratio) -> str:
    if found is Found.HELD or step is None:
        return f"every step kept up, to within {BOUND:.0%}"
    if found is Found.BROKE:
        return f"{step} fell {short:.1%} short of what it was asked"
    return f"{step} fell about {short:.1%} short, too near the bound of {BOUND:.0%} to tell"
