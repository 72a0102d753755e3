"""What is on screen: a buffer that plays in real time, stalls when empty and goes on when fed.

Time watched + time stalled = time since the first frame, exactly. Startup is no stall (CTA-2066).
"""

from typing import NamedTuple

from loadtests.behavior.steps import Progress
from loadtests.units import BytesPerSecond, Ratio, Seconds

TICK: Seconds = 1e-3
"""A shorter stall nobody sees, and rounding makes them: a double holds the epoch to 2.4e-7 s."""

DRIFT: Seconds = 0.1
"""Dates and durations in playlists are rounded: only a larger step is a jump in time."""


class _Mark(NamedTuple):
    """From this much media on, the screen shows another rendition or another stretch of time."""

    position: Seconds
    bit_rate: BytesPerSecond
    offset: Seconds | None  # program date time - position


class Playback:
    """One viewer's buffer and screen; `position` is media shown since the first frame, in seconds.

    With separate audio there are two tracks, and playback runs on the shorter. The first track
    tells the bit rate and the dates.
    """

    __slots__ = (
        "_at", "_begun_at", "_bits", "_counted", "_ends", "_has_begun", "_mark", "_marks",
        "_settled", "_stalled", "_stalls", "_told", "is_stalled", "lost", "playlist_age",
        "position", "rewinds", "switches",
    )  # fmt: skip

    def __init__(self, at: Seconds, tracks: int = 1) -> None:
        self._at = at
        self._ends = [0.0] * tracks  # media appended, by track
        self._has_begun = False
        self._begun_at = at
        self._settled = 0.0  # stalled, of what was told already
        self._mark = _Mark(0.0, 0.0, None)  # what is on screen
        self._marks: tuple[_Mark, ...] = ()  # what is to come
        self._counted = 0.0  # the position up to which bits are counted
        self._told = 0.0  # the position up to which watching was told
        self._stalled = 0.0
        self._stalls = 0
        self._bits = 0.0
        self.position = 0.0
        self.is_stalled = False
        self.switches = 0
        self.lost = 0
        self.rewinds = 0
        self.playlist_age: Seconds | None = None

    def begin(self, at: Seconds) -> None:
        """The first frame is on screen: from here on time is watched or stalled."""
        self._advance(at)
        self._has_begun, self._begun_at = True, at

    def append(
        self,
        duration: Seconds,
        at: Seconds,
        *,
        track: int = 0,
        bit_rate: BytesPerSecond = 0.0,
        date: Seconds | None = None,
    ) -> None:
        """A segment is complete at `at`; a stall ends when every track has something to show."""
        self._advance(at)
        end = self._ends[track]
        if track == 0:
            self._expect(end, bit_rate, None if date is None else date - end)
        self._ends[track] = end + duration
        if self.is_stalled and self._ahead() > 0:
            self.is_stalled = False

    def flush(self, at: Seconds, tracks: int) -> None:
        """The app was started anew: the buffer is gone, the screen waits for the next segment."""
        self._advance(at)
        self._account()
        self._ends = [self.position] * tracks
        self._marks = ()
        if self._has_begun and not self.is_stalled:
            self._stall(0.0)

    def level(self, at: Seconds, track: int = 0) -> Seconds:
        """Media of a track ahead of the screen."""
        self._advance(at)
        return self._ends[track] - self.position

    def is_playing(self, at: Seconds) -> bool:
        """Whether the picture moves."""
        self._advance(at)
        return self._has_begun and not self.is_stalled

    def settle(self, at: Seconds) -> Progress:
        """Bring the account up to `at`: what happened since the last call."""
        self._advance(at)
        self._account()
        progress = Progress(
            self.position - self._told,
            self._stalled,
            self._stalls,
            self._bits,
            self._live_latency(at),
            self.playlist_age,
            self.switches,
            self.lost,
            self.rewinds,
        )
        self._told = self.position
        self._settled += self._stalled
        self._stalled = self._bits = 0.0
        self._stalls = self.switches = self.lost = self.rewinds = 0
        self.playlist_age = None
        return progress

    def stalled_ratio(self, at: Seconds) -> Ratio | None:
        """Stalled ÷ (watched + stalled) since the first frame. None without one, or at once."""
        self._advance(at)
        stay = at - self._begun_at
        if not self._has_begun or stay <= 0:
            return None
        return min(1.0, (self._settled + self._stalled) / stay)

    def _ahead(self) -> Seconds:
        ends = self._ends
        return (ends[0] if len(ends) == 1 else min(ends)) - self.position

    def _advance(self, at: Seconds) -> None:
        elapsed = at - self._at
        if elapsed <= 0:
            return
        self._at = at
        if not self._has_begun:
            return
        if self.is_stalled:
            self._stalled += elapsed
            return
        ends = self._ends
        ahead = (ends[0] if len(ends) == 1 else min(ends)) - self.position
        if elapsed <= ahead + TICK:
            self.position += elapsed
            return
        playable = max(ahead, 0.0)
        self.position += playable
        self._stall(elapsed - playable)

    def _stall(self, lasting: Seconds) -> None:
        self.is_stalled = True
        self._stalls += 1
        self._stalled += lasting

    def _account(self) -> None:
        """Bring the bits watched up to where the screen is, mark by mark."""
        begin, end = self._counted, self.position
        while self._marks and self._marks[0].position < end:
            mark, *later = self._marks
            self._bits += self._mark.bit_rate * (mark.position - begin)
            begin, self._mark, self._marks = mark.position, mark, tuple(later)
        self._bits += self._mark.bit_rate * (end - begin)
        self._counted = end

    def _expect(self, position: Seconds, bit_rate: BytesPerSecond, offset: Seconds | None) -> None:
        """Note what will be on screen from `position` on, if it is anything new."""
        last = self._marks[-1] if self._marks else self._mark
        if last.bit_rate == bit_rate and _is_near(last.offset, offset):
            return
        self._account()
        mark = _Mark(position, bit_rate, offset)
        if position <= self.position:
            self._mark = mark
        else:
            self._marks = (*self._marks, mark)

    def _live_latency(self, at: Seconds) -> Seconds | None:
        offset = self._mark.offset
        if offset is None or not self._has_begun:
            return None
        return at - (self.position + offset)


def _is_near(one: Seconds | None, other: Seconds | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= DRIFT
