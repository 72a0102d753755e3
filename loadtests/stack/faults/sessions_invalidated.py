"""Every session is forgotten at once: everybody signs in again."""

from dataclasses import dataclass, field

from loadtests.binding import about
from loadtests.stack.accounts import access_token, read_access
from loadtests.stack.exchange import Answer, Request, Stated, refusal
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site
from loadtests.stack.faults.whom import Whom
from loadtests.stack.memory import Memory
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsInvalidated:
    """Tokens given out before are not good any more, refresh tokens included."""

    at: Offset = field(metadata=about("when", clock="event"))
    whom: Whom = field(default=Whom(), metadata=about("whose"))


_SIGNING_IN = frozenset({Step.SIGN_IN, Step.SIGN_UP})


def sessions_invalidated(plan: SessionsInvalidated, site: Site) -> Hinder:
    """401 for every token of before, until its account has signed in again."""
    fresh: Memory[str, bool] = Memory()  # accounts that have

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        since = site.clock.moment(plan.at)
        if asked.step in _SIGNING_IN:
            answer = proceed(asked, now)
            if answer.outcome is Stated.OK and answer.account and answer.at >= since:
                fresh.keep(answer.account, True)
            return answer
        if now < since or not plan.whom.includes(asked.device):
            return proceed(asked, now)
        if asked.step is Step.REFRESH:
            answer = proceed(asked, now)
            return answer if fresh.get(answer.account or "") else _expired(answer)
        if _is_good(asked.request.token, fresh, since + site.token_life):
            return proceed(asked, now)
        # the stack itself says what comes of a token that has run out; a heartbeat shows none
        answer = proceed(_run_out(asked), now)
        return _expired(answer) if asked.step is Step.HEARTBEAT else answer

    return hinder


def _is_good(token: str | None, fresh: Memory[str, bool], first_expiry: Seconds) -> bool:
    """Whether there is no token, or one given out since: it says its expiry in whole seconds."""
    access = read_access(token) if token else None
    return access is None or (
        access.expiry >= int(first_expiry) and fresh.get(access.account) is True
    )


def _run_out(asked: Asked) -> Asked:
    request = asked.request
    stale = Request(
        request.method,
        request.target,
        token=access_token(asked.account or "", 0.0),
        body=request.body,
        span=request.span,
        device=request.device,
    )
    return asked._replace(request=stale)


def _expired(answer: Answer) -> Answer:
    """The refusal in an answer's place, unless it is one already."""
    if answer.outcome is not Stated.OK:
        return answer
    return refusal(answer.at, Stated.EXPIRED, step=answer.step, account=answer.account)
