"""Many durations in little room: counts in logarithmic buckets, so that any quantile is within 1 %.

The idea of DDSketch (Masson, Rim and Lee, VLDB 2019), kept exact where it costs nothing: count,
sum, least and greatest value. Distributions add up (`merge`); percentiles never do.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, repeat
from operator import mul
from typing import TYPE_CHECKING, Any

GROWTH = 1.02
"""Bucket k holds (1.02^(k-1), 1.02^k]; what it answers with is within 0.02 / 2.02 < 1 % of each."""

RESOLUTION = 1e-9
"""Anything nearer to zero counts as zero: no clock here tells a nanosecond."""

_PER_LOG = 1 / math.log(GROWTH)
_SHIFT = 1 - math.floor(math.log(RESOLUTION) * _PER_LOG)  # the least positive value has a key > 0
_MIDDLE = 2 / (GROWTH + 1)
_ROUNDING = 1 - 1e-12  # 0.07 * 100 is 7.000000000000001 in floats, and still rank 7


class Distribution:
    """Counted values: `count`, `total` (the sum), `min` and `max` are exact, quantiles within 1 %.

    Empty: count 0, min +infinity, max -infinity. Sums merge up to rounding, all else exactly.
    """

    __slots__ = ("_told", "buckets", "count", "max", "min", "total")

    def __init__(self) -> None:
        self._told: list[Any] | None = None  # as read, until somebody asks for the buckets
        self.buckets: dict[int, int] = {}  # key -> values; keys are in the order of the values
        self.count = 0
        self.total = 0.0
        self.min = math.inf
        self.max = -math.inf

    def add(self, value: float, count: int = 1) -> None:
        """Count `value` `count` (> 0) times; ValueError or OverflowError if it is not finite."""
        # in line, because this runs for every request: a call to _key would cost a fifth of it
        if value > RESOLUTION:
            key = math.ceil(math.log(value) * _PER_LOG) + _SHIFT
        else:
            key = _key_of_the_rest(value)
        buckets = self.buckets
        buckets[key] = buckets.get(key, 0) + count
        self.count += count
        self.total += value * count
        if value > self.max:  # noqa: PLR1730 - max() would cost a fifth of the whole call
            self.max = value
        if value < self.min:  # noqa: PLR1730 - as above
            self.min = value

    def extend(self, values: Sequence[float]) -> None:
        """Count each of `values`, as `add` does; many at once take a quarter less time."""
        if not values:
            return
        total, least = sum(values), min(values)
        if least <= RESOLUTION or not math.isfinite(total):
            for value in values:
                self.add(value)
            return
        buckets = self.buckets
        keys = map(math.ceil, map(mul, map(math.log, values), repeat(_PER_LOG)))
        for key, count in Counter(keys).items():
            buckets[key + _SHIFT] = buckets.get(key + _SHIFT, 0) + count
        self.count += len(values)
        self.total += total
        self.min = min(self.min, least)
        self.max = max(self.max, *values)

    def merge(self, other: "Distribution") -> None:
        """Add what `other` counted; it stays as it is."""
        if not self.count:
            self.buckets = dict(other.counts())
        else:
            buckets, known = self.buckets, self.buckets.get
            for key, count in other.counts():
                buckets[key] = known(key, 0) + count
        self.count += other.count
        self.total += other.total
        self.min = min(self.min, other.min)
        self.max = max(self.max, other.max)

    def coarsen(self) -> None:
        """Join buckets by fives and round to a millionth: much less room, quantiles within 5 %."""
        joined: dict[int, int] = {}
        for key, count in self.counts():
            # the middle one of the five stands for them
            coarse = key - key % 5 + 2 if key else 0
            joined[coarse] = joined.get(coarse, 0) + count
        self.buckets, self._told = joined, None
        self.total, self.min, self.max = (round(n, 6) for n in (self.total, self.min, self.max))

    def quantile(self, q: float) -> float:
        """Smallest value that at least a share `q` of the values did not exceed, within 1 %.

        Nearest rank: with 60 values, p99 is the greatest. The least and the greatest are exact.
        NaN if empty.
        """
        if not self.count:
            return math.nan
        rank = math.ceil(q * self.count * _ROUNDING)
        if rank <= 1:
            return self.min
        if rank >= self.count:
            return self.max
        for key in sorted(self.buckets):
            rank -= self.buckets[key]
            if rank <= 0:
                break
        return min(max(_value(key), self.min), self.max)

    @property
    def mean(self) -> float:
        """Sum ÷ count. NaN if empty."""
        return self.total / self.count if self.count else math.nan

    def at_most(self, value: float) -> int:
        """How many values were `value` or less, `value` itself being known within 1 %."""
        if value >= self.max:
            return self.count
        limit = _key(value)
        return sum(count for key, count in self.counts() if key <= limit)

    def __iter__(self) -> Iterator[tuple[float, int]]:
        """(value within 1 %, how often), from the least up."""
        for key, count in sorted(self.counts()):
            yield _value(key), count

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Distribution):
            return NotImplemented
        return self._parts() == other._parts()

    __hash__ = None  # type: ignore[assignment] # it changes: no key of anything

    def __repr__(self) -> str:
        return f"<{self.count} values, p50 {self.quantile(0.5):.6g}, max {self.max:.6g}>"

    def _parts(self) -> tuple[object, ...]:
        return self.buckets, self.total, self.min, self.max

    def to_json(self) -> list[Any]:
        """Plain JSON: `[sum, min, max, key, count, step to next key, count, …]`; empty: `[]`."""
        if not self.count:
            return []
        if self._told is not None:
            return self._told
        parts: list[Any] = [self.total, self.min, self.max]
        last = 0
        for key in sorted(self.buckets):
            parts += (key - last, self.buckets[key])
            last = key
        return parts

    @classmethod
    def from_json(cls, parts: list[Any]) -> "Distribution":
        """What `to_json` made these of."""
        made = cls()
        if not parts:
            return made
        made.total, made.min, made.max = parts[:3]
        made.count = sum(parts[4::2])
        if len(parts) % 2 == 0 or not sum(parts[3::2]) < math.inf:
            raise ValueError("a bucket without a count, or without a place")
        # most of what is read is merged once and never looked at: a tenth of the memory
        made._told = parts
        del made.buckets
        return made

    if not TYPE_CHECKING:  # a type checker would let any name pass

        def __getattr__(self, name: str) -> dict[int, int]:
            if name != "buckets" or self._told is None:
                raise AttributeError(name)
            self.buckets, self._told = dict(self.counts()), None
            return self.buckets

    def counts(self) -> Iterable[tuple[int, int]]:
        """(key, how many values) of each bucket, in no order."""
        if self._told is None:
            return self.buckets.items()
        return zip(accumulate(self._told[3::2]), self._told[4::2], strict=True)


def _key(value: float) -> int:
    if value > RESOLUTION:
        return math.ceil(math.log(value) * _PER_LOG) + _SHIFT
    return _key_of_the_rest(value)


def _key_of_the_rest(value: float) -> int:
    if value < -RESOLUTION:
        return -_key(-value)
    if math.isnan(value):
        raise ValueError("a measurement is not a number")
    return 0


def _value(key: int) -> float:
    if not key:
        return 0.0
    return math.copysign(math.exp((abs(key) - _SHIFT) / _PER_LOG) * _MIDDLE, key)
