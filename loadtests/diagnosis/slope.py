"""How fast a figure grows, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt
from typing import NamedTuple

QUANTUM = 1 / sqrt(12)
"""Standard deviation of what lies evenly between two whole numbers: no count is more exact."""

FEWEST = 4
"""Points that make a slope with an error."""

_MOST_ALIKE = 0.8  # correlation of neighbors; beyond it the scatter is no scatter but a bend


class Point(NamedTuple):
    """A figure at a moment (seconds), and how many values it is the mean of."""

    at: float
    value: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth a second and its standard error, which is infinity where nobody knows."""

    value: float
    error: float


def slope(points: Sequence[Point], *, least_scatter: float = 0.0) -> Slope:
    """The least-squares slope of `points`, in the order of their moments.

    Its error takes single values to scatter around the line by no less than `least_scatter`, and by
    more where neighboring points lie on the same side of it, as they do where growth bends (an
    AR(1) process: Bartlett, JRSS Supplement 8, 1946). With fewer than FEWEST points: 0, infinity.
    """
    if len(points) < FEWEST:
        return Slope(0.0, inf)
    weight = sum(p.weight for p in points)
    middle = sum(p.weight * p.at for p in points) / weight
    mean = sum(p.weight * p.value for p in points) / weight
    spread = sum(p.weight * (p.at - middle) ** 2 for p in points)
    rise = sum(p.weight * (p.at - middle) * (p.value - mean) for p in points) / spread
    rest = [sqrt(p.weight) * (p.value - mean - rise * (p.at - middle)) for p in points]
    squares = sum(r * r for r in rest)
    scatter = max(least_scatter, sqrt(squares / (len(points) - 2)))
    return Slope(rise, scatter * sqrt(_alike(rest, squares) / spread))


def _alike(rest: Sequence[float], squares: float) -> float:
    """How much larger the variance is than that of independent points: (1 + r) / (1 - r)."""
    if not squares:
        return 1.0
    r = sum(a * b for a, b in pairwise(rest)) / squares
    r = min(max(r, 0.0), _MOST_ALIKE)
    return (1 + r) / (1 - r)
