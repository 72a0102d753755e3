"""Rates over an evening, entry by entry, and what follows later from those who come."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import exp, inf

from loadtests.paper.plan.footprint import Event
from loadtests.units import Seconds

_FITS = 1e-3  # a period is repeated until it fills whole entries as well as this
_MOST_REPEATS = 32
_NEAR = 128  # entries

Lags = dict[int, float]
"""What follows so many entries later, for one who comes now."""


def lags(events: Iterable[Event], every: Seconds, *, stay: Seconds = inf) -> Lags:
    """Events by age in entries of `every` seconds, of those who come evenly within an entry.

    `stay`: how long they stay on average (exponential); who is gone does nothing any more.
    """
    found: Lags = defaultdict(float)
    for age, weight in events:
        stays = weight * exp(-age / stay)
        entries = age / every
        if entries > _NEAR:  # so late that it need not be known so well
            step = int(entries) // _NEAR
            found[round(entries / step) * step] += stays
            continue
        entry, part = divmod(entries, 1)
        found[int(entry)] += stays * (1 - part)
        found[int(entry) + 1] += stays * part
    return {lag: weight for lag, weight in found.items() if weight}


def later(come: Sequence[float], after: Lags) -> list[float]:
    """What `come` brings, each lag later (a convolution); as long as `come` is."""
    brought = [0.0] * len(come)
    for lag, weight in after.items():
        brought[lag:] = [y + weight * x for y, x in zip(brought[lag:], come, strict=False)]
    return brought


def repeated(
    come: Sequence[float],
    period: Seconds,
    first: Sequence[Event],
    every: Seconds,
    *,
    stay: Seconds = inf,
) -> list[float]:
    """What `come` brings if `first` happens again after each `period`, as long as they stay."""
    times = _repeats(period, every)
    entries = max(1, round(times * period / every))
    cycle = [Event(age + n * period, weight) for n in range(times) for age, weight in first]
    brought = later(come, lags(cycle, every, stay=stay))
    kept = exp(-entries * every / stay)
    for at in range(entries, len(brought)):
        brought[at] += kept * brought[at - entries]
    return brought


def added(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Both together, entry by entry."""
    return [a + b for a, b in zip(one, other, strict=True)]


def part_of(one: Sequence[float], entries: float) -> list[float]:
    """The first so many `entries` of it, the last in part."""
    whole = int(entries)
    return [*one[:whole], *(rate * (entries - whole) for rate in one[whole : whole + 1])]


def _repeats(period: Seconds, every: Seconds) -> int:
    """How often a period is to come to fill whole entries."""

    def error(times: int) -> float:
        entries = times * period / every
        return abs(entries - max(1, round(entries))) / entries

    fitting = (times for times in range(1, _MOST_REPEATS) if error(times) < _FITS)
    return next(fitting, min(range(1, _MOST_REPEATS), key=error))
