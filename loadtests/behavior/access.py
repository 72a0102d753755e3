"""Tokens: got by signing in, signing up or refreshing, renewed when they are not good any more."""

from collections.abc import Mapping

from loadtests.behavior.credentials import REFRESH_TOKEN
from loadtests.behavior.judge import UNAUTHORIZED
from loadtests.behavior.language import NOTHING
from loadtests.behavior.session import Session
from loadtests.behavior.speech import has, perform
from loadtests.behavior.steps import Journey, Reply, Wait
from loadtests.units import Seconds
from loadtests.vocabulary import Fact, Outcome, Step

MEANWHILE: Seconds = 1.0
"""How long one part of a player waits for another that is renewing the token already. [A]"""


def gain_access(session: Session, now: Seconds) -> Journey:
    """Sign in, or refresh what token there is. Returns the last Reply.

    A refresh token that is no good means signing in after all, and is not tried again.
    """
    if _can_refresh(session):
        reply: Reply = yield from perform(session, Step.REFRESH, now)
        if reply.outcome is not Outcome.DENIED:
            return reply
        now = reply.done
        session.keep(REFRESH_TOKEN, "")
        session.note(Fact.SIGNED_IN_AGAIN, now)
    return (yield from perform(session, Step.SIGN_IN, now))


def sign_up(session: Session, now: Seconds) -> Journey:
    """A new account, which is signed in at once. Returns the last Reply."""
    reply: Reply = yield from perform(session, Step.SIGN_UP, now)
    if reply.ok:
        session.note_once(Fact.SIGNED_UP, reply.done)
    return reply


def renew(session: Session, refused: bytes, now: Seconds) -> Journey:
    """Replace a token that was `refused`, as it stood in the headers.

    Returns (whether there is another, when). Tracks and heartbeats of one viewer share the token:
    whoever is first renews it for all.
    """
    if not (has(session, Step.SIGN_IN) or has(session, Step.REFRESH)):
        return False, now
    if session.headers == refused and not session.is_renewing:
        session.is_renewing = True
        if not _can_refresh(session) and REFRESH_TOKEN not in (session.kept or ()):
            session.note(Fact.SIGNED_IN_AGAIN, now)  # there never was anything but the password
        try:
            reply: Reply = yield from gain_access(session, now)
        finally:
            session.is_renewing = False
        return reply.ok, reply.done
    while session.is_renewing:
        now = yield Wait(now + MEANWHILE)
    return session.headers != refused, now


def perform_signed_in(
    session: Session, step: Step, now: Seconds, said: Mapping[str, str] = NOTHING
) -> Journey:
    """`perform`, and once more with another token if the one there is has expired."""
    token = session.headers
    reply: Reply = yield from perform(session, step, now, said)
    if reply.status != UNAUTHORIZED:
        return reply
    renewed, now = yield from renew(session, token, reply.done)
    return (yield from perform(session, step, now, said)) if renewed else reply


def _can_refresh(session: Session) -> bool:
    """Whether there is a refresh token: of an answer, or from another day."""
    if not has(session, Step.REFRESH):
        return False
    if session.kept is not None and REFRESH_TOKEN in session.kept:
        return session.kept[REFRESH_TOKEN] != ""
    held = session.target.credentials.of(session.arrival.index)
    return not session.arrival.signs_in and REFRESH_TOKEN in held
