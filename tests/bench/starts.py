"""How starts are spread over time, held against the curve they should follow."""

from collections import Counter
from collections.abc import Sequence
from math import ceil, sqrt

BIN = 0.010  # seconds


def spread(starts: Sequence[float], *, start: float, ramp: float) -> dict[str, float]:
    """Starts against an even rate from `start` for `ramp` seconds.

    `worst_bin` is the largest deviation of a bin's count, in standard deviations of arrivals that
    know nothing of each other (Poisson: the square root of what is expected); `fullest_bin` the
    share of all starts in one bin; `start_lag_p99` how late the starts were, the nth after the
    nth that was due. ValueError without any.
    """
    if not starts:
        raise ValueError("nobody started")
    bins = Counter(int((at - start) // BIN) for at in starts)
    expected = len(starts) * BIN / ramp
    deviations = (abs(bins[number] - expected) for number in range(round(ramp / BIN)))
    gap = ramp / len(starts)
    late = sorted(at - start - number * gap for number, at in enumerate(sorted(starts)))
    return {
        "worst_bin": max(deviations) / sqrt(expected),
        "fullest_bin": max(bins.values()) / len(starts),
        "start_lag_p99": max(0.0, late[ceil(len(late) * 0.99) - 1]),
    }
