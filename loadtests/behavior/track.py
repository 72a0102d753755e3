"""Where a player is in one track: which playlist, which segment next, what when."""

from loadtests.behavior.bandwidth import Bandwidth, next_rung
from loadtests.behavior.playlist import Media, Section, Segment, Variant
from loadtests.behavior.session import Session
from loadtests.behavior.steps import Reply
from loadtests.units import Seconds
from loadtests.vocabulary import Step

PACE: Seconds = 0.1
BURST: Seconds = 3.0
"""However playlists err (segments of no length, numbers that leap), a track asks for at most
BURST / PACE = 30 things at once and for one each PACE in the long run: far more than any sound
stream needs. [A]"""

LOOK: Seconds = 0.1
"""hls.js looks at its full buffer this often (`TICK_INTERVAL`)."""

_NOT_JOINED = -1


class Track:
    """One track of one viewer. The loop of `media` moves it on."""

    __slots__ = (
        "_bandwidth", "_date", "_paid", "_profile", "_rung", "_rungs", "_switched_at",
        "failed_loads", "failed_takes", "is_fed", "is_renewed", "next", "number", "playlist",
        "reload_at", "section", "session", "take_at",        "url",
    )  # fmt: skip

    def __init__(
        self,
        session: Session,
        number: int,
        url: str,
        rungs: tuple[Variant, ...] = (),
        rung: int = 0,
    ) -> None:
        self.session = session
        self.number = number  # of the track in the playback
        self.url = url  # of the media playlist, as it was named: redirects are followed each time
        self.playlist: Media | None = None
        self.next = _NOT_JOINED  # media sequence number of the segment wanted next
        self.section: Section | None = None  # the init section the decoder has
        self.reload_at: Seconds = 0.0
        self.take_at: Seconds = 0.0  # not before: a retry's delay
        self.failed_loads = 0  # attempts in vain, in a row: of the playlist
        self.failed_takes = 0  # and of segments
        self.is_renewed = False  # the token, since the last success
        self.is_fed = False  # there was a segment
        self._profile = session.profile
        self._rungs = rungs
        self._rung = rung
        self._bandwidth = self._meter()
        self._switched_at: Seconds = 0.0
        self._date: Seconds | None = None  # program date time of the segment wanted next
        self._paid: Seconds = 0.0  # requests so far are paid for up to this moment

    def _meter(self) -> Bandwidth | None:
        """A meter where there is a choice to make; parts of segments say nothing of throughput."""
        session = self.session
        chooses = session.profile.adaptation is not None and len(self._rungs) > 1
        return Bandwidth() if chooses and session.viewing.segment_bytes is None else None

    @property
    def earliest(self) -> Seconds:
        """Before this moment the track asks for nothing, whatever is due."""
        return self._paid - BURST

    @property
    def is_offered(self) -> bool:
        """Whether the playlist lists the segment wanted next."""
        playlist = self.playlist
        return playlist is not None and playlist.sequence <= self.next < playlist.next_sequence

    def spend(self, now: Seconds) -> None:
        """A request is made."""
        self._paid = max(self._paid, now) + PACE

    def wanted_at(self, now: Seconds) -> Seconds:
        """When the next segment is asked for: at once, or when the buffer has sunk to its goal."""
        spare = self.session.playback.level(now, self.number) - self._profile.buffer_goal
        wanted = now if spare < 0 else now + max(spare, LOOK)
        return max(wanted, self.take_at)

    def loaded(self, playlist: Media, began: Seconds, now: Seconds) -> None:
        """The media playlist is here, its load having begun at `began`."""
        changed = self._follow(playlist)
        self.failed_loads = 0
        self.is_renewed = False
        playback = self.session.playback
        if playlist.end_date is not None:
            playback.playlist_age = now - playlist.end_date
        listed = (playlist.next_sequence - self.next) * playlist.target_duration
        behind = playback.level(now, self.number) + max(0.0, listed)
        self.reload_at = began + self._profile.reload(playlist, changed=changed, behind=behind)

    def _follow(self, playlist: Media) -> bool:
        """Take up a playlist; whether it changed anything."""
        last, playback = self.playlist, self.session.playback
        if last is None:
            self._enter(playlist)
            changed = True
        elif playlist.sequence < last.sequence or playlist.next_sequence < last.next_sequence:
            playback.rewinds += 1
            if playlist.next_sequence > last.sequence:
                return False  # an older copy, as of a cache behind the others
            self.next, self.section = playlist.start(), None  # another numbering: begin anew
            changed = True
        else:
            changed = last.next_sequence != playlist.next_sequence or last.ended != playlist.ended
        self.playlist = playlist
        if self.next == _NOT_JOINED:
            self._enter(playlist)
        elif self.next < playlist.sequence:  # overtaken by the window
            self._skip_to(playlist.start())
        return changed

    def _enter(self, playlist: Media) -> None:
        """Join the stream, or, in another rendition, go on where the last one was."""
        if not playlist.segments:
            return
        if self.next == _NOT_JOINED:
            self.next = playlist.start()
        elif self._date is not None:
            at = playlist.at_date(self._date)
            self.next = self.next if at is None else at

    def _skip_to(self, sequence: int) -> None:
        # failures and the wait after them go on: players count errors in a row, not per segment
        self.session.playback.lost += sequence - self.next
        self.next = sequence

    def miss(self) -> None:
        """The next segment does not exist: go on behind it."""
        self._skip_to(self.next + 1)

    def switches(self, now: Seconds) -> bool:
        """Whether the player changes rendition now; then its playlist has to be loaded first."""
        meter, rule = self._bandwidth, self._profile.adaptation
        if meter is None or rule is None or now - self._switched_at < rule.interval:
            return False
        estimate = meter.estimate(rule, self._profile.default_estimate)
        rung = next_rung(self._rungs, self._rung, estimate, rule)
        if rung == self._rung:
            return False
        self._rung, self._switched_at = rung, now
        self.url = self._rungs[rung].url
        self.playlist, self.reload_at, self.failed_takes = None, now, 0
        self.session.playback.switches += 1
        return True

    @property
    def _wanted(self) -> Segment | None:
        """The segment wanted next, if it is listed."""
        return None if self.playlist is None else self.playlist.segment(self.next)

    def initialized(self) -> None:
        """The init section of the next segment is here."""
        segment = self._wanted
        self.section = None if segment is None else segment.section
        self.failed_takes = 0
        self.is_renewed = False

    def took(self, reply: Reply) -> None:
        """The next segment is here."""
        segment = self._wanted
        assert segment is not None  # noqa: S101 - it was asked for, and nobody else loads playlists
        duration, date = segment.duration, segment.date
        if self._rungs:
            bit_rate = self._rungs[self._rung].bit_rate
        else:
            bit_rate = reply.size / duration if duration else 0.0
        self.session.playback.append(
            duration, reply.done, track=self.number, bit_rate=bit_rate, date=date
        )
        if self._bandwidth is not None and self._profile.adaptation is not None:
            took = reply.done - reply.first_byte
            self._bandwidth.add(reply.size, took, self._profile.adaptation)
        self._date = None if date is None else date + duration
        self.next += 1
        self.failed_takes = 0
        self.take_at = 0.0
        self.is_fed = True
        self.is_renewed = False

    def failures(self, step: Step) -> int:
        """How often the request of this kind that is due again has failed."""
        return self.failed_loads if step is Step.PLAYLIST else self.failed_takes

    def repeat(self, step: Step, at: Seconds, *, counts: bool = True) -> None:
        """Do it again at `at`; it `counts` as a failure unless the target asked to wait."""
        if step is Step.PLAYLIST:
            self.reload_at = at
            self.failed_loads += counts
        else:
            self.take_at = at
            self.failed_takes += counts
