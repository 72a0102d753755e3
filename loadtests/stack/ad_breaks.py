"""Server-side ad insertion: which ad stands in the place of which live segment, and when."""

from dataclasses import dataclass, field
from math import ceil, floor
from typing import NamedTuple

from loadtests.binding import about
from loadtests.stack.event_clock import EventClock
from loadtests.units import Count, Lasting, Offset, Seconds

_APART = 2
"""Live segments between two breaks, at least: one, and one for rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdBreaks:
    """Ads in the place of live segments: at the same media time for all, for each viewer others."""

    every: Lasting = field(
        metadata=about("from the beginning of one break to that of the next", clock="event")
    )
    start: Offset = field(
        default=0.0, metadata=about("the first break", clock="event", name="from")
    )
    ads: Count = field(default=3, metadata=about("ads in a break, one after the other"))
    duration: Lasting = field(
        default=20.0,
        metadata=about("of one ad, as the nearest number of whole segments", clock="media"),
    )
    creatives: Count = field(
        default=6, metadata=about("ads there are; each viewer is dealt them in turn")
    )

    def length(self, target_duration: Seconds) -> int:
        """Segments of one ad."""
        return max(1, round(self.duration / target_duration))

    def least_every(self, target_duration: Seconds, speed: float) -> Seconds:
        """What `every` must be for live segments between the breaks, at that speed of the event."""
        return (self.ads * self.length(target_duration) + _APART) * target_duration * speed


class Spot(NamedTuple):
    """A segment of an ad: part `part` of the `number`th ad of the event."""

    number: int
    part: int


class Breaks:
    """The breaks of a stream whose segment n is the media of [n, n + 1) target durations.

    A break begins with the first segment that begins no sooner than the event's clock says; before
    that clock runs there are none. Each ad begins with a discontinuity, and so does what follows
    the last.
    """

    __slots__ = ("_clock", "_length", "_plan", "_target_duration")

    def __init__(self, plan: AdBreaks, target_duration: Seconds, clock: EventClock) -> None:
        self._plan = plan
        self._target_duration = target_duration
        self._clock = clock
        self._length = plan.length(target_duration)

    def spot(self, sequence: int) -> Spot | None:
        """Which part of which ad stands in the place of that segment; None for a live one."""
        number = self._last(sequence)
        if number is None:
            return None
        ad, part = divmod(sequence - self._first(number), self._length)
        ads = self._plan.ads
        return Spot(number * ads + ad, part) if ad < ads else None

    def is_discontinuity(self, sequence: int) -> bool:
        """Whether encoding and timeline change before that segment."""
        return self.discontinuities(sequence + 1) > self.discontinuities(sequence)

    def discontinuities(self, sequence: int) -> int:
        """How many came before that segment: the discontinuity sequence of a playlist.

        (RFC 8216, 4.3.3.3, where the first segment of the playlist may have one of its own.)
        """
        number = self._last(sequence - 1)
        if number is None:
            return 0
        ads = self._plan.ads
        begun = (sequence - 1 - self._first(number)) // self._length + 1
        return number * (ads + 1) + min(begun, ads + 1)

    def _first(self, number: int) -> int:
        """The first segment of a break."""
        plan = self._plan
        return ceil(self._clock.moment(plan.start + number * plan.every) / self._target_duration)

    def _last(self, sequence: int) -> int | None:
        """The last break that has begun by that segment; None if none has."""
        if self._clock.began is None:
            return None
        since = self._clock.offset(sequence * self._target_duration) - self._plan.start
        number = floor(since / self._plan.every) + 1  # one more, for rounding
        while number >= 0 and self._first(number) > sequence:
            number -= 1
        return number if number >= 0 else None
