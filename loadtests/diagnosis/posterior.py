"""Where the knee lies, given every load that was tried: its distribution, and an interval of it.

Each load bears on it, as in QUEST (Watson and Pelli, Perception & Psychophysics 33, 1983): one that
held, or nearly, shows how far it fell short, which is 1 - knee / load beyond the knee and nothing
up to it; one that broke by far only lies beyond the knee. Before any, the knee is as likely
anywhere on a logarithmic scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import erfc, exp, log, sqrt

from loadtests.audience.trial import Joins
from loadtests.diagnosis.judging import BOUND
from loadtests.diagnosis.knee import FAR
from loadtests.diagnosis.level import Found, Level
from loadtests.units import PerSecond, Ratio

INSIDE: Ratio = 0.9
"""Of the distribution that lies within the interval that is told."""

ERROR: Mapping[Joins, Ratio] = {Joins.RAMP: 0.004, Joins.STEP: 0.004, Joins.SURGE: 0.009}
"""What a shortfall is wrong by beyond its standard error: a knee is no edge, steps interact.

A surge is short: what its first and last second ask of later steps blurs it.
"""

COARSE: Ratio = 0.2
"""Of a shortfall, as well: people who fail come again, and some of them are counted twice."""

_POINTS = 500
_BEYOND = 0.05  # of the loads that bound it, on the logarithmic scale
_TINY = 1e-12  # a load judged wrongly is never impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Viewers a second: the knee lies within with a probability of INSIDE.

    It is as likely above `value` as below.
    """

    low: PerSecond
    value: PerSecond
    high: PerSecond


def interval(levels: Sequence[Level]) -> Interval:
    """Where the knee is, of levels of which at least one held and one did not."""
    rates = [level.trial.rate for level in levels]
    held = [x.trial.rate for x in levels if x.found is Found.HELD]
    broke = [x.trial.rate for x in levels if x.found is not Found.HELD]
    bottom = log(max((rate for rate in held if rate <= min(broke)), default=min(rates)))
    ends = bottom - _BEYOND, log(max(min(broke), *held)) + _BEYOND
    grid = [ends[0] + (ends[1] - ends[0]) * (k + 0.5) / _POINTS for k in range(_POINTS)]
    logs = [sum(_likelihood(level, knee) for level in levels) for knee in grid]
    best = max(logs)
    upto = list(accumulate(exp(value - best) for value in logs))
    tail = (1 - INSIDE) / 2
    low, middle, high = (_at(q, grid, upto) for q in (tail, 0.5, 1 - tail))
    return Interval(low=low, value=middle, high=high)


def _at(q: Ratio, grid: Sequence[float], upto: Sequence[float]) -> PerSecond:
    point = next(at for at, sum_ in zip(grid, upto, strict=True) if sum_ >= q * upto[-1])
    return exp(point)


def _likelihood(level: Level, knee: float) -> float:
    """Logarithm of how likely it was to show what it did, if the knee were there (logarithm)."""
    short, blur = max(0.0, 1 - exp(knee - log(level.trial.rate))), ERROR[level.trial.joins]
    if level.found is Found.BROKE and (level.shortfall > FAR or level.is_too_slow):
        # how much a target still does that far beyond its knee says little of what it could
        return log(max(_TINY, erfc((BOUND - short) / (blur * sqrt(2))) / 2))
    error = sqrt(level.error**2 + blur**2 + (COARSE * level.shortfall) ** 2)
    return max(log(_TINY), -(((level.shortfall - short) / error) ** 2) / 2)
