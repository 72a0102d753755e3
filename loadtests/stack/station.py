"""A desk of known capacity, as a schedule: asked when a request comes, it knows when it is done."""

from collections import deque
from heapq import heapify, heapreplace

from loadtests.stack.model import Station
from loadtests.units import Seconds


class Desk:
    """The schedule of one `Station`: k servers, a fixed service time, first come, first served.

    Exact by construction (G/D/k/k+queue): a request starts at the later of its coming and the
    first server's being free, so an overloaded desk completes its capacity, however late its
    answers are delivered. Work once taken is done: a viewer who gives up frees no server.
    """

    __slots__ = ("_free", "_places", "_rest", "_service_time", "_waiting")

    def __init__(self, station: Station) -> None:
        self._service_time = station.service_time
        self._rest = station.rest
        self._places = station.queue
        self._free = [0.0] * station.servers  # heap: when each server is free
        heapify(self._free)
        self._waiting: deque[Seconds] = deque()  # when those in line will start, in order

    def offer(self, now: Seconds) -> Seconds | None:
        """When a request that comes at `now` is completed; None if no place in line is left.

        `now` must not run backwards from call to call.
        """
        first_free = self._free[0]
        if first_free <= now:
            start = now
        elif self.waiting(now) < self._places:
            start = first_free
            self._waiting.append(start)
        else:
            return None
        completion = start + self._service_time
        heapreplace(self._free, completion + self._rest)
        return completion

    def waiting(self, now: Seconds) -> int:
        """Requests in line at `now`; those being served are not in line any more."""
        waiting = self._waiting
        while waiting and waiting[0] <= now:
            waiting.popleft()
        return len(waiting)
