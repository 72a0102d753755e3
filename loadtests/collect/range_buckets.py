"""Durations a histogram or a sum told, as distributions."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from math import inf, sqrt

from loadtests.collect.edge.window import Traffic
from loadtests.collect.promql import whole
from loadtests.collect.range_queries import Told
from loadtests.units import Seconds

Put = Callable[[int, str], Traffic]
"""The traffic of an endpoint in a bin."""
_Key = tuple[int, str]
_FINEST: Seconds = 1e-3  # what lies in the first bucket is taken to be at least so long


class Buckets:
    """Gathers sums, counts and buckets of all who count, by bin and endpoint."""

    def __init__(self) -> None:
        self._sums: dict[_Key, float] = defaultdict(float)
        self._counts: dict[_Key, float] = defaultdict(float)
        self._buckets: dict[_Key, dict[float, float]] = defaultdict(lambda: defaultdict(float))

    def add(self, told: Told, endpoint: str, bound: str, amounts: Mapping[int, float]) -> None:
        """What one series counted; `bound` is the label `le` of a bucket."""
        for number, amount in amounts.items():
            key = (number, endpoint)
            if told is Told.DURATION_SUM:
                self._sums[key] += amount
            elif told is Told.DURATION_COUNT:
                self._counts[key] += amount
            else:
                self._buckets[key][_bound(bound)] += amount

    def fill(self, put: Put) -> None:
        """File each bin's durations: bucket by bucket if there are any, else all at their mean."""
        if self._buckets:
            self._fill_buckets(put)
            return
        for endpoint in {endpoint for _, endpoint in self._counts}:
            counts = {bin_: n for (bin_, of), n in self._counts.items() if of == endpoint}
            for number, n in whole(counts):
                mean = self._sums[number, endpoint] / counts[number] if counts[number] else 0.0
                put(number, endpoint).times.add(mean, n)

    def _fill_buckets(self, put: Put) -> None:
        for (number, endpoint), cumulative in self._buckets.items():
            times = put(number, endpoint).times
            below, least = 0.0, 0.0
            for bound in sorted(cumulative):
                n = round(cumulative[bound]) - round(below)
                if n > 0:
                    times.add(_middle(least, bound), n)
                below, least = max(below, cumulative[bound]), bound


def _bound(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return inf


def _middle(least: Seconds, most: Seconds) -> Seconds:
    """Where a bucket's values are taken to lie; those beyond the last bound, at that bound."""
    return least if most == inf else sqrt(max(least, _FINEST, most / 10) * most)
