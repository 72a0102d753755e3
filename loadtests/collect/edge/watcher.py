"""From requests, one after another, to what the edge saw second by second."""

from collections.abc import Sequence
from math import floor

from loadtests.collect.edge.counting import count
from loadtests.collect.edge.funnel import Funnel
from loadtests.collect.edge.returns import Returns
from loadtests.collect.edge.sighting import Said, Sighting
from loadtests.collect.edge.sources import Sources
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.units import Seconds
from loadtests.vocabulary import Step

LONGEST = 3 * 86_400
"""Seconds: a night has no more. What is said to be later, or before its start, is strange."""

STRAY: Seconds = 60.0
"""One sighting so far ahead of all others does not make it that late: two in a row do."""

_AT_ONCE = 4_096
"""Sightings that wait to be counted together, at most."""


class Watcher:
    """Sightings in any order; each counts in the second it belongs to.

    What outlives a second (who went on, sources of a token) is bounded, whatever comes.
    """

    def __init__(self, start: Seconds) -> None:
        """`start`: the epoch second windows count from."""
        self.resolution = 1  # seconds told as one, the first of them; may be raised at any time
        self.strange = 0  # sightings of before the start, or LONGEST after: not counted
        self._start = start
        self._windows: dict[int, EdgeWindow] = {}
        self._funnel = Funnel()
        self._returns = Returns()
        self._sources = Sources()
        self._closed = -1
        self._now = 0.0
        self._is_stray = False
        self._uncounted: list[Sighting] = []  # since the last second began

    def see(self, sighting: Sighting) -> None:
        """A request ended."""
        at = sighting.at - self._start
        if not 0 <= at < LONGEST:
            self.strange += 1
            return
        self._uncounted.append(sighting)
        if at > self._now:
            self._advance(at)
        if len(self._uncounted) > _AT_ONCE:
            self._count()

    def _traffic(self, second: int, step: Step | None) -> Traffic:
        second -= second % self.resolution
        window = self._windows.get(second)
        if window is None:
            window = self._windows[second] = EdgeWindow(second)
        traffic = window.steps.get(step)
        if traffic is None:
            traffic = window.steps[step] = Traffic()
        return traffic

    def _count(self) -> None:
        """Count what was seen and not counted yet: all at once takes a third of the time."""
        seen, start = self._uncounted.copy(), self._start
        self._uncounted.clear()
        groups: dict[tuple[int, Step | None], list[Sighting]] = {}
        for sighting in seen:
            key = floor(sighting.at - start), sighting.step
            group = groups.get(key)
            if group is None:
                groups[key] = [sighting]
            else:
                group.append(sighting)
        for (second, step), group in groups.items():
            traffic = self._traffic(second, step)
            count(traffic, group)
            self._count_shared(traffic, group)
        self._funnel.follow(seen, start)
        self._returns.follow(seen, start)

    def _count_shared(self, traffic: Traffic, group: Sequence[Sighting]) -> None:
        """How many sources the tokens have that were served."""
        served = [
            (each.account, each.client)
            for each in group
            if each.said is Said.OK and each.account is not None and each.client is not None
        ]
        if served:
            accounts, clients = zip(*served, strict=True)
            at = group[-1].at - self._start
            for sources, n in self._sources.seen_all(accounts, clients, at).items():
                traffic.shared[sources] += n

    def _advance(self, at: Seconds) -> None:
        if at > self._now + STRAY and not self._is_stray:
            self._is_stray = True
            return
        self._is_stray = False
        is_next = floor(at) > floor(self._now)
        self._now = at
        if is_next:
            self._count()
            self._settle()

    def _settle(self) -> None:
        for (second, step, continued), n in self._funnel.settle(self._now).items():
            traffic = self._traffic(second, step)
            traffic.settled += n
            traffic.continued += n if continued else 0
        for (second, step, returned), n in self._returns.settle(self._now).items():
            traffic = self._traffic(second, step)
            traffic.denied += n
            traffic.returned += n if returned else 0

    def close(self, second: int) -> list[EdgeWindow]:
        """What was seen up to the end of `second` and not told before, by second, empty ones too.

        A sighting that comes after its second was told is told next time, in another window of
        that second: windows of one second add up.
        """
        told = {window.second: window for window in self.take(second)}
        for each in range(self._closed + 1, second + 1):
            told.setdefault(each, EdgeWindow(each))
        self._closed = max(self._closed, second)
        return [told[each] for each in sorted(told)]

    def take(self, second: int) -> list[EdgeWindow]:
        """As `close`, without the empty ones, in no order: of a log they are most."""
        self._count()
        seconds = [each for each in self._windows if each <= second]
        return [self._windows.pop(each) for each in seconds]

    def windows(self) -> list[EdgeWindow]:
        """All that was not told before, up to the last second anything was seen in."""
        self._count()
        return self.close(max(self._windows, default=self._closed))
