"""From requests, one after another, to what the edge saw second by second."""

from math import floor

from loadtests.collect.edge.funnel import Funnel
from loadtests.collect.edge.returns import REFUSED, Returns
from loadtests.collect.edge.sighting import Said, Sighting
from loadtests.collect.edge.sources import Sources
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.units import Seconds
from loadtests.vocabulary import Step

STARVED_AFTER: Seconds = 30.0
"""Open for longer without one byte of an answer: nothing benign is (DIAGNOSIS.md)."""

LONGEST = 3 * 86_400
"""Seconds: a night has no more. What is said to be later, or before its start, is strange."""

STRAY: Seconds = 60.0
"""One sighting so far ahead of all others does not make it that late: two in a row do."""


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

    def see(self, sighting: Sighting) -> None:
        """A request ended."""
        at = sighting.at - self._start
        if not 0 <= at < LONGEST:
            self.strange += 1
            return
        traffic = self._traffic(floor(at), sighting.step)
        count(traffic, sighting)
        self._remember(traffic, sighting, at)
        if at > self._now:
            self._advance(at)

    def _traffic(self, second: int, step: Step | None) -> Traffic:
        second -= second % self.resolution
        window = self._windows.get(second)
        if window is None:
            window = self._windows[second] = EdgeWindow(second)
        traffic = window.steps.get(step)
        if traffic is None:
            traffic = window.steps[step] = Traffic()
        return traffic

    def _remember(self, traffic: Traffic, sighting: Sighting, at: Seconds) -> None:
        step, account, client = sighting.step, sighting.account, sighting.client
        granted = sighting.said is Said.OK
        if granted and account is not None and client is not None:
            sources = self._sources.seen(account, client, at)
            if sources:
                traffic.shared[sources] += 1
        self._funnel.asked(step, account, client, at - (sighting.duration or 0.0))
        if granted:
            self._returns.let_in(account, client, at)
        if step is not None and granted:
            self._funnel.succeeded(step, account, client, at)
        elif step is not None and sighting.said in REFUSED:
            self._returns.refused(step, account, client, at)

    def _advance(self, at: Seconds) -> None:
        if at > self._now + STRAY and not self._is_stray:
            self._is_stray = True
            return
        self._is_stray = False
        is_next = floor(at) > floor(self._now)
        self._now = at
        if is_next:
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
        seconds = [each for each in self._windows if each <= second]
        return [self._windows.pop(each) for each in seconds]

    def windows(self) -> list[EdgeWindow]:
        """All that was not told before, up to the last second anything was seen in."""
        return self.close(max(self._windows, default=self._closed))


def count(traffic: Traffic, sighting: Sighting) -> None:
    """Add one request to those of its step and second: all that needs no memory."""
    said = sighting.said
    traffic.said[said, sighting.attempt] += 1
    if sighting.code:
        traffic.codes[sighting.code] += 1
    traffic.posts += bool(sighting.is_post)
    traffic.moved += bool(sighting.is_post and sighting.moved)
    traffic.probes += sighting.probe
    if sighting.cache is not None:
        traffic.cache[sighting.cache] += 1
    if sighting.region:
        traffic.regions[sighting.region, said.is_failure] += 1
    _count_amounts(traffic, sighting)
    _count_identities(traffic, sighting)


def _count_amounts(traffic: Traffic, sighting: Sighting) -> None:
    size, duration = sighting.size, sighting.duration
    if size is not None:
        traffic.bytes += size
    if duration is not None:
        traffic.busy += duration
        if sighting.said is Said.OK:
            traffic.times.add(duration)
        traffic.starved += duration > STARVED_AFTER and size == 0
    else:
        traffic.starved += sighting.timed_out and size == 0


def _count_identities(traffic: Traffic, sighting: Sighting) -> None:
    if sighting.client is not None:
        traffic.clients.add(sighting.client)
        traffic.top_clients.add(sighting.client)
    if sighting.account is not None:
        traffic.accounts.add(sighting.account)
        traffic.top_accounts.add(sighting.account)
    if sighting.target is not None:
        traffic.targets.add(sighting.target)
    if sighting.path is not None:
        traffic.paths.add(sighting.path)
