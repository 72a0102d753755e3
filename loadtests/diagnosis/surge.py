"""Judges a surge: held if it fails nobody, and what it left in the lines is worked off after it."""

from collections.abc import Mapping
from math import ceil, floor

from loadtests.audience.trial import BASE, Trial
from loadtests.diagnosis.judging import BOUND, level_of
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.slope import Slope
from loadtests.diagnosis.step_load import FEWEST, Course, Played
from loadtests.units import Ratio
from loadtests.vocabulary import Step

USUAL = 5
"""Seconds before the surge that say how much is usually under way."""

CALM = 3
"""Seconds in a row with no more than that under way: then it is over."""

_BY_CHANCE = 2.0
"""Requests a step may be asked more or fewer by, with the same viewers coming as evenly."""

_MORE: Ratio = 1.5  # times the usual, and
_A_FEW = 2  # requests, are not more than that yet


def surge(trial: Trial, played: Played) -> Level | None:
    """What a surge has shown; None until it is recovered from, or has failed too many."""
    _, peak, after = trial.phases
    start, stop = ceil(peak.start), floor(peak.stop)
    is_over = len(played) >= floor(after.stop)
    if len(played) <= stop:
        return None
    falls = {
        step: _missed(course, trial, start)
        for step, course in sorted(played.courses.items(), key=_order)
        if sum(course.asked[:start]) >= FEWEST
    }
    is_recovered = all(_is_calm(course, start, stop) for course in played.courses.values())
    found = _found(falls, is_recovered=is_recovered, is_over=is_over)
    if found is None:
        return None
    return level_of(trial, played, found, falls, start=start, stop=stop)


def _order(of: tuple[Step, Course]) -> int:
    return list(Step).index(of[0])


def _missed(course: Course, trial: Trial, start: int) -> Slope:
    """The share of the surge's requests that were missed, in it or after it."""
    usual = course.rate(start - USUAL, start)
    asked = max(1.0, usual / BASE * trial.rise)
    return Slope(sum(course.missed[start:]) / asked, _BY_CHANCE / asked)


def _found(falls: Mapping[Step, Slope], *, is_recovered: bool, is_over: bool) -> Found | None:
    if any(fall.value > BOUND for fall in falls.values()):
        return Found.BROKE if is_recovered or is_over else None
    if is_recovered:
        return Found.HELD
    return Found.BROKE if is_over else None


def _is_calm(course: Course, start: int, stop: int) -> bool:
    """Whether no more is under way than before it."""
    before = course.in_flight[start - USUAL : start]
    usual = _MORE * sum(before) / len(before) + _A_FEW
    last = course.in_flight[stop:][-CALM:]
    return len(last) == CALM and max(last) <= usual
