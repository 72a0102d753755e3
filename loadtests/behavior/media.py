"""Live HLS as a player plays it: one loop per track, always doing whatever is due first."""

from collections.abc import Callable, Sequence
from math import inf

from loadtests.behavior.access import renew
from loadtests.behavior.bandwidth import first_rung, ladder
from loadtests.behavior.judge import UNAUTHORIZED, is_redirect
from loadtests.behavior.playlist import Master, Media, Segment
from loadtests.behavior.playlist_parser import read_media_playlist, read_playlist
from loadtests.behavior.retry import follow, persist, told_to_wait, wait_before
from loadtests.behavior.session import Session, Stop, stop_after
from loadtests.behavior.steps import Fetch, Journey, Reply, Together, Wait
from loadtests.behavior.track import Track
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step

Action = Callable[[Track, Seconds], Journey]
"""Something a track does at a moment; returns (why the track is over or None, when it was done)."""

_OK = Outcome.OK


def tune_in(session: Session, url: str) -> Journey:
    """From the master playlist to the first frame: init section and first segment of every track.

    A media playlist in its place is a stream with one rendition. Returns (Stop, when, tracks).
    """
    manners = session.profile.manners[Step.MASTER]
    headers = session.headers_for(url)
    fetch = Fetch(Step.MASTER, url, manners.timeouts, headers=headers, read=read_playlist)
    reply: Reply = yield from persist(session, fetch)
    if not reply.ok:
        return stop_after(reply), reply.done, ()
    tracks = _tracks(session, url, reply)
    session.playback.flush(reply.done, len(tracks))
    stop, at = yield from _first_segments(tracks, reply.done)
    if stop is Stop.STARTED:
        session.playback.begin(at)
    return stop, at, tracks


def play(track: Track, now: Seconds, *, to_first: bool = False) -> Journey:
    """Load playlists and segments as they are due; returns (Stop, when).

    With `to_first` it is STARTED once there is a segment to show. The one frame that lives while a
    watching viewer waits is this one.
    """
    while not (to_first and track.is_fed):
        act, due = upcoming(track, now)
        if due > now:
            now = yield Wait(due)
        stop, now = yield from act(track, now)
        if stop is not None:
            return stop, now
    return Stop.STARTED, now


def upcoming(track: Track, now: Seconds) -> tuple[Action, Seconds]:
    """What the track does next, and when: reload or take a segment, whichever is due first."""
    playlist = track.playlist
    act, due = reload, track.reload_at
    if playlist is not None:
        if track.is_offered:
            take_at = track.wanted_at(now)
            if take_at < due or playlist.ended:
                act, due = take, take_at
        elif playlist.ended:
            act, due = play_out, now
    return act, max(due, track.earliest)


def reload(track: Track, now: Seconds) -> Journey:
    """Load the media playlist (again)."""
    session = track.session
    track.spend(now)
    reply: Reply = yield Fetch(
        Step.PLAYLIST,
        track.url,
        session.profile.manners[Step.PLAYLIST].timeouts,
        headers=session.headers_for(track.url),
        attempt=track.failed_loads + 1,
        read=read_media_playlist,
    )
    if type(reply.value) is not Media:  # all but the usual case: a redirect or a failure
        reply = yield from _resolved(session, reply)
        if reply.outcome is not _OK:
            return (yield from _failed(track, reply))
    session.last_answer = _OK
    done = reply.done
    track.loaded(reply.value, now, done)
    if not track.is_offered:  # else the segment that follows brings the account up to date
        session.settle(done)
    return None, done


def take(track: Track, now: Seconds) -> Journey:
    """Get the next segment, or first what it needs: a rendition's playlist, its init section."""
    playlist = track.playlist
    segment = playlist.segment(track.next) if playlist else None
    if segment is None or track.switches(now):
        return None, now
    if segment.gap:
        track.miss()
        return None, now
    needs_section = segment.section is not None and segment.section != track.section
    track.spend(now)
    session = track.session
    reply: Reply = yield (_section if needs_section else _segment)(track, segment)
    if reply.outcome is not _OK or is_redirect(reply):
        reply = yield from _resolved(session, reply)
        if reply.outcome is not _OK:
            return (yield from _failed(track, reply))
    session.last_answer = _OK
    if needs_section:
        track.initialized(segment)
    else:
        track.took(segment, reply)
        session.settle(reply.done)
    return None, reply.done


def play_out(track: Track, now: Seconds) -> Journey:
    """Nothing more will come: wait until what there is has been shown."""
    level = track.session.playback.level(now, track.number)
    if level <= 0 or not track.is_fed:
        return (Stop.ENDED if track.is_fed else Stop.FAILED), now
    # while the other track is missing the level does not sink: look again, but not in a hurry
    now = yield Wait(now + max(level, 0.1))
    return None, now


def _section(track: Track, segment: Segment) -> Fetch:
    section = segment.section
    assert section is not None  # noqa: S101 - the caller asked
    session = track.session
    return Fetch(
        Step.INIT,
        section.url,
        session.profile.manners[Step.INIT].timeouts,
        headers=session.headers_for(section.url),
        keep=False,
        span=section.span,
        attempt=track.failed_takes + 1,
        read=_read_something,
    )


def _segment(track: Track, segment: Segment) -> Fetch:
    session = track.session
    return Fetch(
        Step.SEGMENT,
        segment.url,
        session.profile.manners[Step.SEGMENT].timeouts,
        headers=session.headers_for(segment.url),
        keep=False,
        span=_part(segment.span, session.viewing.segment_bytes),
        attempt=track.failed_takes + 1,
        read=_read_something,
    )


def _part(span: tuple[int, int] | None, most: float | None) -> tuple[int, int] | None:
    """The byte range to ask for: no more than `most` bytes of what the playlist says."""
    if most is None:
        return span
    first, last = span or (0, inf)
    return first, int(min(last, first + max(1, most) - 1))


def _read_something(reply: Reply) -> Outcome:
    return _OK if reply.size else Outcome.GARBAGE


def _resolved(session: Session, reply: Reply) -> Journey:
    """What became of a request not simply answered: redirects followed, failures remembered."""
    session.heard(reply)
    return (yield from follow(session, reply))


def _failed(track: Track, reply: Reply) -> Journey:
    """Renew the token, wait and repeat, or give up: returns as an Action does."""
    session, now = track.session, reply.done
    if reply.status == UNAUTHORIZED and not track.is_renewed:
        track.is_renewed = True
        renewed, now = yield from renew(session, reply.fetch.headers, now)
        if renewed:
            track.repeat(reply.fetch.step, now)
            return None, now
    told = told_to_wait(session, reply)
    wait = (
        wait_before(session, reply, track.failures(reply.fetch.step) + 1) if told is None else told
    )
    if wait is None:
        return stop_after(reply), now
    track.repeat(reply.fetch.step, now + wait, counts=told is None)
    session.settle(now)
    return None, now


def _first_segments(tracks: Sequence[Track], now: Seconds) -> Journey:
    """Bring every track to its first segment. Returns (Stop, when)."""
    if len(tracks) == 1:
        return (yield from play(tracks[0], now, to_first=True))
    results = yield Together(*(play(track, now, to_first=True) for track in tracks))
    at = max(at for _, at in results)
    stops = [stop for stop, _ in results if stop is not Stop.STARTED]
    return (stops[0] if stops else Stop.STARTED), at


def _tracks(session: Session, url: str, reply: Reply) -> tuple[Track, ...]:
    """The tracks to play of the playlist just read: one, or two where audio is separate."""
    found: Master | Media = reply.value
    if isinstance(found, Media):
        track = Track(session, 0, url)
        # it was loaded as the last hop's request was due: near enough to when the load began
        track.loaded(found, reply.due, reply.done)
        return (track,)
    profile = session.profile
    rungs = ladder(found.variants, session.arrival.device.bit_rate_cap)
    rung = len(rungs) - 1
    if profile.adaptation is not None and session.viewing.segment_bytes is None:
        rung = first_rung(rungs, profile.default_estimate, profile.adaptation)
    video = Track(session, 0, rungs[rung].url, rungs, rung)
    audio = found.audio_of(rungs[rung])
    return (video,) if audio is None else (video, Track(session, 1, audio))
