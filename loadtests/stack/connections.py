"""Connections a server has to give: what is slow to ask, or to listen, uses them up."""

from loadtests.stack.concurrency import InProgress
from loadtests.units import Seconds


class Slots:
    """Counts connections in use: exact for those whose end is known, and those held until told.

    One whose answer never comes is given up after `longest`.
    """

    __slots__ = ("_answered", "_held", "_limit", "_longest")

    def __init__(self, limit: int, longest: Seconds) -> None:
        self._limit = limit
        self._longest = longest
        self._answered = InProgress(limit)
        self._held = 0

    def is_full(self, now: Seconds) -> bool:
        """Whether there is none left at `now`, which must not run backwards."""
        return self._answered.count(now) + self._held >= self._limit

    def add(self, now: Seconds, end: Seconds) -> None:
        """One is in use until `end`."""
        self._answered.add(min(end, now + self._longest))

    def hold(self) -> None:
        """One is in use until `release`."""
        self._held += 1

    def release(self) -> None:
        """It is free again."""
        self._held -= 1
