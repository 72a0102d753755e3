"""What all errands share: done in time or not, and told."""

from loadtests.behavior.journeys.patience import Deed, insist, patiently
from loadtests.behavior.journeys.support import complain
from loadtests.behavior.session import Session, Stop
from loadtests.behavior.steps import Journey, Wait
from loadtests.units import Seconds


def begin(session: Session, deed: Deed) -> Journey:
    """The first thing of an errand: for it people have patience. Returns (Stop, when)."""
    stop, now, _ = yield from patiently(session, insist(session, deed, session.born))
    return stop, now


def read_on(session: Session, page: Deed, now: Seconds, *, pages: int, pause: Seconds) -> Journey:
    """So many more `pages`, a `pause` (mean, exponential) before each. Returns (Stop, when)."""
    stop = Stop.DONE
    for _ in range(pages):
        now = yield Wait(now + session.chance.exponential(pause))
        stop, now, _ = yield from insist(session, page, now)
        if stop is not Stop.DONE:
            break
    return stop, now


def end(session: Session, stop: Stop, now: Seconds) -> Journey:
    """Tell how the errand ended; whom it failed may call the support desk."""
    session.decide(stop, now)
    if stop is not Stop.DONE:
        yield from complain(session, stop, now)
