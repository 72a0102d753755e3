"""Did demand or response times rise before the errors began? If neither did, load is not why.

A dependency that fails does so at a load it had been serving: errors come first. A station at its
capacity shows it before it refuses anybody: more are coming, or everybody waits longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Window
from loadtests.diagnosis.failing import Onset
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Outcome, Step

LONGEST = 5
"""Seconds before the first failure that are looked at: a queue fills within as many. Fewer where
the failure comes soon, so that there is something to compare with."""

EARLIER = 12
"""Stretches of as many seconds before those, at most, that say what was usual."""

FEWEST = 2
"""Of them; with less before it, nobody knows what was usual."""

MORE_DEMAND: Ratio = 1.25
"""Arrivals ÷ usual from which demand had risen: a station at 80 % of its capacity is full then."""

SLOWER: Ratio = 1.5
"""Response time ÷ usual from which it had risen: a queue twice as long as the service takes."""

TOLD_APART: Seconds = 0.005
"""Response times nearer together are the same: a tester's own noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The last seconds before the first failure against what was usual; None: not known."""

    demand: Ratio | None  # arrivals as planned ÷ usual
    response_time: Ratio | None  # p95 of the failing step's good answers ÷ usual
    demand_rose: bool | None
    response_time_rose: bool | None

    @property
    def errors_first(self) -> bool | None:
        """Whether nothing rose before; None: not known of both, and of none that it rose."""
        if self.demand_rose or self.response_time_rose:
            return False
        known = self.demand_rose is not None and self.response_time_rose is not None
        return True if known else None


def before(windows: Sequence[Window], onset: Onset, planned: Sequence[float]) -> Before:
    """What went before `onset`, in `windows` (one a second, from 0).

    `planned`: arrivals expected in each second. A rehearsal knows its own demand: what chance makes
    of a few viewers says nothing of a rise.
    """
    stop = int(onset.at)
    length = max(1, min(LONGEST, stop // (FEWEST + 1)))
    stops = range(stop, length - 1, -length)[: EARLIER + 1]
    stretches = [slice(at - length, at) for at in stops]
    if len(stretches) <= FEWEST:
        return Before(demand=None, response_time=None, demand_rose=None, response_time_rose=None)
    demand, demand_rose = _demand([sum(planned[part]) for part in stretches])
    times, times_rose = _response_time([_p95(windows[part], onset.step) for part in stretches])
    return Before(
        demand=demand, response_time=times, demand_rose=demand_rose, response_time_rose=times_rose
    )


def _demand(arrivals: Sequence[float]) -> tuple[Ratio | None, bool | None]:
    """Of the last stretch, which comes first, against the others."""
    came, usual = arrivals[0], median(arrivals[1:])
    if not usual:
        return None, True if came else None
    return came / usual, came / usual > MORE_DEMAND


def _response_time(p95s: Sequence[Seconds | None]) -> tuple[Ratio | None, bool | None]:
    took, usual = p95s[0], [p95 for p95 in p95s[1:] if p95 is not None]
    if took is None or len(usual) < FEWEST:
        return None, None
    middle = max(median(usual), TOLD_APART)
    # what was as slow before, and did not fail, is no sign
    rose = took > SLOWER * middle and took > max(usual)
    return took / middle, rose


def _p95(windows: Sequence[Window], step: Step) -> Seconds | None:
    times = Distribution()
    for window in windows:
        for (of, outcome, _), tally in window.ended.items():
            if of is step and outcome is Outcome.OK:
                times.merge(tally.times)
    return times.quantile(0.95) if times.count else None
