"""The public web site: is it me, or is it them?"""

from loadtests.behavior.journeys.errand import begin, end, read_on
from loadtests.behavior.session import Session, Stop, stop_after
from loadtests.behavior.speech import perform
from loadtests.behavior.steps import Journey, Reply
from loadtests.units import Seconds
from loadtests.vocabulary import Step

MOST_PAGES = 3
"""From one page to so many, evenly: who asks whether a service is down does not read long. [A]"""

READING: Seconds = 5.0
"""Between pages, on average, on the client's clock. [A]"""


def website(session: Session) -> Journey:
    """Look at a page or a few."""
    more = int(session.chance.between(0, MOST_PAGES))
    stop, now = yield from begin(session, _look)
    if stop is Stop.DONE:
        stop, now = yield from read_on(session, _look, now, pages=more, pause=READING)
    yield from end(session, stop, now)


def _look(session: Session, now: Seconds) -> Journey:
    reply: Reply = yield from perform(session, Step.WEBSITE, now)
    return stop_after(reply), reply.done, ()
