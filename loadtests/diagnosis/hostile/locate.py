"""When a pattern was at work, and how much of the traffic it made."""

from collections.abc import Sequence

from loadtests.diagnosis.hostile.look import Look, Part
from loadtests.diagnosis.hostile.report import Asked, Suspects
from loadtests.diagnosis.interval import wilson
from loadtests.diagnosis.measures.ratios import FUNNEL
from loadtests.diagnosis.verdict.records import Reading
from loadtests.units import Ratio

STEADIED = 20.0
"""Trials of the whole stretch that steady a bin: in few of its own a share is mostly chance. [A]"""

LEAST_OF_ALL: Ratio = 0.95
"""Of hostile requests, so many show it at least: a stolen password may be right. [A]"""


def locate(look: Look, measure: str, step: Asked, ordinary: Ratio, within: Part) -> Part | None:
    """The bins `within` these in which more hits than an `ordinary` share of trials add up to most.

    The maximum-sum segment (Bentley, "Programming pearls", CACM 27, 1984): the largest excursion of
    a CUSUM (Page, Biometrika 41, 1954), begun and ended at once. None: there are no more anywhere.
    """
    each, first = look.each(measure, step), within[0]
    found = _heaviest([hits - ordinary * trials for hits, trials in each[slice(*within)]])
    if found is None:
        return None
    start, stop = first + found[0], first + found[1]
    # of the last requests nobody knows yet whether anything came of them
    is_last = measure in FUNNEL and not any(trials for _, trials in each[stop:])
    return start, len(each) if is_last else stop


def _heaviest(weights: Sequence[float]) -> Part | None:
    best, found = 0.0, None
    total, start = 0.0, 0
    for at, weight in enumerate(weights):
        if total <= 0:
            total, start = 0.0, at
        total += weight
        if total > best:
            best, found = total, (start, at + 1)
    return found


def share(reading: Reading, usual: Ratio) -> Reading:
    """The share of hostile requests that makes the ratio what it is, by mass balance."""
    value, low = (_share(ratio, usual, 1.0) for ratio in (reading.value, reading.low))
    high = _share(reading.high, usual, LEAST_OF_ALL)
    return Reading(value=value, low=low, high=high, samples=reading.samples)


def _share(ratio: Ratio, usual: Ratio, hostile: Ratio) -> Ratio:
    """(observed - usual) ÷ (hostile - usual)."""
    if usual >= hostile:
        return 0.0
    return min(1.0, max(0.0, (ratio - usual) / (hostile - usual)))


def suspects(look: Look, measure: str, step: Asked, part: Part, usual: Ratio) -> Suspects:
    """The same, bin by bin; 0 outside `part`."""
    hits, trials = look.counts(measure, step, part)
    whole = hits / trials if trials else usual
    made = [(0.0, 0.0, 0.0)] * len(look.bins.cells)
    each = look.each(measure, step)
    for at in range(*part):
        bin_hits, bin_trials = each[at]
        steadied = bin_trials + STEADIED
        ratio = (bin_hits + STEADIED * whole) / steadied
        low, high = wilson(round(ratio * steadied), round(steadied))
        made[at] = (
            _share(ratio, usual, 1.0),
            _share(min(low, ratio), usual, 1.0),
            _share(max(high, ratio), usual, LEAST_OF_ALL),
        )
    share_, low_, high_ = zip(*made, strict=True)
    return Suspects(share=share_, low=low_, high=high_)


def together(one: Suspects | None, other: Suspects) -> Suspects:
    """Suspects of two patterns at one step: neither is counted twice."""
    if one is None:
        return other
    return Suspects(
        share=_either(one.share, other.share),
        low=tuple(map(max, one.low, other.low)),
        high=_either(one.high, other.high),
    )


def _either(one: Sequence[Ratio], other: Sequence[Ratio]) -> tuple[Ratio, ...]:
    return tuple(1 - (1 - a) * (1 - b) for a, b in zip(one, other, strict=True))
