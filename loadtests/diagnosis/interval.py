"""How sure a counted share is."""

import math

_Z = 1.959963984540054  # of a normal distribution: 95 % lie within


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Low and high end of the share's 95 % interval (Wilson, JASA 1927); (0, 1) of no trials.

    Unlike the textbook's ±1.96 standard errors it stays within 0 and 1 and is right for few trials
    too.
    """
    if not trials:
        return 0.0, 1.0
    share, z2 = hits / trials, _Z * _Z
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    # at the very ends rounding would leave a share of nothing just above 0
    return (
        max(0.0, middle - half) if hits else 0.0,
        min(1.0, middle + half) if hits < trials else 1.0,
    )
