"""One request as a target's edge could see it: what the diagnosis may know, and nothing else.

Who made it, and why, is not in it: no cohort, no user agent, no header that marks a rehearsal.
"""

from enum import StrEnum
from typing import NamedTuple

from loadtests.units import Seconds
from loadtests.vocabulary import Step


class Said(StrEnum):
    """What became of a request, as the application states it or else its status tells."""

    OK = "ok"  # 2xx and 3xx of which nothing else is stated
    QUEUED = "queued"  # sent to a waiting room
    POLICY = "policy"  # refused on purpose, with a code
    BAD_CREDENTIALS = "bad_credentials"
    UNKNOWN_USER = "unknown_user"
    EXPIRED = "expired"  # a token that is not good any more
    DENIED = "denied"  # 401 or 403, and nobody said why
    OVERLOAD = "overload"  # 503, or 429 where nothing says that a rule blocked it: load is shed
    BLOCKED = "blocked"  # a rule of the target's own defense (WAF, rate limit) refused it
    NOT_FOUND = "not_found"
    CLIENT_ERROR = "client_error"  # any other 4xx
    SERVER_ERROR = "server_error"  # any other 5xx
    BROKEN = "broken"  # reset, cut short, never answered: the edge's own doing
    GIVEN_UP = "given_up"  # the client went away after having waited 3 s or more
    GONE = "gone"  # the client went away sooner: players do, for reasons of their own

    @property
    def is_failure(self) -> bool:
        """Whether the target failed whoever asked: neither a refusal on purpose nor a denial."""
        return self in FAILURES

    @property
    def is_denial(self) -> bool:
        """Whether credentials were not good enough."""
        return self in DENIALS


FAILURES = frozenset({Said.OVERLOAD, Said.SERVER_ERROR, Said.BROKEN, Said.GIVEN_UP})
DENIALS = frozenset({Said.BAD_CREDENTIALS, Said.UNKNOWN_USER, Said.EXPIRED, Said.DENIED})

GIVEN_UP_AFTER: Seconds = 3.0
"""See `diagnosis.failing`."""


class Attempt(StrEnum):
    """Whether a request repeats one that failed."""

    FIRST = "first"
    RETRY = "retry"
    UNKNOWN = "unknown"  # the source does not say


class CacheSaid(StrEnum):
    """Whether the edge's cache answered."""

    HIT = "hit"
    MISS = "miss"


class Sighting(NamedTuple):
    """One request that ended. Identities are 64-bit hashes keyed for one run: nobody is named.

    None wherever the source does not say.
    """

    at: Seconds  # when it ended, since the epoch
    step: Step | None  # None: a path that is no step of a viewer's
    said: Said
    attempt: Attempt = Attempt.UNKNOWN
    client: int | None = None  # the address it came from
    account: int | None = None  # account, token or session it was made with
    target: int | None = None  # path and query
    path: int | None = None  # path alone
    size: int | None = None  # bytes of the answer's body
    duration: Seconds | None = None
    cache: CacheSaid | None = None
    code: str = ""  # of a refusal by policy
    region: str = ""
    probe: bool = False  # asks for what only scanners ask for (see `collect.edge.probes`)
    is_post: bool | None = None  # whether it submits something (POST, PUT, PATCH, DELETE)
    moved: bool = False  # answered with a redirect: so forms do that were filled in right
    timed_out: bool = False  # it was not sent in time, as the server says (408, RFC 9110, 15.5.9)
