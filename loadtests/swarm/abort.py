"""Figures of the run's own that stop it early, second by second as windows come in."""

from collections import Counter
from collections.abc import Iterable
from math import ceil

from loadtests.collect import requests
from loadtests.collect.window import Window
from loadtests.scenario.model import Scenario
from loadtests.scenario.stopping import Abort, AbortMetric
from loadtests.units import write_duration, write_ratio
from loadtests.vocabulary import End


class Tripwire:
    """One abort condition: its figure over the last so many seconds that are complete."""

    def __init__(self, condition: Abort, black_screens: Iterable[End]) -> None:
        """`black_screens`: the ends that count as one."""
        self._condition = condition
        self._black = frozenset(black_screens)
        self._length = max(1, ceil(condition.lasting))
        self._bad: Counter[int] = Counter()  # by second
        self._all: Counter[int] = Counter()

    def add(self, window: Window) -> None:
        """Take in one worker's second, whenever it comes."""
        bad, everything = self._counts(window)
        self._bad[window.second] += bad
        self._all[window.second] += everything

    def struck(self, seconds: int) -> str | None:
        """What is worse than its bound, once `seconds` of the run are complete; else None.

        Nothing is said before the condition's whole length was played, nor where nothing ended.
        """
        if seconds < self._length:
            return None
        last = range(seconds - self._length, seconds)
        everything = sum(self._all[second] for second in last)
        bad = sum(self._bad[second] for second in last)
        condition = self._condition
        if bad <= condition.at_most * everything:
            return None
        of = f" of {condition.step}" if condition.step else ""
        return (
            f"{condition.metric}{of} was {100 * bad / everything:.1f} % over the last "
            f"{write_duration(self._length)}, above {write_ratio(condition.at_most)}"
        )

    def _counts(self, window: Window) -> tuple[int, int]:
        if self._condition.metric is AbortMetric.ERROR_RATIO:
            step = self._condition.step
            return requests.failures(window, step), requests.ended(window, step)
        ends = [(end, n) for (_, end), n in window.ends.items() if end.is_of_a_watcher]
        return sum(n for end, n in ends if end in self._black), sum(n for _, n in ends)


def tripwires(scenario: Scenario) -> list[Tripwire]:
    """Those of a scenario."""
    return [Tripwire(condition, scenario.black_screens) for condition in scenario.abort]
