"""What people do who have to wait, or are shown an error: give up, or try again."""

from collections.abc import Callable
from math import inf

from loadtests.behavior.session import Session, Stop
from loadtests.behavior.steps import Journey, Race, Wait
from loadtests.units import Seconds

Deed = Callable[[Session, Seconds], Journey]
"""Something done from a moment on; returns (Stop, when, what else there is to tell)."""


def before(deadline: Seconds, journey: Journey) -> Journey:
    """The result of `journey`, a deed's, or leaving at `deadline` if that comes first."""
    if deadline == inf:  # no timer waits for what never comes
        return (yield from journey)
    _, result = yield Race(journey, leave(deadline))
    return result


def patiently(session: Session, journey: Journey) -> Journey:
    """The result of `journey`, a deed's, or leaving when patience or the stay is over first."""
    if session.gives_up_at == inf:
        return (yield from journey)
    _, result = yield Race(journey, _lose_patience(session))
    return result


def _lose_patience(session: Session) -> Journey:
    now = -inf
    while now < session.gives_up_at:  # it may have been put off meanwhile
        now = yield Wait(session.gives_up_at)
    return Stop.LEFT, now, ()


def leave(at: Seconds) -> Journey:
    """Go at that moment, as a deed that is nothing else."""
    yield Wait(at)
    return Stop.LEFT, at, ()


def insist(session: Session, deed: Deed, now: Seconds) -> Journey:
    """Do it and, after errors, do it again; returns what it returned last."""
    result = yield from deed(session, now)
    return (yield from again(session, deed, result[1])) if result[0] is Stop.FAILED else result


def again(session: Session, deed: Deed, now: Seconds) -> Journey:
    """What a person does after an error: the same again, some times. Returns as `deed` does."""
    for _ in range(session.arrival.device.human_retry.times):
        now = yield Wait(now + session.pause())
        result = yield from deed(session, now)
        if result[0] is not Stop.FAILED:
            return result
        now = result[1]
    return Stop.FAILED, now, ()
