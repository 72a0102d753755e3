"""Watching: to the first frame, as long as the stay is, back again after errors."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf

from loadtests.behavior.access import gain_access, renew, sign_up
from loadtests.behavior.journeys.box import register, start_box
from loadtests.behavior.journeys.household import ask_entitlement
from loadtests.behavior.journeys.patience import Deed, again, before, insist, leave, patiently
from loadtests.behavior.journeys.support import complain
from loadtests.behavior.judge import UNAUTHORIZED
from loadtests.behavior.media import play, tune_in
from loadtests.behavior.session import Session, Stop, stop_after
from loadtests.behavior.speech import has, master_url, perform
from loadtests.behavior.steps import Journey, Race, Reply, RunOver, Wait
from loadtests.behavior.track import Track
from loadtests.units import Seconds
from loadtests.vocabulary import Fact, Step

SHORTEST_BEAT: Seconds = 1.0
"""However a scenario errs, heartbeats are at least this far apart."""


def go_through(session: Session, steps: Iterable[Step], now: Seconds) -> Journey:
    """These steps of the way to the stream, one after the other. Returns (Stop, when)."""
    if session.target.is_bare:  # nothing of it is on the way to a bare stream
        return Stop.DONE, now
    for step in steps:
        reply: Reply = yield from _way(session, step, now)
        now = reply.done
        if not reply.ok:
            return stop_after(reply), now
    return Stop.DONE, now


def _way(session: Session, step: Step, now: Seconds) -> Journey:
    """How one step is taken. Returns the last Reply."""
    if step is Step.SIGN_UP and Fact.SIGNED_UP in session.noted:
        step = Step.SIGN_IN
    way = _WAYS.get(step)
    return perform(session, step, now) if way is None else way(session, now)


_WAYS: Mapping[Step, Callable[[Session, Seconds], Journey]] = {
    Step.BOOT: start_box,
    Step.REGISTER: register,
    Step.SIGN_UP: sign_up,
    Step.SIGN_IN: gain_access,
    Step.ENTITLEMENT: ask_entitlement,
}
"""Steps there is more to than a request."""


def join(session: Session, now: Seconds, steps: Iterable[Step] | None = None) -> Journey:
    """All `steps` (else the device's) to the first frame. Returns (Stop, when, tracks)."""
    session.playback.flush(now, 1)
    steps = session.arrival.device.join if steps is None else steps
    stop, now = yield from go_through(session, steps, now)
    if stop is not Stop.DONE:
        return stop, now, ()
    return (yield from tune_in(session, master_url(session)))


def watch(session: Session, joins: Deed = join) -> Journey:
    """Come, watch and leave; whoever is left without a picture may call the support desk.

    At the end of the run what was watched and stalled so far is told; who has a playback session
    then returns the journey that closes it, to be taken when that suits.
    """
    try:
        stop, now, tracks = yield from patiently(session, insist(session, joins, session.born))
        session.decide(stop, now)
        if stop is Stop.STARTED:
            while stop is Stop.STARTED:
                stop, now = yield from _stay(session, tracks, now)
                tracks = ()
                if stop is Stop.FAILED:
                    stop, now, tracks = yield from before(
                        session.leaves_at, again(session, joins, now)
                    )
            session.leave(now)
            now = yield from _say_goodbye(session, now)
            if stop in {Stop.LEFT, Stop.ENDED}:
                return None
        yield from complain(session, stop, now)
    except RunOver as over:
        session.conclude(over.at)
        if not session.is_gone and _is_admitted(session) and has(session, Step.LEAVE):
            return _say_goodbye(session, over.at)
    return None


def _stay(session: Session, tracks: tuple[Track, ...], now: Seconds) -> Journey:
    """Play until the stay is over, the stream ends or an error is shown. Returns (Stop, when).

    Tracks race: the first that ends or fails ends them all.
    """
    _, (stop, at, *_) = yield Race(*_what_goes_on(session, tracks, now))
    return stop, at


def _what_goes_on(session: Session, tracks: tuple[Track, ...], now: Seconds) -> Iterator[Journey]:
    for track in tracks:
        yield play(track, now)
    if _is_admitted(session) and has(session, Step.HEARTBEAT):
        yield _beat(session, now)
    if session.leaves_at != inf:
        yield leave(session.leaves_at)


def _is_admitted(session: Session) -> bool:
    """Whether the target has a playback session of this viewer, or does without."""
    return session.id != "" or not has(session, Step.SESSION)


def _say_goodbye(session: Session, now: Seconds) -> Journey:
    """Close the playback session, if there is one. Returns when that is done."""
    if not _is_admitted(session):
        return now
    reply: Reply = yield from perform(session, Step.LEAVE, now, once=True)
    return reply.done


def _beat(session: Session, now: Seconds) -> Journey:
    """Heartbeats at their interval from the first frame on, while the picture moves."""
    interval = max(session.viewing.heartbeat, SHORTEST_BEAT)
    due = now
    while True:
        while due <= now:
            due += interval
        now = yield Wait(due)
        if session.playback.is_playing(now):
            token = session.headers
            reply: Reply = yield from perform(session, Step.HEARTBEAT, now, once=True)
            now = reply.done
            if reply.status == UNAUTHORIZED:
                _, now = yield from renew(session, token, now)
            del reply, token  # they would outlive the wait, in every watching viewer
