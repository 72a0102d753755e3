"""A desk of known capacity, as a schedule: asked when a request comes, it knows when it is done."""

from bisect import insort
from collections import deque
from heapq import heapify, heappush, heapreplace
from math import floor, inf

from loadtests.stack.autoscaling import Utilization
from loadtests.stack.model import Station
from loadtests.units import Seconds, Share

_ROUNDING = 1e-9


class Desk:
    """The schedule of one `Station`: k servers, a fixed service time, first come, first served.

    Exact by construction (G/D/k/k+queue): a request starts at the later of its coming and the
    first server's being free, so an overloaded desk completes its capacity, however late its
    answers are delivered. Work once taken is done: a viewer who gives up frees no server.

    So it is with autoscaling, too: where there is a line every server is busy until its end, so
    that it is known beforehand when the desk will grow, and who in line gains by it.
    """

    __slots__ = (
        "_free",
        "_grow_at",
        "_look_at",
        "_places",
        "_removals",
        "_remove_at",
        "_rest",
        "_station",
        "_taken",
        "_utilization",
        "_waiting",
    )

    def __init__(self, station: Station) -> None:
        self._station = station
        self._rest = station.rest
        self._places = station.queue
        self._free = [0.0] * station.servers  # heap: when each server is free
        heapify(self._free)
        self._taken = 0
        self._waiting: deque[Seconds] = deque()  # when those in line will start, in order
        self._removals: list[tuple[Seconds, Seconds, int]] = []  # from when, to when, how many
        self._remove_at = inf  # the first of them
        self._grow_at = inf  # as far as is known
        up = station.autoscaling
        self._utilization = Utilization(servers=station.servers, over=up.over) if up else None
        self._look_at = -inf if up else inf  # from when on a start may be another one

    def offer(self, now: Seconds) -> Seconds | None:
        """When a request that comes at `now` is completed; None if no place in line is left.

        `now` must not run backwards from call to call.
        """
        start = max(self._free[0], now)
        if start >= self._look_at:
            start = self._with_changes(start, now)
        if start > now:
            if self.waiting(now) >= self._places:
                return None
            self._waiting.append(start)
        return self._take(start)

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
        self._look_again()

    def _take(self, start: Seconds) -> Seconds:
        """Serve a request from `start` on: when it is completed."""
        leak = self._station.leak
        pace = leak.pace(self._taken) if leak else 1.0
        completion = start + self._station.service_time * pace
        free = completion + self._rest * pace
        heapreplace(self._free, free)
        self._taken += 1
        if self._utilization:
            self._utilization.add(start, free)
        return completion

    def _with_changes(self, start: Seconds, now: Seconds) -> Seconds:
        """When the next request starts, where servers may have gone or come before."""
        self._foresee(start)
        while start >= min(self._remove_at, self._grow_at):
            if self._remove_at <= self._grow_at:
                self._lose()
            else:
                self._grow()
            start = max(self._free[0], now)
            self._foresee(start)
        return start

    def _foresee(self, start: Seconds) -> None:
        """Find out when the desk grows; what is known of its future ends with the next start."""
        up, utilization = self._station.autoscaling, self._utilization
        if up is None or utilization is None:
            return
        reached = utilization.reaches(up.utilization, min(start, self._remove_at))
        if reached is not None:
            self._grow_at = reached + up.takes
            self._utilization = None
            self._look_again()

    def _grow(self) -> None:
        grown = self._station.grown
        for _ in range(grown.servers - self._station.servers):
            heappush(self._free, self._grow_at)
        self._rest = grown.rest
        self._grow_at = inf
        self._look_again()

    def _lose(self) -> None:
        _, stop, servers = self._removals.pop(0)
        # nothing else begins before: whoever is free first goes, and is free again at `stop`
        for _ in range(servers):
            heapreplace(self._free, max(stop, self._free[0]))
        self._look_again()

    def _look_again(self) -> None:
        self._remove_at = self._removals[0][0] if self._removals else inf
        self._look_at = -inf if self._utilization else min(self._remove_at, self._grow_at)
