"""What the stack is asked and what it answers: the same two records on the wire and on paper."""

from enum import StrEnum
from typing import Literal, NamedTuple

from loadtests.units import Seconds
from loadtests.vocabulary import Step


class Stated(StrEnum):
    """The outcome the stack itself states of a request: what its access log says."""

    OK = "ok"
    QUEUED = "queued"  # told by the waiting room to come back
    NOT_IN_PLAN = "policy:not_in_plan"
    BAD_CREDENTIALS = "bad_credentials"  # wrong password, or no token where one is needed
    UNKNOWN_USER = "unknown_user"
    EXPIRED = "expired"  # a token that is not good any more
    OVERLOAD = "overload"
    NOT_FOUND = "not_found"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    ABORTED = "aborted"  # the client went away before its answer was complete


Cache = Literal["hit", "miss"] | None
"""Whether the edge cache answered; waiting for another's fill is a hit. None: no cache involved."""

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case. Content-Length is left to whoever delivers."""

JSON: Headers = ((b"content-type", b"application/json"),)

JOINING = frozenset(
    {Step.HOME, Step.SIGN_IN, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE}
)
"""Steps at which the stack decides about a viewer: each decision is a line of the ledger."""


class Request:
    """One request as the stack reads it: `target` is path and query, `token` the bearer token."""

    __slots__ = ("body", "method", "span", "target", "token")

    def __init__(
        self,
        method: str,
        target: str,
        *,
        token: str | None = None,
        body: bytes = b"",
        span: tuple[int, int] | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self.token = token
        self.body = body
        self.span = span  # inclusive byte range

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class Answer(NamedTuple):
    """One answer. `at` is when it leaves, complete; `step` is None for paths no viewer knows."""

    at: Seconds
    status: int
    headers: Headers
    body: bytes
    step: Step | None
    outcome: Stated
    account: str | None
    cache: Cache = None

    @property
    def is_decision(self) -> bool:
        """Whether the ledger records it: the stack let a viewer pass a joining step, or did not."""
        return self.step in JOINING


_BODIES = {stated: f'{{"error": "{stated}"}}'.encode() for stated in Stated} | {
    Stated.NOT_IN_PLAN: b'{"error": "policy", "code": "not_in_plan"}'
}
_STATUSES = {
    Stated.NOT_IN_PLAN: 403,
    Stated.BAD_CREDENTIALS: 401,
    Stated.UNKNOWN_USER: 401,
    Stated.EXPIRED: 401,
    Stated.OVERLOAD: 503,  # without Retry-After: shedding, no invitation to come back
    Stated.NOT_FOUND: 404,
    Stated.CLIENT_ERROR: 400,
    Stated.SERVER_ERROR: 500,
}


def refusal(
    at: Seconds, stated: Stated, *, step: Step | None, account: str | None, status: int = 0
) -> Answer:
    """An answer that says no, in JSON; `status` 0 means the usual one for what is stated."""
    return Answer(at, status or _STATUSES[stated], JSON, _BODIES[stated], step, stated, account)
