"""Autoscaling: a station that has been busy for long enough gets more servers, and keeps them."""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Annotated

from loadtests.binding import about
from loadtests.units import Count, Lasting, Range, Ratio, Seconds, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaling:
    """One step up: when mean utilization over a window reaches a bound; it never goes down again.

    Utilization is the share of the servers that are busy (or at rest) of those there are.
    """

    utilization: Annotated[Ratio, Range(above=0, most=0.99)] = field(
        metadata=about("mean share of the servers busy that brings more of them")
    )
    over: Lasting = field(metadata=about("the window of that mean", clock="client"))
    takes: Seconds = field(
        default=0.0,
        metadata=about("from then until the new servers take requests", clock="client"),
    )
    to: Count = field(metadata=about("servers there are then"))
    rest: Seconds = field(
        default=0.0, metadata=about("a server's `rest` from then on", clock="client")
    )


class Utilization:
    """How busy servers were over the last `over` seconds: exact, whatever moment is looked at.

    The busy time within the window is linear between two changes: that a server takes up or ends
    its work, now or one window ago.
    """

    __slots__ = ("_at", "_busy", "_changes", "_over", "_servers", "_slope")

    def __init__(self, *, servers: int, over: Seconds) -> None:
        self._servers = servers
        self._over = over
        self._changes: list[tuple[Seconds, int]] = []  # heap: when, servers more or fewer
        self._at = 0.0
        self._busy = 0.0  # server-seconds within the window that ends at `_at`
        self._slope = 0

    def add(self, start: Seconds, stop: Seconds) -> None:
        """A server is busy between these moments; `start` is none that was looked at before."""
        for moment, by in ((start, 1), (stop, -1)):
            heappush(self._changes, (moment, by))
            heappush(self._changes, (moment + self._over, -by))

    def reaches(self, share: Share, until: Seconds) -> Seconds | None:
        """The first moment up to `until`, and since this was asked last, at which the mean is that.

        None if it is lower throughout. Until then everything must be known: nothing is added
        before.
        """
        bound = share * self._servers * self._over
        changes = self._changes
        while changes and changes[0][0] <= until:
            moment, by = heappop(changes)
            if (reached := self._move(moment, bound)) is not None:
                return reached
            self._slope += by
        return self._move(max(self._at, until), bound)

    def _move(self, moment: Seconds, bound: float) -> Seconds | None:
        """Look as far as `moment`, before which nothing changes."""
        busy = self._busy + self._slope * (moment - self._at)
        if busy >= bound:
            return self._at + (bound - self._busy) / self._slope
        self._at, self._busy = moment, busy
        return None
