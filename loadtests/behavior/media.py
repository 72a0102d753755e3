"""Live HLS as a player plays it: one loop per track, always doing whatever is due first."""

from collections.abc import Callable, Sequence
from math import inf

from loadtests.behavior.access import renew
from loadtests.behavior.bandwidth import first_rung, ladder
from loadtests.behavior.judge import UNAUTHORIZED
from loadtests.behavior.playlist import Master, Media
from loadtests.behavior.playlist_parser import read_media_playlist, read_playlist
from loadtests.behavior.retry import follow, persist, told_to_wait, wait_before
from loadtests.behavior.session import Session, Stop, stop_after
from loadtests.behavior.steps import Fetch, Journey, Reply, Together, Wait
from loadtests.behavior.track import Track
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step

Action = Callable[[Track, Seconds], Fetch | Wait | Stop | None]
"""Begins something at a moment: what to ask the world for, or why the track is over, if at all."""

_OK, _PLAYLIST, _SEGMENT = Outcome.OK, Step.PLAYLIST, Step.SEGMENT


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
    watching viewer waits is this one: nothing it holds then is the viewer's own.
    """
    while not (to_first and track.is_fed):
        act, due = upcoming(track, now)
        if due > now:
            now = yield Wait(due)
        began, step = now, act(track, now)
        if type(step) is Fetch:
            reply: Reply = yield step
            now = reply.done
            if reply.outcome is not _OK or type(reply.value) is str:
                reply = yield from _resolved(track.session, reply)
                now = reply.done
            if reply.outcome is _OK:
                _heard(track, step, reply, began)
            else:
                stop, now = yield from _failed(track, reply)
                if stop is not None:
                    return stop, now
            del reply
        elif type(step) is Wait:
            now = yield step
        elif step is not None:
            return step, now
        del step
    return Stop.STARTED, now


def upcoming(track: Track, now: Seconds) -> tuple[Action, Seconds]:
    """What the track does next, and when: reload or take a segment, whichever is due first."""
    playlist = track.playlist
    act: Action = reload
    due = track.reload_at
    if playlist is not None:
        if playlist.sequence <= track.next < playlist.next_sequence:
            take_at = track.wanted_at(now)
            if take_at < due or playlist.ended:
                act, due = take, take_at
        elif playlist.ended:
            act, due = play_out, now
    earliest = track.earliest
    return act, due if due > earliest else earliest  # noqa: FURB136 - a call, for every request


def reload(track: Track, now: Seconds) -> Fetch:
    """Load the media playlist (again)."""
    session = track.session
    track.spend(now)
    return Fetch(
        _PLAYLIST,
        track.url,
        session.profile.manners[_PLAYLIST].timeouts,
        headers=session.headers_for(track.url),
        attempt=track.failed_loads + 1,
        read=read_media_playlist,
    )


def take(track: Track, now: Seconds) -> Fetch | None:
    """Get the next segment, or first what it needs: a rendition's playlist, its init section."""
    playlist = track.playlist
    segment = playlist.segment(track.next) if playlist else None
    if segment is None or track.switches(now):
        return None
    if segment.gap:
        track.miss()
        return None
    track.spend(now)
    section = segment.section
    if section is track.section or section is None or section == track.section:
        return _part(track, _SEGMENT, segment.url, segment.span)
    return _part(track, Step.INIT, section.url, section.span)


def play_out(track: Track, now: Seconds) -> Wait | Stop:
    """Nothing more will come: wait until what there is has been shown."""
    level = track.session.playback.level(now, track.number)
    if level <= 0 or not track.is_fed:
        return Stop.ENDED if track.is_fed else Stop.FAILED
    # while the other track is missing the level does not sink: look again, but not in a hurry
    return Wait(now + max(level, 0.1))


def _heard(track: Track, asked: Fetch, reply: Reply, began: Seconds) -> None:
    """What was asked for is here; its load began at `began`."""
    session, done, step = track.session, reply.done, asked.step
    session.last_answer = _OK
    if step is _PLAYLIST:
        track.loaded(reply.value, began, done)
        if not track.is_offered:  # else the segment that follows brings the account up to date
            session.settle(done)
    elif step is _SEGMENT:
        track.took(reply)
        session.settle(done)
    else:
        track.initialized()


def _part(track: Track, step: Step, url: str, span: tuple[int, int] | None) -> Fetch:
    """An init section, or no more of a segment than viewers of this scenario load."""
    session = track.session
    if step is _SEGMENT and session.viewing.segment_bytes is not None:
        span = _beginning(span, session.viewing.segment_bytes)
    return Fetch(
        step,
        url,
        session.profile.manners[step].timeouts,
        headers=session.headers_for(url),
        keep=False,
        span=span,
        attempt=track.failed_takes + 1,
        read=_read_something,
    )


def _beginning(span: tuple[int, int] | None, most: float) -> tuple[int, int]:
    """The byte range to ask for: no more than `most` bytes of what the playlist says."""
    first, last = span or (0, inf)
    return first, int(min(last, first + max(1, most) - 1))


def _read_something(reply: Reply) -> Outcome:
    return _OK if reply.size else Outcome.GARBAGE


def _resolved(session: Session, reply: Reply) -> Journey:
    """What became of a request not simply answered: redirects followed, failures remembered."""
    session.heard(reply)
    return (yield from follow(session, reply))


def _failed(track: Track, reply: Reply) -> Journey:
    """Renew the token, wait and repeat, or give up. Returns (Stop, when), or (None, now)."""
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
