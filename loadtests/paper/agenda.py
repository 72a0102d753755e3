"""What is going to happen, in order of time: the clock of a simulation."""

from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from loadtests.units import Seconds


class Happening(Protocol):
    """Something with a moment of its own."""

    def happen(self) -> None:
        """Take place now."""


class Agenda:
    """An event heap. `now` is the moment of what happens; what falls on one moment keeps its order.

    `over` is true once the end has come.
    """

    __slots__ = ("_end", "_entries", "_order", "now", "over")

    def __init__(self, start: Seconds, end: Seconds) -> None:
        """Begin at `start`; what would happen at `end` or later never does."""
        self.now = start
        self.over = False
        self._end = end
        self._entries: list[tuple[Seconds, int, Happening]] = []
        self._order = count()

    def add(self, at: Seconds, happening: Happening) -> None:
        """Let it happen at `at`, at once if that is past."""
        if at < self._end:
            heappush(self._entries, (max(at, self.now), next(self._order), happening))

    def stop(self) -> None:
        """The end is now: nothing happens any more."""
        self._end = self.now
        self._entries.clear()

    def run(self) -> None:
        """Let everything happen, what is added meanwhile included; then it is the end."""
        entries = self._entries
        while entries:
            self.now, _, happening = heappop(entries)
            happening.happen()
        self.now = self._end
        self.over = True
