"""Arrival rates taken apart into straight pieces: the named shapes, and what was recorded."""

from collections.abc import Mapping
from typing import NamedTuple

from loadtests.scenario.demand import Recording, Shape, Surge
from loadtests.scenario.model import Scenario
from loadtests.scenario.recorded import came
from loadtests.units import Offset, PerSecond


class Piece(NamedTuple):
    """A rate that runs straight from `first` at `start` to `last` at `stop`; never negative."""

    start: Offset
    stop: Offset
    first: PerSecond
    last: PerSecond


_UNIT: Mapping[Shape, tuple[Piece, ...]] = {
    Shape.STEADY: (Piece(0.0, 1.0, 1.0, 1.0),),
    Shape.RISE: (Piece(0.0, 1.0, 0.0, 2.0),),
    Shape.FALL: (Piece(0.0, 1.0, 2.0, 0.0),),
    # the rate triples in either half, as if people told three others: a quarter comes in the first
    Shape.RUSH: (Piece(0.0, 0.5, 0.25, 0.75), Piece(0.5, 1.0, 0.75, 2.25)),
    Shape.WAVE: (Piece(0.0, 0.2, 0.0, 2.0), Piece(0.2, 1.0, 2.0, 0.0)),
}
"""Shapes that bring one viewer within one second."""


def pieces(surge: Surge, viewers: float) -> tuple[Piece, ...]:
    """The straight pieces that bring the surge's share of `viewers` between its two moments.

    Raises ValueError if it ends no later than it begins, or is `straight` without rates.
    """
    length = surge.stop - surge.start
    if length <= 0:
        raise ValueError(f"a surge must end after it begins: {surge.start} to {surge.stop}")
    mean = surge.share * viewers / length
    return tuple(
        Piece(
            surge.start + unit.start * length,
            surge.stop if unit.stop == 1 else surge.start + unit.stop * length,
            unit.first * mean,
            unit.last * mean,
        )
        for unit in _unit(surge)
    )


def recorded(recording: Recording, scenario: Scenario) -> tuple[Piece, ...]:
    """The pieces of a scenario's recording: the rate is steady within each of its periods."""
    return tuple(
        Piece(period.start, period.stop, period.rate, period.rate)
        for period in came(recording, scenario)
    )


def _unit(surge: Surge) -> tuple[Piece, ...]:
    if surge.shape is not Shape.STRAIGHT:
        return _UNIT[surge.shape]
    first, last = surge.rates or (0.0, 0.0)
    if first < 0 or last < 0 or first + last == 0:
        raise ValueError(f"a straight surge needs two rates, not both zero: {surge.rates}")
    return (Piece(0.0, 1.0, 2 * first / (first + last), 2 * last / (first + last)),)
