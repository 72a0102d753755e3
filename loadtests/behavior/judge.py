"""What a complete answer means: status, headers and body to an `Outcome`, in every world."""

import json
from email.utils import parsedate_to_datetime
from typing import Any

from loadtests.behavior.steps import Reply
from loadtests.units import Seconds
from loadtests.url import resolve, split
from loadtests.vocabulary import Outcome

UNAUTHORIZED = 401
FORBIDDEN = 403

MAX_HOPS = 10
"""Redirects followed for one request; browsers stop at 20, no healthy stack needs three. [A]"""

RETRY_DEFAULT: Seconds = 5.0
"""When told to come back without being told when in words one understands. [A]"""

RETRY_LIMITS: tuple[Seconds, Seconds] = (1.0, 600.0)
"""However a waiting room errs, nobody comes back sooner (a flood) or later (never). [A]"""

ANSWERED = frozenset(
    {
        Outcome.OK,
        Outcome.QUEUED,
        Outcome.POLICY,
        Outcome.DENIED,
        Outcome.OVERLOAD,
        Outcome.SERVER_ERROR,
        Outcome.NOT_FOUND,
        Outcome.CLIENT_ERROR,
        Outcome.BAD_REDIRECT,
        Outcome.GARBAGE,
    }
)
"""Outcomes of requests whose answer arrived whole: those `judge` gives; worlds tell the others."""

_OK = Outcome.OK
_REDIRECTION = range(300, 400)
_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_PLAIN = {401: Outcome.DENIED, 404: Outcome.NOT_FOUND, 410: Outcome.NOT_FOUND}
_CLIENT_ERRORS = range(400, 500)
_SERVER_ERRORS = range(500, 600)


def judge(reply: Reply) -> Outcome:
    """Outcome of an answer that arrived whole: worlds call it, and tell other failures themselves.

    It may leave in `reply.value` what the answer said: seconds to wait (QUEUED), the code (POLICY),
    the absolute URL (a redirect), or whatever `fetch.phrase` or `fetch.read` understood.
    """
    phrase = reply.fetch.phrase
    return by_default(reply) if phrase is None else phrase.judge(reply)


def by_default(reply: Reply) -> Outcome:
    """What an answer means unless a target profile says otherwise."""
    status = reply.status
    if 200 <= status < 300:  # noqa: PLR2004 - 2xx: the usual case, and a range takes longer
        body = reply.body
        # only what begins like a JSON object is searched: playlists are many, and long
        if body and body.lstrip()[:1] == b"{" and b'"queue"' in body and _is_queue_answer(reply):
            return Outcome.QUEUED
        read = reply.fetch.read
        return _OK if read is None else read(reply)
    if status in _REDIRECTION:
        return _judge_redirect(reply)
    return _judge_refusal(reply, status)


def is_redirect(reply: Reply) -> bool:
    """Whether the answer says where to go instead and may be followed: to `reply.value`."""
    phrase = reply.fetch.phrase
    is_followed = phrase is None or phrase.follow
    is_redirection = reply.status in _REDIRECTION and type(reply.value) is str
    return reply.outcome is _OK and is_redirection and is_followed


def _judge_redirect(reply: Reply) -> Outcome:
    location = reply.headers.get(b"location", b"").strip()
    if reply.status not in _FOLLOWED or not location:
        return Outcome.BAD_REDIRECT
    fetch = reply.fetch
    try:
        url = resolve(fetch.url, location.decode("utf-8", "surrogateescape")).partition("#")[0]
        split(url)
    except ValueError:
        return Outcome.BAD_REDIRECT
    loops = url == fetch.url or url in fetch.trail
    if len(fetch.trail) >= MAX_HOPS or (loops and fetch.method == "GET"):
        return Outcome.BAD_REDIRECT
    reply.value = url
    return _OK


def _judge_refusal(reply: Reply, status: int) -> Outcome:
    if status in {429, 503}:
        if b"retry-after" not in reply.headers:
            return Outcome.OVERLOAD
        reply.value = retry_after(reply)
        return Outcome.QUEUED
    if status == FORBIDDEN:
        return _judge_forbidden(reply)
    if status in _CLIENT_ERRORS:
        return _PLAIN.get(status, Outcome.CLIENT_ERROR)
    return Outcome.SERVER_ERROR if status in _SERVER_ERRORS else Outcome.GARBAGE


def _judge_forbidden(reply: Reply) -> Outcome:
    said = read_json(reply.body)
    if said.get("error") != "policy" or not isinstance(said.get("code"), str):
        return Outcome.DENIED
    reply.value = said["code"]
    return Outcome.POLICY


def _is_queue_answer(reply: Reply) -> bool:
    queue = read_json(reply.body).get("queue")
    if not isinstance(queue, dict):
        return False
    wait = queue.get("retry_after")
    seconds = wait if isinstance(wait, int | float) else RETRY_DEFAULT
    reply.value = limited(seconds)
    return True


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; empty if it holds anything else."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def retry_after(reply: Reply) -> Seconds:
    """Seconds of Retry-After (RFC 9110, 10.2.3); a date counts from the answer's own, if any."""
    text = reply.headers.get(b"retry-after", b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return limited(float(text))
    try:
        date = reply.headers.get(b"date")
        now = _epoch(date.decode("latin-1")) if date else reply.done
        return limited(_epoch(text) - now)
    except ValueError:
        return RETRY_DEFAULT


def _epoch(text: str) -> Seconds:
    return parsedate_to_datetime(text).timestamp()


def limited(seconds: float) -> Seconds:
    """A wait within `RETRY_LIMITS`."""
    low, high = RETRY_LIMITS
    # written so that NaN ends at the low limit
    return min(high, seconds) if seconds > low else low
