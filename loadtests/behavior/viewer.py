"""A viewer's whole way: turning up, first frame, watching, coming back after errors, leaving."""

from math import inf

from loadtests.audience.arrivals import Arrival
from loadtests.behavior import dialect
from loadtests.behavior.access import gain_access, renew
from loadtests.behavior.judge import UNAUTHORIZED
from loadtests.behavior.media import play, stop_after, tune_in
from loadtests.behavior.retry import ask, persist
from loadtests.behavior.session import Observer, Session, Stop
from loadtests.behavior.steps import Journey, Race, Reply, RunOver, Wait
from loadtests.behavior.target import Target
from loadtests.behavior.track import Track
from loadtests.scenario.model import Scenario
from loadtests.units import Seconds

SHORTEST_BEAT: Seconds = 1.0
"""However a scenario errs, heartbeats are at least this far apart."""


def visit(
    arrival: Arrival, scenario: Scenario, target: Target, start: Seconds, observer: Observer
) -> Journey:
    """The whole journey of one viewer; `start` is the epoch second arrivals count from.

    The observer is told one end, by this rule, which an access log and the list of arrivals
    suffice to redo:

    - *in time* or *started late*: the init section and the first segment of every track were
      answered whole. The last of them is the first frame; it is in time up to `start_limit` after
      the arrival.
    - *refused*: a step was refused by policy. Final.
    - *never started*: a step failed, was not or no longer repeated by the player, and the person
      has started the app again as often as people do.
    - Patience (or the stay) ran out before any of these: *left waiting* if the last request of
      this viewer that was answered whole was answered well or sent the viewer to wait, or if none
      was answered at all; *never started* if it had failed. Requests that got no whole answer
      (refused, reset, timed out, called off) do not count here.

    At the end of the run (`RunOver`) what was watched and stalled so far is told.
    """
    session = Session(arrival, scenario, target, start, observer)
    try:
        stop, now, tracks = yield from _before(session.gives_up_at, _start_app(session))
        session.decide(stop, now)
        if stop is not Stop.STARTED:
            return
        while stop is Stop.STARTED:
            stop, now = yield from _watch(session, tracks, now)
            tracks = ()
            if stop is Stop.FAILED:
                stop, now, tracks = yield from _before(
                    session.leaves_at, _restart_app(session, now)
                )
        session.leave(now)
        if session.id:
            yield from ask(session, dialect.leave(session))
    except RunOver as over:
        session.conclude(over.at)


def _before(deadline: Seconds, journey: Journey) -> Journey:
    """`journey`'s result, (Stop, when, tracks), or leaving at `deadline` if that comes first."""
    if deadline == inf:  # no timer waits for what never comes
        return (yield from journey)
    _, result = yield Race(journey, _leave(deadline))
    return result


def _leave(at: Seconds) -> Journey:
    yield Wait(at)
    return Stop.LEFT, at, ()


def _start_app(session: Session) -> Journey:
    """Start the app and, after errors, start it again. Returns (Stop, when, tracks)."""
    stop, now, tracks = yield from _join(session)
    if stop is Stop.FAILED:
        return (yield from _restart_app(session, now))
    return stop, now, tracks


def _restart_app(session: Session, now: Seconds) -> Journey:
    """What a person does after an error: start again, some times. Returns (Stop, when, tracks)."""
    for _ in range(session.arrival.device.human_retry.times):
        now = yield Wait(now + session.pause())
        session.playback.flush(now, 1)
        stop, now, tracks = yield from _join(session)
        if stop is not Stop.FAILED:
            return stop, now, tracks
    return Stop.FAILED, now, ()


def _join(session: Session) -> Journey:
    """All steps to the first frame. Returns (Stop, when, tracks)."""
    if session.target.is_bare:
        return (yield from tune_in(session, session.target.url))
    reply: Reply = yield from persist(session, dialect.home(session))
    if reply.ok:
        reply = yield from gain_access(session)
    if reply.ok:
        reply = yield from persist(session, dialect.entitlement(session))
    if reply.ok:
        reply = yield from persist(session, dialect.playback_session(session))
    if not reply.ok:
        return stop_after(reply), reply.done, ()
    session.id, master = reply.value
    reply = yield from persist(session, dialect.license_(session))
    if not reply.ok:
        return stop_after(reply), reply.done, ()
    return (yield from tune_in(session, master))


def _watch(session: Session, tracks: tuple[Track, ...], now: Seconds) -> Journey:
    """Play until the stay is over, the stream ends or an error is shown. Returns (Stop, when).

    Tracks race: the first that ends or fails ends them all.
    """
    going_on = [play(track, now) for track in tracks]
    if session.id:
        going_on.append(_beat(session, now))
    if session.leaves_at != inf:
        going_on.append(_leave(session.leaves_at))
    _, (stop, at, *_) = yield Race(*going_on)
    return stop, at


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
            reply: Reply = yield from ask(session, dialect.heartbeat(session))
            now = reply.done
            if reply.status == UNAUTHORIZED:
                _, now = yield from renew(session, token, now)
            del reply  # it would outlive the wait, in every watching viewer
