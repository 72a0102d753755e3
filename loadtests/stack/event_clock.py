"""The evening's calendar on the stack's clock: which offset from kick-off a moment is."""

from dataclasses import dataclass, field
from math import inf

from loadtests.binding import about
from loadtests.units import Offset, Seconds, Speed


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Where the evening begins and how fast it goes; made from the scenario's window and speed."""

    start: Offset = field(metadata=about("the evening at the start of the run", clock="event"))
    speed: Speed = field(metadata=about("event seconds per second"))


class EventClock:
    """Tells the evening's time, once it is known when the run began; before, it is long ago."""

    __slots__ = ("_began", "_calendar")

    def __init__(self, calendar: Calendar | None) -> None:
        self._calendar = calendar or Calendar(start=0.0, speed=1.0)
        self._began: Seconds | None = None

    def begin(self, at: Seconds) -> None:
        """The run begins, or began, at `at` (seconds since the epoch)."""
        self._began = at

    @property
    def began(self) -> Seconds | None:
        """When the run began; None before anybody said so."""
        return self._began

    def offset(self, now: Seconds) -> Offset:
        """The offset from kick-off at `now`; minus infinity before anybody said when it began."""
        if self._began is None:
            return -inf
        return self._calendar.start + (now - self._began) * self._calendar.speed

    def moment(self, offset: Offset) -> Seconds:
        """The inverse: when the evening is at `offset`; infinity before it is known."""
        if self._began is None:
            return inf
        return self._began + (offset - self._calendar.start) / self._calendar.speed
