"""From what a log says to what a diagnosis may know."""

from collections.abc import Callable
from typing import NamedTuple

from loadtests.collect.edge.identities import Identities, Known
from loadtests.collect.edge.probes import is_probe, is_sought
from loadtests.collect.edge.sighting import GIVEN_UP_AFTER, Attempt, CacheSaid, Said, Sighting
from loadtests.collect.edge.stated import said as stated
from loadtests.collect.logs.clients import holder
from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.field_map import FieldMap
from loadtests.collect.logs.routes import StepOf
from loadtests.units import Seconds
from loadtests.vocabulary import Step

_UNAUTHORIZED = 401
_TIMED_OUT = 408
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OF_STATUS = {
    401: Said.DENIED,
    403: Said.DENIED,
    404: Said.NOT_FOUND,
    407: Said.DENIED,
    410: Said.NOT_FOUND,
    429: Said.OVERLOAD,
    444: Said.BLOCKED,  # nginx: closed without an answer, because a rule says so
    503: Said.OVERLOAD,
}
_WENT_AWAY = frozenset({460, 499})  # AWS, nginx: the client closed the connection
_BY_CLASS = {1: Said.OK, 2: Said.OK, 3: Said.OK, 4: Said.CLIENT_ERROR, 5: Said.SERVER_ERROR}
_STEPS: dict[str, Step] = {step.value: step for step in Step}
_POSTS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REFUSALS = frozenset(
    {"block", "blocked", "deny", "denied", "drop", "challenge", "managed_challenge"}
)
_SYNONYMS = {
    "invalid_credentials": Said.BAD_CREDENTIALS,
    "invalid_password": Said.BAD_CREDENTIALS,
    "wrong_password": Said.BAD_CREDENTIALS,
    "incorrect_password": Said.BAD_CREDENTIALS,
    "bad_password": Said.BAD_CREDENTIALS,
    "user_not_found": Said.UNKNOWN_USER,
    "no_such_user": Said.UNKNOWN_USER,
    "unknown_account": Said.UNKNOWN_USER,
    "account_not_found": Said.UNKNOWN_USER,
    "token_expired": Said.EXPIRED,
    "expired_token": Said.EXPIRED,
    "invalid_grant": Said.EXPIRED,  # RFC 6749, 5.2
    "invalid_token": Said.EXPIRED,  # RFC 6750, 3.1
    "rate_limited": Said.BLOCKED,
}
"""What applications say where they do not say it in our words."""
_HITS = frozenset({"stale", "updating", "revalidated", "true"})
_MISSES = frozenset({"expired", "false"})
_AGAIN = {
    "retry": Attempt.RETRY,
    "true": Attempt.RETRY,
    "first": Attempt.FIRST,
    "false": Attempt.FIRST,
}
_PAGES = frozenset({None, Step.WEBSITE, Step.HOME})

_PEOPLE = 200_000
"""Clients, and accounts, whose hashes are at hand: an event's come back every few seconds."""


class Sighter:
    """Makes sightings of what logs say; identities are hashed with a key of this run's own."""

    def __init__(self, fields: FieldMap, step_of: StepOf, key: bytes) -> None:
        """`key` has at most 64 bytes: whoever throws it away can find nobody again."""
        hashed = Identities(key).of
        self._clients = Known[str, int](lambda address: hashed(holder(address)), _PEOPLE)
        self._behind = Known[tuple[str, str], int](lambda said: hashed(holder(*said)), _PEOPLE)
        self._accounts = Known[str, int](hashed, _PEOPLE)
        self._asked = Known[str, _Target](lambda target: _target(target, hashed, step_of))
        self._posted = Known[str, _Target](
            lambda target: _target(target, hashed, step_of, is_post=True)
        )
        self._caches = Known[str, CacheSaid | None](_cache_said)
        self._attempts = Known[str, Attempt](lambda text: _attempt(text, fields.first_attempt))
        self._outcomes = _SYNONYMS | {k.lower(): v for k, v in fields.outcomes.items()}

    def sight(self, entry: Entry) -> Sighting:
        """What an entry says, in our words."""
        duration, account, client = entry.duration, entry.account, entry.client
        is_post = entry.method in _POSTS
        target = (self._posted if is_post else self._asked)[entry.target]
        said, code = self._said(entry, target.text, is_post=is_post)
        step = target.step if entry.step is None else _step(entry.step)
        if said is Said.DENIED and entry.status == _UNAUTHORIZED and account is not None:
            # credentials came with the request itself (RFC 7617), and were not good
            step = Step.SIGN_IN if step in _PAGES else step
        return Sighting(
            entry.at + duration if entry.is_start and duration else entry.at,
            step,
            said,
            Attempt.UNKNOWN if entry.attempt is None else self._attempts[entry.attempt],
            None if client is None else self._client(client, entry.forwarded),
            None if account is None else self._accounts[account],
            target.whole,
            target.path,
            entry.size,
            duration,
            None if entry.cache is None else self._caches[entry.cache],
            code,
            entry.region or "",
            target.is_probe or (said is Said.NOT_FOUND and is_sought(target.text)),
            is_post if entry.method else None,
            entry.status in _REDIRECTS,
            entry.status == _TIMED_OUT,
        )

    def _client(self, address: str, forwarded: str | None) -> int:
        return self._clients[address] if forwarded is None else self._behind[address, forwarded]

    def _said(self, entry: Entry, target: str, *, is_post: bool) -> tuple[Said, str]:
        if entry.action is not None and entry.action.lower() in _REFUSALS:
            return Said.BLOCKED, ""
        if entry.code is not None:
            return Said.POLICY, entry.code
        if entry.outcome is not None:
            meant = stated(entry.outcome, entry.duration or 0.0)
            meant = meant or self._meant(entry.outcome)
            if meant is not None:
                return meant
        if is_post and entry.status == 200 and target.endswith("/wp-login.php"):  # noqa: PLR2004 - HTTP's
            return Said.DENIED, ""  # WordPress shows the form once more, and else redirects
        return _by_status(entry.status, entry.duration), ""

    def _meant(self, outcome: str) -> tuple[Said, str] | None:
        said = self._outcomes.get(outcome.lower())
        return None if said is None else (said, "")


class _Target(NamedTuple):
    """A request target: what is asked for."""

    text: str  # path and query
    whole: int | None
    path: int | None
    is_probe: bool
    step: Step | None


def _target(
    target: str, hashed: Callable[[str], int], step_of: StepOf, *, is_post: bool = False
) -> _Target:
    text = _in_origin_form(target)
    step = step_of(text, is_post)
    if not text:
        return _Target("", None, None, is_probe=False, step=step)
    return _Target(text, hashed(text), hashed(text.partition("?")[0]), is_probe(text), step)


def _step(name: str) -> Step | None:
    return _STEPS.get(name)


def _attempt(text: str, first: int) -> Attempt:
    try:
        return Attempt.RETRY if int(text) > first else Attempt.FIRST
    except ValueError:
        return _AGAIN.get(text.lower(), Attempt.UNKNOWN)


def _in_origin_form(target: str) -> str:
    """Path and query of a request target, whatever form it has (RFC 9112, 3.2)."""
    if target.startswith("/"):
        return target
    scheme, separator, rest = target.partition("://")
    if separator and scheme.lower() in {"http", "https"}:
        return "/" + rest.partition("/")[2]
    return target


def _by_status(status: int | None, duration: Seconds | None) -> Said:
    if status is None:
        return Said.BROKEN
    if status in _WENT_AWAY:
        return Said.GIVEN_UP if (duration or 0.0) >= GIVEN_UP_AFTER else Said.GONE
    return _OF_STATUS.get(status) or _BY_CLASS.get(status // 100, Said.BROKEN)


def _cache_said(text: str) -> CacheSaid | None:
    """Of a cache's own words; None where it was not asked (bypass, dynamic, an error)."""
    text = text.lower()
    if "hit" in text or text in _HITS:
        return CacheSaid.HIT
    return CacheSaid.MISS if "miss" in text or text in _MISSES else None
