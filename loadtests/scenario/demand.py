"""When viewers come: named shapes that add up, or a series somebody recorded."""

from dataclasses import dataclass, field
from enum import StrEnum

from loadtests.binding import about
from loadtests.units import Offset, PerSecond, Share
from loadtests.vocabulary import Purpose


class Shape(StrEnum):
    """Named shapes of an arrival rate between two moments; each is made of straight pieces."""

    STEADY = "steady"  # one rate throughout
    RISE = "rise"  # from nothing, straight up
    FALL = "fall"  # straight down to nothing
    RUSH = "rush"  # rises ever faster: a quarter of it in the first half
    WAVE = "wave"  # up within the first fifth, then down to nothing
    STRAIGHT = "straight"  # from one relative rate to another, `rates`


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """One part of the arrival curve: a share of the evening's viewers by a shape. Parts add up."""

    shape: Shape = field(metadata=about("how the rate runs"))
    start: Offset = field(metadata=about("when it begins", clock="event", name="from"))
    stop: Offset = field(metadata=about("when it is over", clock="event", name="to"))
    share: Share = field(
        metadata=about("share of the evening's viewers; all parts together: 100 %")
    )
    rates: tuple[float, float] | None = field(
        default=None, metadata=about("`straight` only: relative rate at the start and at the end")
    )
    purpose: Purpose = field(
        default=Purpose.WATCH, metadata=about("what the viewers of this part come to do")
    )
    devices: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "only on these devices, by their shares among each other (evenly if they have none); "
            "absent: on all that have a share"
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Arrivals as somebody counted them: a series replayed instead of named shapes.

    A CSV file with a header. Its first column says when each period begins: a number of minutes
    from kick-off, or a date and time. Between two rows the rate is steady.
    """

    recorded: str = field(metadata=about("the CSV file, relative to the scenario's own"))
    column: str = field(metadata=about("the column that counts"))
    peak: PerSecond | None = field(
        default=None,
        metadata=about(
            "viewers of the real event who arrive per event time in the busiest period: the whole "
            "series is scaled to it; absent: to the audience"
        ),
    )
    kick_off: str = field(
        default="",
        metadata=about(
            "which moment of the series is kick-off, as its first column writes it; absent: the "
            "event's own kick-off, or minute 0"
        ),
    )
    text: str = ""  # of the file: not a key, put there by whoever reads the scenario
