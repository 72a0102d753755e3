"""Which title a viewer takes: some are far more popular than others."""

from array import array
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate

from loadtests.units import Ratio


def title(rank: Ratio, titles: int, popularity: float) -> str:
    """The title at `rank` (0 up to 1) of a catalog whose k-th is asked for as 1 ÷ k^popularity.

    Zipf's law over `titles` titles, exactly: by the inverse of its distribution. With a popularity
    of 0 all are alike.
    """
    upto = _upto(titles, popularity)
    # rounding may take the product to the total itself
    number = min(bisect_right(upto, rank * upto[-1]), titles - 1) + 1
    return f"title-{number:04d}"


@lru_cache(maxsize=4)
def _upto(titles: int, popularity: float) -> "array[float]":
    """Weights of the first titles, added up: one table for the whole crowd."""
    weights = (number**-popularity for number in range(1, titles + 1))
    return array("d", accumulate(weights))
