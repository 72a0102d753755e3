"""The evening's arrival rate: piecewise straight, with an exact integral and an exact inverse."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate, pairwise
from math import sqrt

from loadtests.audience.errands import errands
from loadtests.audience.shapes import Piece
from loadtests.scenario.model import Scenario
from loadtests.units import Offset, PerSecond


class Curve:
    """A rate in viewers of the real event per event second, made of straight pieces that add up.

    It may jump, and is zero outside all pieces.
    """

    __slots__ = ("_areas", "_pieces", "_starts")

    def __init__(self, parts: Iterable[Piece]) -> None:
        """Add `parts` up, wherever they overlap; at least one part is needed."""
        self._pieces = _merged(list(parts))
        self._starts = [piece.start for piece in self._pieces]
        areas = ((p.first + p.last) / 2 * (p.stop - p.start) for p in self._pieces)
        self._areas = list(accumulate(areas, initial=0.0))

    @property
    def total(self) -> float:
        """Viewers of the whole curve."""
        return self._areas[-1]

    def rate(self, offset: Offset) -> PerSecond:
        """Viewers per event second at `offset`; where the rate jumps, what it jumps to."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0 or offset >= self._pieces[-1].stop:
            return 0.0
        return _rate_within(self._pieces[at], offset)

    def area(self, start: Offset, stop: Offset) -> float:
        """Viewers who arrive from `start` to `stop`; negative if `stop` comes first."""
        return self._until(stop) - self._until(start)

    def inverse(self, area: float) -> Offset:
        """When `area` viewers have arrived since the beginning of the curve.

        Inverts `area` wherever the rate is positive; across a gap it is the gap's end, so that
        nobody is placed where the rate is zero. `area` is clamped to what the curve holds.
        """
        # the last area is the total, no piece begins there
        at = bisect_right(self._areas, area, hi=len(self._pieces)) - 1
        if at < 0:
            return self._starts[0]
        piece = self._pieces[at]
        return min(piece.stop, piece.start + _time_to_bring(area - self._areas[at], piece))

    def _until(self, offset: Offset) -> float:
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return 0.0
        piece = self._pieces[at]
        if offset >= piece.stop:
            return self._areas[at + 1]
        mean = (piece.first + _rate_within(piece, offset)) / 2
        return self._areas[at] + mean * (offset - piece.start)


def evening(scenario: Scenario) -> Curve:
    """The arrival curve of the whole evening, unscaled, at the assumed audience."""
    return Curve(piece for pieces in errands(scenario).values() for piece in pieces)


def _rate_within(piece: Piece, offset: Offset) -> PerSecond:
    part = (offset - piece.start) / (piece.stop - piece.start)
    return piece.first + (piece.last - piece.first) * part


def _time_to_bring(area: float, piece: Piece) -> float:
    """Solve first·x + slope·x²/2 = area, in the form that keeps its digits when slope is small."""
    slope = (piece.last - piece.first) / (piece.stop - piece.start)
    divisor = piece.first + sqrt(max(0.0, piece.first**2 + 2 * slope * area))
    return 2 * area / divisor if divisor > 0 else 0.0


def _merged(parts: list[Piece]) -> list[Piece]:
    """One piece between neighboring corners, gaps included, which adds up the parts there."""
    corners = sorted({corner for part in parts for corner in (part.start, part.stop)})
    # a recorded series has thousands of parts: each is looked at where it is, not everywhere
    waiting = sorted(enumerate(parts), key=lambda each: each[1].start, reverse=True)
    over: list[tuple[int, Piece]] = []
    merged = []
    for start, stop in pairwise(corners):
        over = [each for each in over if each[1].stop > start]
        while waiting and waiting[-1][1].start <= start:
            over.append(waiting.pop())
        over.sort()  # sums of floats depend on their order: always that of `parts`
        first = sum(_rate_within(part, start) for _, part in over)
        merged.append(Piece(start, stop, first, sum(_rate_within(part, stop) for _, part in over)))
    return merged
