"""Tokens: got by signing in or refreshing, renewed when they expire while watching."""

from loadtests.behavior import dialect
from loadtests.behavior.judge import UNAUTHORIZED
from loadtests.behavior.retry import persist
from loadtests.behavior.session import Session
from loadtests.behavior.steps import Journey, Reply, Wait
from loadtests.units import Seconds

MEANWHILE: Seconds = 1.0
"""How long one part of a player waits for another that is renewing the token already. [A]"""


def gain_access(session: Session) -> Journey:
    """Sign in, or refresh what token there is. Returns the last Reply.

    A refresh token that is no good (401) means signing in after all.
    """
    must_sign_in = session.arrival.signs_in and session.refresh_token is None
    if not must_sign_in:
        reply: Reply = yield from persist(session, dialect.refresh(session))
        if reply.status != UNAUTHORIZED:
            return _kept(session, reply)
    reply = yield from persist(session, dialect.sign_in(session))
    return _kept(session, reply)


def renew(session: Session, refused: bytes, now: Seconds) -> Journey:
    """Replace a token that was `refused`, as it stood in the headers.

    Returns (whether there is another, when). Tracks and heartbeats of one viewer share the token:
    whoever is first renews it for all.
    """
    if session.target.is_bare:
        return False, now
    if session.headers == refused and not session.is_renewing:
        session.is_renewing = True
        try:
            reply: Reply = yield from gain_access(session)
        finally:
            session.is_renewing = False
        return reply.ok, reply.done
    while session.is_renewing:
        now = yield Wait(now + MEANWHILE)
    return session.headers != refused, now


def _kept(session: Session, reply: Reply) -> Reply:
    if reply.ok:
        dialect.keep_tokens(session, reply.value)
    return reply
