"""The support desk: called on purpose, or by those the evening failed."""

from loadtests.behavior.session import Session, Stop, stop_after
from loadtests.behavior.speech import has, perform
from loadtests.behavior.steps import Journey, Reply, Wait
from loadtests.units import Seconds
from loadtests.vocabulary import Fact, Outcome, Step

MOST_CALLS = 20
"""However likely a redial, nobody calls more often. [A]"""

_BY = {"message": Fact.CALL_INFORMED, "nobody": Fact.CALL_ABANDONED}  # else: an agent
_ENGAGED = frozenset({Outcome.OVERLOAD, Outcome.QUEUED})


def support(session: Session) -> Journey:
    """Call the support desk: an errand, whose patience is that of a caller."""
    stop, now = yield from call(session, session.born)
    session.decide(stop, now)


def complain(session: Session, stop: Stop, now: Seconds) -> Journey:
    """Call about how it ended (`stop`), as some people do after a while."""
    calls = session.scenario.calls
    share = calls.after_refusal if stop is Stop.REFUSED else calls.after_failure
    if not has(session, Step.SUPPORT) or session.chance.uniform() >= share:
        return
    now = yield Wait(now + session.chance.exponential(calls.after))
    yield from call(session, now)


def call(session: Session, now: Seconds) -> Journey:
    """Call, and call again as people do, until somebody has helped. Returns (Stop, when).

    A telephone does not redial by itself: each call is one request, however it ends.
    """
    calls = session.scenario.calls
    if not has(session, Step.SUPPORT):
        return Stop.DONE, now
    for number in range(1, MOST_CALLS + 1):
        session.note(Fact.CALLED, now)
        if number > 1:
            session.note(Fact.REDIALED, now)
        reply: Reply = yield from perform(
            session, Step.SUPPORT, now, {"patience": _patience(session)}, once=True
        )
        now, stop = reply.done, _hear(session, reply)
        if stop is not Stop.FAILED or session.chance.uniform() >= calls.redial:
            break
        if number < MOST_CALLS:
            now = yield Wait(now + session.chance.exponential(calls.redial_after))
    return stop, now


def _patience(session: Session) -> str:
    """Seconds this caller would wait for an agent; empty: for ever."""
    mean = session.scenario.calls.patience
    return "" if mean is None else f"{session.chance.exponential(mean):.3f}"


def _hear(session: Session, reply: Reply) -> Stop:
    """What the call came to."""
    if reply.outcome in _ENGAGED:
        session.note(Fact.CALL_BLOCKED, reply.done)
    if not reply.ok:
        return stop_after(reply)
    fact = _BY.get(session.held("by"), Fact.CALL_ANSWERED)
    session.note(fact, reply.done)
    return Stop.FAILED if fact is Fact.CALL_ABANDONED else Stop.DONE
