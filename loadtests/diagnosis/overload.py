"""Judges an overload: what the target does beyond its knee, and at which load it comes back."""

from dataclasses import replace
from math import ceil, floor

from loadtests.audience.shapes import Piece
from loadtests.audience.trial import Trial
from loadtests.diagnosis.judging import BOUND, broken, level_of
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.steady import steady
from loadtests.diagnosis.step_load import FEWEST, Course, Played
from loadtests.units import PerSecond, Ratio, Seconds

LEAST = 8
"""Seconds of one rate that make a capacity of its own."""

MORE: Ratio = 1.15
"""Capacity after ÷ before from which it has stepped up."""


def overload(trial: Trial, played: Played) -> Level | None:
    """What an overload has shown; None until the load is low enough for nobody to fail."""
    hold, *stairs = trial.phases
    start, stop = ceil(trial.settle + trial.stay), floor(hold.stop)
    is_over = len(played) >= floor(trial.duration)
    if len(played) < stop:
        return None
    done = [stair for stair in stairs if floor(stair.stop) <= len(played)]
    recovered = next((stair.first for stair in done if _is_well(played, stair)), None)
    if recovered is None and not is_over:
        return None
    falls = played.until(stop).shortfalls(start)
    found = Found.BROKE if broken(falls) else Found.HELD
    level = level_of(trial, played, found, falls, start=start, stop=stop)
    if found is Found.HELD:
        return replace(level, recovered_at=trial.rate)
    return replace(_with_rise(level, played, start, stop), recovered_at=recovered)


def _is_well(played: Played, stair: Piece) -> bool:
    """Whether on the second half of a stair nobody failed."""
    start, stop = ceil((stair.start + stair.stop) / 2), floor(stair.stop)
    return all(_missed(course, start, stop) <= BOUND for course in played.courses.values())


def _missed(course: Course, start: int, stop: int) -> Ratio:
    asked = sum(course.attempts[start:stop])
    return sum(course.missed[start:stop]) / asked if asked >= FEWEST else 0.0


def _with_rise(level: Level, played: Played, start: int, stop: int) -> Level:
    """The level, told when capacity stepped up, if it did."""
    rise = stepped_up(played.started(start, stop))
    if rise is None:
        return level
    after, before, since = rise
    return replace(level, rose_after=start + after, rose_from=before, rose_to=since)


def stepped_up(counts: list[int]) -> tuple[Seconds, PerSecond, PerSecond] | None:
    """When a rate of `counts`, one a second, stepped up for good, from what and to what.

    None if it did not: where there is no room for two rates, or the later one is not MORE.
    """
    if len(counts) < 2 * LEAST:
        return None
    parts = steady(counts, LEAST)
    rates = [sum(counts[start:stop]) / (stop - start) for start, stop in parts]
    for at in range(1, len(parts)):
        if rates[at] >= MORE * rates[at - 1] and min(rates[at:]) >= MORE * rates[at - 1]:
            return float(parts[at][0]), rates[at - 1], rates[at]
    return None
