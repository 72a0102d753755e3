"""How fast the network seems to be, and the rendition a player chooses for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp2

from loadtests.behavior.playlist import Variant
from loadtests.units import Bytes, BytesPerSecond, Ratio, Seconds

SHORTEST: Seconds = 0.05
"""Shorter downloads count as this long: clocks are coarse (hls.js, `EwmaBandWidthEstimator`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """A player's rule for changing rendition: half-lives of its two means, and how bold it is."""

    fast: Seconds
    slow: Seconds
    down: Ratio  # leave a rendition that needs more than this share of the estimate
    up: Ratio  # enter a higher one that needs at most this share
    interval: Seconds = 0.0  # at least this long between switches


class Bandwidth:
    """Throughput as two exponentially weighted means, of short and long memory; the lower counts.

    A sample weighs as many seconds as it took, so half-lives are seconds of downloading (hls.js
    `EWMA`, Shaka `Ewma`, both with the same correction for the zero the mean starts from).
    """

    __slots__ = ("_fast", "_slow", "_weight")

    def __init__(self) -> None:
        self._fast = 0.0
        self._slow = 0.0
        self._weight = 0.0

    def add(self, size: Bytes, took: Seconds, rule: Adaptation) -> None:
        """One download of `size` bytes in `took` seconds."""
        took = max(took, SHORTEST)
        rate = size / took
        keep = exp2(-took / rule.fast)
        self._fast = rate * (1 - keep) + self._fast * keep
        keep = exp2(-took / rule.slow)
        self._slow = rate * (1 - keep) + self._slow * keep
        self._weight += took

    def estimate(self, rule: Adaptation, default: BytesPerSecond) -> BytesPerSecond:
        """Bytes per second to expect; `default` before anything was measured."""
        if not self._weight:
            return default
        fast = self._fast / (1 - exp2(-self._weight / rule.fast))
        slow = self._slow / (1 - exp2(-self._weight / rule.slow))
        return min(fast, slow)


def ladder(variants: Sequence[Variant], cap: BytesPerSecond | None) -> tuple[Variant, ...]:
    """The renditions a device can play, lowest first; at least one, whatever the cap.

    Renditions without picture are for the ear alone: left out where others have one.
    """
    seen = [v for v in variants if v.has_picture] or list(variants)
    rungs = sorted(seen, key=lambda v: v.bit_rate)
    playable = [v for v in rungs if cap is None or v.bit_rate <= cap]
    return tuple(playable or rungs[:1])


def first_rung(rungs: Sequence[Variant], estimate: BytesPerSecond, rule: Adaptation) -> int:
    """Where to begin: the highest rendition that fits the estimate as one would step up to it."""
    return _highest(rungs, estimate * rule.up)


def next_rung(
    rungs: Sequence[Variant], current: int, estimate: BytesPerSecond, rule: Adaptation
) -> int:
    """Where to go on: down when the current rendition needs too much, up when one fits easily."""
    if rungs[current].bit_rate > rule.down * estimate:
        return min(current, _highest(rungs, rule.down * estimate))
    return max(current, _highest(rungs, rule.up * estimate))


def _highest(rungs: Sequence[Variant], rate: BytesPerSecond) -> int:
    """The highest rung that needs at most `rate`; the lowest if none does."""
    for index in range(len(rungs) - 1, 0, -1):
        if rungs[index].bit_rate <= rate:
            return index
    return 0
