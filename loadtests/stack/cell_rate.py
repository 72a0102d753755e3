"""A rate that is held over any span: the generic cell rate algorithm."""

from loadtests.units import PerSecond, Seconds

_BURST: Seconds = 1.0
"""Seconds' worth that may come at once: without, Poisson arrivals at half the rate lose 39 %."""


class CellRate:
    """Lets `rate` per second pass and a burst (ITU-T I.371, virtual scheduling)."""

    __slots__ = ("_due", "_gap")

    def __init__(self, rate: PerSecond) -> None:
        self._gap = 1 / rate
        self._due = 0.0  # when the next one is due at the full rate

    def admits(self, now: Seconds) -> bool:
        """Whether one that comes at `now` conforms. `now` must not run backwards."""
        due = max(self._due, now)
        if due - now > max(0.0, _BURST - self._gap):
            return False
        self._due = due + self._gap
        return True
