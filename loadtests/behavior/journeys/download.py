"""A title to watch offline: its license, the clock from its first viewing on, its renewals."""

from loadtests.behavior.access import perform_signed_in
from loadtests.behavior.journeys.errand import begin, end
from loadtests.behavior.journeys.patience import insist
from loadtests.behavior.journeys.support import complain
from loadtests.behavior.journeys.titles import title
from loadtests.behavior.journeys.watch import go_through
from loadtests.behavior.session import Session, Stop, stop_after
from loadtests.behavior.speech import has
from loadtests.behavior.steps import Journey, Reply, Wait
from loadtests.stack.policies import DownloadRules
from loadtests.units import Seconds
from loadtests.vocabulary import Fact, Outcome, Step

LIMIT_REACHED = "download_limit_reached"
"""The code of a refusal because this title has been renewed often enough."""

_ON_THE_WAY = frozenset({Step.SIGN_IN, Step.CATALOG, Step.ENTITLEMENT})
_GRANTED = (Fact.FIRST_RENEWAL_GRANTED, Fact.LATER_RENEWAL_GRANTED)
_REFUSED = (Fact.FIRST_RENEWAL_REFUSED, Fact.LATER_RENEWAL_REFUSED)


def download(session: Session) -> Journey:
    """Download a title, and renew its license as often as it expires unfinished."""
    copy = _Copy(session)
    stop, now = yield from begin(session, copy.get)
    yield from end(session, stop, now)
    if stop is Stop.DONE and has(session, Step.DOWNLOAD):
        session.note(Fact.DOWNLOADED, now)
        yield from copy.use(now)


class _Copy:
    """One title on one device: what its owner knows of it."""

    __slots__ = ("_is_renewed", "_session", "_title")

    def __init__(self, session: Session) -> None:
        habits = session.scenario.downloads
        self._session = session
        self._title = title(session.chance.uniform(), habits.titles, habits.popularity)
        self._is_renewed = False

    def get(self, session: Session, now: Seconds) -> Journey:
        """Sign in, look at the catalog, ask whether one may, as the device does; then the license.

        Returns as a Deed does.
        """
        steps = (step for step in session.arrival.device.join if step in _ON_THE_WAY)
        stop, now = yield from go_through(session, steps, now)
        if stop is not Stop.DONE:
            return stop, now, ()
        said = {"title": self._title}
        reply: Reply = yield from perform_signed_in(session, Step.DOWNLOAD, now, said)
        self._be_warned(reply)
        return stop_after(reply), reply.done, ()

    def use(self, now: Seconds) -> Journey:
        """Watch it some time; if the license expires before the end, renew it, and so on."""
        session = self._session
        habits, speed = session.scenario.downloads, session.scenario.speed
        stop = Stop.DONE
        while stop is Stop.DONE:
            now = yield Wait(now + session.chance.exponential(habits.first_play) / speed)
            if session.chance.uniform() >= habits.unfinished:
                return
            now = yield Wait(now + _license_life(session) / speed)
            session.note(Fact.EXPIRED, now)
            if session.chance.uniform() >= habits.renew or not has(session, Step.RENEWAL):
                return
            stop, now, _ = yield from insist(session, self._renew, now)
        yield from complain(session, stop, now)

    def _renew(self, session: Session, now: Seconds) -> Journey:
        said = {"title": self._title}
        reply: Reply = yield from perform_signed_in(session, Step.RENEWAL, now, said)
        if reply.ok:
            session.note(_GRANTED[self._is_renewed], reply.done)
            self._is_renewed = True
        elif reply.outcome is Outcome.POLICY and reply.value == LIMIT_REACHED:
            session.note(_REFUSED[self._is_renewed], reply.done)
        self._be_warned(reply)
        return stop_after(reply), reply.done, ()

    def _be_warned(self, reply: Reply) -> None:
        if reply.ok and self._session.held("renewals_left") == "0":
            self._session.note(Fact.WARNED, reply.done)


def _license_life(session: Session) -> Seconds:
    """Event time from the first viewing of an unfinished title until its license expires."""
    stack = session.scenario.stack
    return (DownloadRules() if stack is None else stack.downloads).license_life
