"""What people do whose device is refused for being outside the household the account is of."""

from loadtests.behavior.access import sign_up
from loadtests.behavior.session import Session
from loadtests.behavior.speech import has, perform
from loadtests.behavior.steps import Journey, Reply, Wait
from loadtests.chance import Chance
from loadtests.units import Seconds
from loadtests.vocabulary import Fact, Outcome, Step

NOT_IN_HOUSEHOLD = "not_in_household"
"""The code of that refusal."""

_CHOICES = 1  # of the viewer's chance: a sequence of its own, so that a person's choice stays


def ask_entitlement(session: Session, now: Seconds) -> Journey:
    """Ask whether this account may watch here; returns the last Reply.

    Whoever is refused for being outside the household proves to be of it, takes a subscription of
    their own, or leaves it at that, as `refusals` and their own chance say; the first two ask
    again.
    """
    reply: Reply = yield from perform(session, Step.ENTITLEMENT, now)
    if reply.outcome is not Outcome.POLICY or reply.value != NOT_IN_HOUSEHOLD:
        return reply
    refusals = session.scenario.refusals
    rank = Chance(session.arrival.seed, _CHOICES).uniform()
    if rank < refusals.verify and has(session, Step.HOUSEHOLD):
        way = _verify(session, reply.done)
    elif refusals.verify <= rank < refusals.verify + refusals.sign_up and has(
        session, Step.SIGN_UP
    ):
        way = sign_up(session, reply.done)
    else:
        return reply
    reply = yield from way
    return (yield from perform(session, Step.ENTITLEMENT, reply.done)) if reply.ok else reply


def _verify(session: Session, now: Seconds) -> Journey:
    """Have a code sent, read it and enter it. Returns the last Reply."""
    reply: Reply = yield from perform(session, Step.HOUSEHOLD_CODE, now)
    if not reply.ok:
        return reply
    reading = session.scenario.refusals.code_after
    session.excused += reading  # nobody waits for the service meanwhile
    now = yield Wait(reply.done + reading)
    code = {"code": session.held("code")}
    reply = yield from perform(session, Step.HOUSEHOLD, now, code)
    if reply.ok:
        session.note(Fact.VERIFIED, reply.done)
    return reply
