"""Account pages: look, read, perhaps cancel."""

from loadtests.behavior.access import perform_signed_in
from loadtests.behavior.journeys.errand import begin, end, read_on
from loadtests.behavior.journeys.watch import go_through
from loadtests.behavior.session import Session, Stop, stop_after
from loadtests.behavior.speech import has
from loadtests.behavior.steps import Journey, Reply
from loadtests.units import Seconds
from loadtests.vocabulary import Fact, Step


def account(session: Session) -> Journey:
    """Sign in, read some pages and, for some, cancel."""
    habits = session.scenario.account_pages
    cancels = session.chance.uniform() < habits.cancel and has(session, Step.CANCEL)
    stop, now = yield from begin(session, _open)
    if stop is Stop.DONE:
        stop, now = yield from read_on(
            session, _look, now, pages=habits.pages - 1, pause=habits.reading
        )
    if stop is Stop.DONE and cancels:
        stop, now = yield from read_on(session, _cancel, now, pages=1, pause=habits.reading)
    yield from end(session, stop, now)


def _open(session: Session, now: Seconds) -> Journey:
    """The first page, signed in."""
    ways_in = (step for step in session.arrival.device.join if step is Step.SIGN_IN)
    stop, now = yield from go_through(session, ways_in, now)
    return (yield from _look(session, now)) if stop is Stop.DONE else (stop, now, ())


def _look(session: Session, now: Seconds) -> Journey:
    reply: Reply = yield from perform_signed_in(session, Step.ACCOUNT, now)
    return stop_after(reply), reply.done, ()


def _cancel(session: Session, now: Seconds) -> Journey:
    reply: Reply = yield from perform_signed_in(session, Step.CANCEL, now)
    if reply.ok:
        session.note(Fact.CANCELED, reply.done)
    return stop_after(reply), reply.done, ()
