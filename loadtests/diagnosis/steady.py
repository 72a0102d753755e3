"""Where a rate changes: counts, one a second, cut into stretches of one rate each."""

from collections.abc import Sequence
from itertools import accumulate
from math import inf, log


def steady(counts: Sequence[int], least: int) -> list[tuple[int, int]]:
    """Stretches [start, stop) of at least `least` counts, each of one rate as far as chance tells.

    One stretch where there is no room for two; `counts` is not empty.

    Binary segmentation of Poisson counts (Scott and Knott, Biometrics 30, 1974), stopped by the
    modified BIC: a further rate must raise twice the log-likelihood by 3 log n (Zhang and Siegmund,
    Biometrics 63, 2007).
    """
    upto = [0, *accumulate(counts)]

    def likelihood(start: int, stop: int) -> float:
        n = upto[stop] - upto[start]
        return n * log(n / (stop - start)) if n else 0.0

    def cut(start: int, stop: int) -> list[tuple[int, int]]:
        middles = range(start + least, stop - least + 1)
        gains = [likelihood(start, m) + likelihood(m, stop) for m in middles]
        best = max(gains, default=-inf)
        if 2 * (best - likelihood(start, stop)) <= 3 * log(len(counts)):
            return [(start, stop)]
        middle = middles[gains.index(best)]
        return cut(start, middle) + cut(middle, stop)

    return cut(0, len(counts))
