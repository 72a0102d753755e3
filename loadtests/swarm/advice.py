"""What went wrong at a step of a probe: what a good answer is like, and what to look at first."""

import json
from collections.abc import Iterator

from loadtests.behavior.speech import UNSAID
from loadtests.behavior.steps import Reply
from loadtests.scenario.answering import Condition, Statuses
from loadtests.scenario.profile import Exchange
from loadtests.units import plain
from loadtests.vocabulary import Outcome

UNREACHED = frozenset(
    {
        Outcome.REFUSED,
        Outcome.UNRESOLVED,
        Outcome.TLS_ERROR,
        Outcome.CONNECT_TIMEOUT,
        Outcome.FORBIDDEN_HOST,
        Outcome.NO_SOCKET,
    }
)
"""Nothing was said because nobody could be, or may be, spoken to."""

_METHOD_NOT_ALLOWED = 405
_OTHERS = {
    Outcome.POLICY: "the target refuses this account on purpose: try another one",
    Outcome.QUEUED: "the target says to come back later: it is busy, or its waiting room is shut",
    Outcome.OVERLOAD: "the target sheds load, with one viewer there: look at its own health",
    Outcome.SERVER_ERROR: "the target failed by itself: its own log says why",
    Outcome.NOT_FOUND: "there is no such path: correct `url`",
    Outcome.CLIENT_ERROR: "the target does not understand the request: compare its headers and its "
    "body with what the target documents",
    Outcome.BAD_REDIRECT: "it redirects in a circle or to nowhere; `follow: false` takes a "
    "redirect as the answer",
    Outcome.FORBIDDEN_HOST: "this host is neither this machine nor listed in the consent",
    Outcome.UNRESOLVED: "the host's name has no address: is it right? --resolve gives it one",
    Outcome.REFUSED: "nobody listens there: are host and port right?",
    Outcome.TLS_ERROR: "no TLS with this host: is its certificate trusted? --insecure accepts any",
    Outcome.RESET: "the connection was broken off: is it http where https is spoken?",
    Outcome.TRUNCATED: "the answer ended early: what is in front of the target cuts it off",
}


def expectation(exchange: Exchange) -> str:
    """What the profile takes for a good answer."""
    said = [] if exchange.expect is None else list(_conditions(exchange.expect))
    if not any(part.startswith("status") for part in said):
        said.insert(0, "status 2xx")
    kept = ", ".join(name for name, keep in exchange.keep.items() if not keep.optional)
    return "; ".join([*said, *([f"to be kept: {kept}"] if kept else [])])


def advice(reply: Reply) -> str:
    """What to look at first."""
    if reply.fetch.url == UNSAID:
        return "a name in the request stands for nothing: does a step keep it, an account have it?"
    if reply.outcome is Outcome.GARBAGE:
        return "the answer is another than the profile says: correct what it expects or keeps"
    if reply.outcome is Outcome.DENIED:
        return _denied(reply)
    if reply.status == _METHOD_NOT_ALLOWED:
        return f"not with {reply.fetch.method}: correct `method`"
    return _OTHERS.get(reply.outcome, "no answer in time: is what is behind this step up?")


def _denied(reply: Reply) -> str:
    if b"authorization:" not in reply.fetch.headers.lower():
        return (
            "nothing in the request says who asks: is a header such as `Authorization: Bearer "
            "{access_token}` missing, or is no `access_token` kept at sign_in?"
        )
    return "who asks is not believed: is the account good, and the right token kept and sent?"


def _conditions(expect: Condition) -> Iterator[str]:
    statuses = expect.status if isinstance(expect.status, tuple) else (expect.status,)
    if statuses:
        yield "status " + " or ".join(map(_status, statuses))
    if expect.json is not None:
        yield f"JSON with {expect.json.at.text}" + _of_json(expect)
    if expect.header is not None:
        wanted = expect.header.matches
        yield f"header {expect.header.name}" + (f" with {wanted.regex.pattern!r}" if wanted else "")
    if expect.body is not None:
        yield f"a body with {expect.body.regex.pattern!r}"
    if expect.size is not None:
        yield f"a body of at least {plain(expect.size)} bytes"


def _of_json(expect: Condition) -> str:
    test = expect.json
    if test is None:
        return ""
    if test.equals is not None:
        return f" = {json.dumps(test.equals.value)}"
    if test.matches is not None:
        return f" that matches {test.matches.regex.pattern!r}"
    return " missing" if test.missing else ""


def _status(statuses: Statuses) -> str:
    first, last = statuses.first, statuses.last
    if first % 100 == 0 and last == first + 99:
        return f"{first // 100}xx"
    return str(first) if first == last else f"{first}-{last}"
