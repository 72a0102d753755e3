"""HLS playlists (RFC 8216) as players see them; `playlist_parser` makes them from text."""

from dataclasses import dataclass, field
from typing import NamedTuple

from loadtests.units import BytesPerSecond, Seconds

ROUNDING: Seconds = 1e-6
"""Durations are decimal fractions: 3 x 3.2 is not 9.6."""

SHORTEST_TARGET: Seconds = 1.0
"""Shorter target durations (0 is seen in the wild) count as this, or reloads turn into a flood."""


class Section(NamedTuple):
    """A media initialization section (EXT-X-MAP), which must be loaded once before its segments."""

    url: str  # absolute
    span: tuple[int, int] | None  # inclusive byte range, if it is part of a file


class Segment(NamedTuple):
    """One media segment as a playlist lists it."""

    sequence: int  # media sequence number
    url: str  # absolute
    duration: Seconds
    span: tuple[int, int] | None  # inclusive byte range, if it is part of a file
    section: Section | None  # what must be loaded before it, once
    date: Seconds | None  # program date time of its first frame, epoch seconds; None without dates
    discontinuity: bool  # encoding or timeline changes before it
    gap: bool  # listed, but absent: not to be asked for


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Media:
    """A media playlist. `end_date` is the program date time of its end, None without dates."""

    target_duration: Seconds  # >= SHORTEST_TARGET
    sequence: int  # media sequence number of the first segment
    segments: tuple[Segment, ...]
    ended: bool  # EXT-X-ENDLIST: nothing will be added
    hold_back: Seconds | None  # how far from the end to start, where the server says
    end_date: Seconds | None
    next_sequence: int = field(init=False)  # media sequence number of what will come after the last

    def __post_init__(self) -> None:
        object.__setattr__(self, "next_sequence", self.sequence + len(self.segments))

    def segment(self, sequence: int) -> Segment | None:
        """The segment of this number; None if it is not, or no longer, listed."""
        index = sequence - self.sequence
        return self.segments[index] if 0 <= index < len(self.segments) else None

    def start(self) -> int:
        """Sequence number to join at: the last segment far enough from the end, or the first.

        Far enough: HOLD-BACK, else three target durations (RFC 8216, 6.3.3). An ended playlist is
        joined at its beginning.
        """
        if self.ended:
            return self.sequence
        missing = self.hold_back or 3 * self.target_duration
        for segment in reversed(self.segments):
            missing -= segment.duration
            if missing <= ROUNDING:
                return segment.sequence
        return self.sequence

    def at_date(self, date: Seconds) -> int | None:
        """Sequence number of what begins at `date`, give or take half a segment.

        The one after the last if that is not listed yet; None without dates.
        """
        if self.end_date is None:
            return None
        for segment in self.segments:
            if segment.date is not None and segment.date > date - segment.duration / 2:
                return segment.sequence
        return self.next_sequence


class Variant(NamedTuple):
    """One rendition of a master playlist (EXT-X-STREAM-INF)."""

    bit_rate: BytesPerSecond
    url: str
    audio: str | None  # the group its audio is in
    has_picture: bool  # says its resolution


class Rendition(NamedTuple):
    """An audio rendition (EXT-X-MEDIA): in a playlist of its own or, without URL, a variant's."""

    group: str
    url: str | None
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Master:
    """A master playlist: what there is to choose from."""

    variants: tuple[Variant, ...]  # in the playlist's order
    audio: tuple[Rendition, ...]

    def audio_of(self, variant: Variant) -> str | None:
        """URL of the audio playlist that goes with `variant`; None if audio is in its segments."""
        group = [r for r in self.audio if r.group == variant.audio]
        chosen = next((r for r in group if r.is_default), group[0] if group else None)
        return chosen.url if chosen else None
