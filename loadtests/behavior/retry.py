"""One request with its redirects, and a request repeated as the player's profile says."""

from collections.abc import Callable

from loadtests.behavior.judge import is_redirect
from loadtests.behavior.session import Session
from loadtests.behavior.steps import Fetch, Journey, Reply, Wait
from loadtests.units import Seconds
from loadtests.url import split
from loadtests.vocabulary import Outcome

_SEE_OTHER = 303

Anew = Callable[[int, Seconds], Fetch]
"""Writes a request once more: which attempt it is, and when it is due."""


def ask(session: Session, fetch: Fetch) -> Journey:
    """One request and its redirects, each hop a request. Returns the last hop's Reply."""
    reply: Reply = yield fetch
    session.heard(reply)
    return (yield from follow(session, reply)) if is_redirect(reply) else reply


def follow(session: Session, reply: Reply) -> Journey:
    """The redirect in `reply`, and those it leads to. Returns the last hop's Reply."""
    while is_redirect(reply):
        reply = yield _redirected(session, reply)
        session.heard(reply)
    return reply


def persist(session: Session, fetch: Fetch, anew: Anew | None = None) -> Journey:
    """A request repeated as the profile says, come back to when told. Returns the last Reply.

    What is repeated is the same request, or the one written `anew`.
    """
    failed = 0
    while True:
        reply: Reply = yield from ask(session, fetch)
        if reply.outcome is Outcome.OK:
            return reply
        told = told_to_wait(session, reply)
        if told is None:
            failed += 1
            told = wait_before(session, reply, failed)
        if told is None:
            return reply
        at: Seconds = yield Wait(reply.done + told)
        # whoever was told to come back and does has not tried in vain: that is no further attempt
        fetch = fetch.again(failed + 1) if anew is None else anew(failed + 1, at)


def overheard(journey: Journey, hear: Callable[[Reply], None]) -> Journey:
    """The same journey; `hear` is told every reply it is sent. For journeys of one request a time.

    What a device repeats by itself, its owner sees all the same.
    """
    answer: Reply | Seconds | None = None
    while True:
        try:
            step = journey.send(answer)
        except StopIteration as end:
            return end.value
        answer = yield step
        if isinstance(answer, Reply):
            hear(answer)


def told_to_wait(session: Session, reply: Reply) -> Seconds | None:
    """Seconds the target asked to wait, if it did and this device heeds it at this step."""
    if reply.outcome is Outcome.QUEUED and session.profile.heeds(reply.fetch.step):
        return float(reply.value)
    return None


def wait_before(session: Session, reply: Reply, failed: int) -> Seconds | None:
    """Seconds until the player repeats what failed for the `failed`th time; None: it gives up."""
    if reply.outcome is Outcome.POLICY:
        return None
    return session.profile.manners[reply.fetch.step].retry(failed, reply, session.chance)


def _redirected(session: Session, reply: Reply) -> Fetch:
    """The request the redirect in `reply` asks for (RFC 9110, 15.4)."""
    fetch, url = reply.fetch, str(reply.value)
    hop = fetch.again(fetch.attempt, _headers_for(session, url, fetch))
    hop.url = url
    hop.trail = (*fetch.trail, fetch.url)
    if reply.status == _SEE_OTHER or (reply.status in {301, 302} and fetch.method == "POST"):
        hop.method, hop.body = "GET", b""
    return hop


def _headers_for(session: Session, url: str, fetch: Fetch) -> bytes:
    """The headers a redirect to `url` may carry: no token is shown to a host it is not for."""
    language = session.target.language
    here, there = split(fetch.url), split(url)
    is_home = (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port)
    if is_home or language.shows(url):
        return fetch.headers
    return b"".join(
        line
        for line in fetch.headers.splitlines(keepends=True)
        if line.partition(b":")[0].decode("latin-1").lower() not in language.private
    )
