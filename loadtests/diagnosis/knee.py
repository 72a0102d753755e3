"""The knee of one join profile: what is told of it, and which steps decide it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot

from loadtests.audience.trial import Joins
from loadtests.diagnosis.judging import BOUND, SURE
from loadtests.diagnosis.level import Found, Level, StepLoad
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import Step

ALIKE: Ratio = 0.01
"""Steps that carry this near to one another break at once: there the journey's order decides."""

FAR: Ratio = 0.05
"""Up to this shortfall a level tells where the knee is, and not only that it is lower."""

LITTLE: Ratio = 0.15
"""Up to this shortfall hardly anybody has come again by the end of a trial."""

SLOWER: Ratio = 1.1
"""Response time ÷ that of another load from which a step has slowed down,"""

TOLD_APART: Seconds = 0.005
"""where shorter times are the same: a tester's own noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The target's capacity changed while it was measured: both, in viewers a second."""

    before: PerSecond
    after: PerSecond
    took: Seconds | None  # from an overload's start until it showed; None: some trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Knee:
    """The highest rate one join profile was carried at, viewers a second; 90 % lie within."""

    joins: Joins
    value: PerSecond
    low: PerSecond
    high: PerSecond | None  # None: at_least
    at_least: bool = False  # never broke up to the ceiling
    is_complete: bool = True  # False: it took more trials than it was given, or nothing held
    levels: tuple[Level, ...] = ()  # in the order they were played
    first: Step | None = None  # breaks first
    next: Step | None = None  # slowed down most among the others; None: none did
    in_flight: float | None = None  # requests at the first step at once, at the knee: mean
    broke_at: PerSecond | None = None  # the lowest load that broke
    moved: Moved | None = None


def holds(level: Level) -> bool:
    """Whether the load was carried."""
    return level.found is Found.HELD


def most_held(levels: Sequence[Level]) -> Level | None:
    """The highest load that was carried."""
    return max(filter(holds, levels), key=lambda level: level.trial.rate, default=None)


def least_held(levels: Sequence[Level]) -> Level | None:
    """The lowest load that was carried."""
    return min(filter(holds, levels), key=lambda level: level.trial.rate, default=None)


def least_broken(levels: Sequence[Level]) -> Level | None:
    """The lowest load that broke, or did not become steady."""
    rest = [level for level in levels if not holds(level)]
    return min(rest, key=lambda level: level.trial.rate, default=None)


def beside(level: Level, usual: Mapping[Step, Ratio]) -> Level:
    """The same level, of a target that misses these shares of requests at any load."""
    if level.is_too_slow:
        return level
    falls = {
        step: replace(of, shortfall=max(0.0, of.shortfall - usual.get(step, 0.0)))
        for step, of in level.steps.items()
    }
    if not any(usual.values()) or not falls:
        return level
    step = max(falls, key=lambda step: falls[step].shortfall)
    short = falls[step].shortfall
    breaks = level.found is not Found.HELD and bool(broken(falls))
    found = level.found if breaks or level.found is Found.UNSTEADY else Found.HELD
    return replace(
        level,
        found=found,
        shortfall=short,
        error=falls[step].error,
        carried=level.trial.rate * (1 - short),
        first=step if found is Found.BROKE else None,
        steps=falls,
    )


def broken(steps: Mapping[Step, StepLoad]) -> list[Step]:
    """Those that fall short beyond doubt."""
    return [step for step, of in steps.items() if of.shortfall - SURE * of.error > BOUND]


def first_broken(level: Level, levels: Sequence[Level]) -> Step | None:
    """The step that broke, of several the one that carried least; None if none did beyond doubt.

    Whoever fails at a later step comes again and burdens the earlier ones: it is not the step that
    misses most that is the tightest, but the one that lets the fewest viewers pass. How many
    requests a viewer makes at each is taken from those `levels` that held.
    """
    carried = {
        step: level.steps[step].good / need
        for step in broken(level.steps)
        if (need := per_join(levels, step)) is not None
    }
    least = min(carried.values(), default=0.0)
    near = (step for step, rate in carried.items() if rate <= least * (1 + ALIKE))
    return next(near, level.first)


def goodput(level: Level, levels: Sequence[Level]) -> PerSecond:
    """Viewers a second that the broken step of a level let pass; of one that held, all.

    Where little was missed, the shortfall tells it best; where much was, people came again and it
    is a share of more than came. How many requests a viewer makes there is then taken from those
    `levels` that held.
    """
    need = per_join(levels, level.first) if level.first else None
    if level.first is None or need is None or level.shortfall <= LITTLE:
        return level.carried
    return min(level.trial.rate, level.steps[level.first].good / need)


def per_join(levels: Sequence[Level], step: Step) -> Ratio | None:
    """First attempts at a step for each viewer who came to levels that held; None: not known."""
    held = [level for level in levels if holds(level) and step in level.steps]
    asked = sum(level.steps[step].asked * (level.stop - level.start) for level in held)
    came = sum(level.joins * (level.stop - level.start) for level in held)
    return asked / came if asked and came else None


def as_asked(levels: Sequence[Level], first: Step | None) -> list[Level]:
    """The same levels, their rates told by what the step that breaks was really asked.

    Over a short hold its requests are some hundredths more or fewer than so many viewers make in
    the long run, and it is they that fill it. Of loads far beyond the knee only the viewers count:
    there, who fails comes again.
    """
    need = per_join(levels, first) if first else None
    if first is None or need is None:
        return list(levels)
    return [_as_asked(level, first, need) if tells(level, first) else level for level in levels]


def tells(level: Level, first: Step) -> bool:
    """Whether a level says how much of a step its viewers ask for."""
    return first in level.steps and level.shortfall <= FAR and not level.is_too_slow


def _as_asked(level: Level, step: Step, need: Ratio) -> Level:
    asked = level.steps[step].asked
    # those whom only some of the viewers meet are asked one more or one fewer, as they come
    is_of_some = abs(need - round(need)) > ALIKE
    one = 1 / (asked * (level.stop - level.start)) if is_of_some else 0.0
    trial = replace(level.trial, rate=asked / need)
    return replace(level, trial=trial, error=hypot(level.error, one))


def slowed_most(levels: Sequence[Level], but: Step | None) -> Step | None:
    """The step that slowed most from the lowest load held to the highest; None: none by a tenth."""
    low, high = least_held(levels), most_held(levels)
    if low is None or high is None:
        return None
    slower = {step: ratio for step, ratio in slower_by(low, high) if step is not but}
    most = max(slower, key=lambda step: slower[step], default=None)
    return most if most is not None and slower[most] >= SLOWER else None


def slower_by(low: Level, high: Level) -> Iterator[tuple[Step, Ratio]]:
    """Of each step both know, its mean response time ÷ the one at the low load."""
    for step, of in high.steps.items():
        before = low.steps[step].response_time if step in low.steps else None
        if before is not None and of.response_time is not None:
            yield step, max(of.response_time, TOLD_APART) / max(before, TOLD_APART)
