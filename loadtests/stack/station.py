"""A desk of known capacity, as a schedule: asked when a request comes, it knows when it is done."""

from bisect import insort
from collections import deque
from heapq import heapify, heapreplace
from math import floor, inf

from loadtests.stack.model import Station
from loadtests.units import Seconds, Share

_ROUNDING = 1e-9


class Desk:
    """The schedule of one `Station`: k servers, a fixed service time, first come, first served.

    Exact by construction (G/D/k/k+queue): a request starts at the later of its coming and the
    first server's being free, so an overloaded desk completes its capacity, however late its
    answers are delivered. Work once taken is done: a viewer who gives up frees no server.
    """

    __slots__ = (
        "_free",
        "_places",
        "_removals",
        "_remove_at",
        "_rest",
        "_service_time",
        "_waiting",
    )

    def __init__(self, station: Station) -> None:
        self._service_time = station.service_time
        self._rest = station.rest
        self._places = station.queue
        self._free = [0.0] * station.servers  # heap: when each server is free
        heapify(self._free)
        self._waiting: deque[Seconds] = deque()  # when those in line will start, in order
        self._removals: list[tuple[Seconds, Seconds, int]] = []  # from when, to when, how many
        self._remove_at = inf  # the first of them

    def offer(self, now: Seconds) -> Seconds | None:
        """When a request that comes at `now` is completed; None if no place in line is left.

        `now` must not run backwards from call to call.
        """
        start = max(self._free[0], now)
        if start >= self._remove_at:
            start = self._without_removed(start, now)
        if start > now:
            if self.waiting(now) >= self._places:
                return None
            self._waiting.append(start)
        completion = start + self._service_time
        heapreplace(self._free, completion + self._rest)
        return completion

    def waiting(self, now: Seconds) -> int:
        """Requests in line at `now`; those being served are not in line any more."""
        waiting = self._waiting
        while waiting and waiting[0] <= now:
            waiting.popleft()
        return len(waiting)

    def remove(self, share: Share, *, start: Seconds, stop: Seconds) -> None:
        """From `start` to `stop`, a share of the servers (whole ones) begins nothing.

        What they have begun they finish. To be told before anything is due to begin at `start`.
        """
        servers = floor(share * len(self._free) + _ROUNDING)
        insort(self._removals, (start, stop, servers))
        self._remove_at = self._removals[0][0]

    def _without_removed(self, start: Seconds, now: Seconds) -> Seconds:
        """When the next request starts, where it would have after servers were removed."""
        while start >= self._remove_at:
            _, stop, servers = self._removals.pop(0)
            self._remove_at = self._removals[0][0] if self._removals else inf
            # nothing else begins before: whoever is free first goes, and is free again at `stop`
            for _ in range(servers):
                heapreplace(self._free, max(stop, self._free[0]))
            start = max(self._free[0], now)
        return start
