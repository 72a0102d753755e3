"""How many will come, when all that is known of it is a likely value and a range.

Each estimate is taken for a PERT distribution (Malcolm, Roseboom, Clark and Fazar, Operations
Research 7, 1959): a beta distribution over the range whose mode is the value, with the weight four
to the ends' one each. Planners state a range they hardly expect to leave, so the ends must be rare:
in a triangular distribution they would come too often. Estimates are independent of each other.
Nothing is drawn: distributions are convolved in parts of equal probability.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from loadtests.scenario.demand import Recording
from loadtests.scenario.model import Estimate, Scenario
from loadtests.units import Ratio

WEIGHT = 4.0
"""Of the likely value beside an end of the range: PERT's own."""

_PARTS = 200  # of equal probability
_GRID = 2000


def audience(scenario: Scenario, quantile: Ratio) -> float:
    """Viewers of the real event on the app that a share `quantile` of all evenings stays below.

    A recorded series with a `peak` of its own brings whom it brings: nothing is uncertain there.
    """
    if isinstance(scenario.arrivals, Recording) and scenario.arrivals.peak is not None:
        return scenario.audience.viewers
    said = scenario.audience
    on_app, people = parts(said.share_on_app), parts(said.people_per_account)
    outcomes = sorted(share / each for share in on_app for each in people)
    return said.published * _quantile(outcomes, quantile)


@lru_cache
def parts(estimate: Estimate) -> tuple[float, ...]:
    """The estimate in parts of equal probability, each by its median, rising."""
    low, width = estimate.low, estimate.high - estimate.low
    if width == 0:
        return (estimate.value,)
    mode = (estimate.value - low) / width
    likely = [_beta(n / _GRID, mode) for n in range(_GRID + 1)]
    upto = list(accumulate(((a + b) / 2 for a, b in pairwise(likely)), initial=0.0))
    return tuple(low + width * _crossing(upto, (n + 0.5) / _PARTS) for n in range(_PARTS))


def _beta(x: Ratio, mode: Ratio) -> float:
    """Density at `x` of 0 to 1, not normalized."""
    return float(x ** (WEIGHT * mode) * (1 - x) ** (WEIGHT * (1 - mode)))


def _crossing(upto: Sequence[float], rank: Ratio) -> float:
    """Where a sum that rises evenly between the points of the grid has come to `rank` of it all."""
    wanted = rank * upto[-1]
    at = max(1, bisect_left(upto, wanted))
    return (at - 1 + (wanted - upto[at - 1]) / (upto[at] - upto[at - 1])) / _GRID


def _quantile(rising: Sequence[float], q: Ratio) -> float:
    """The value at rank `q`, even between two of them."""
    place = min(max(0.0, q * len(rising) - 0.5), len(rising) - 1)
    low = int(place)
    high = min(low + 1, len(rising) - 1)
    return rising[low] + (place - low) * (rising[high] - rising[low])
