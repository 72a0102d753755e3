"""A limit of requests in progress: nginx's limit_conn, or an application server's workers."""

from heapq import heappop, heappush

from loadtests.units import Seconds


class InProgress:
    """Counts requests that are not answered yet: exact, for each one's end is known when it comes.

    One answered the moment it comes is never in progress.
    """

    __slots__ = ("_ends", "_limit")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._ends: list[Seconds] = []  # heap: when each is answered

    def is_full(self, now: Seconds) -> bool:
        """Whether no more may come at `now`, which must not run backwards."""
        return self.count(now) >= self._limit

    def count(self, now: Seconds) -> int:
        """How many there are at `now`."""
        ends = self._ends
        while ends and ends[0] <= now:
            heappop(ends)
        return len(ends)

    def add(self, end: Seconds) -> None:
        """One more, until `end`."""
        heappush(self._ends, end)
