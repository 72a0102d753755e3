"""What the stack is asked and what it answers: the same two records on the wire and on paper."""

from enum import StrEnum
from typing import Literal, NamedTuple

from loadtests.stack.device import UNKNOWN_DEVICE, Device
from loadtests.units import Seconds
from loadtests.vocabulary import Step


class Stated(StrEnum):
    """The outcome the stack itself states of a request: what its access log says."""

    OK = "ok"
    QUEUED = "queued"  # told by the waiting room to come back
    NOT_IN_PLAN = "policy:not_in_plan"
    NOT_IN_HOUSEHOLD = "policy:not_in_household"
    ACCOUNT_ON_HOLD = "policy:account_on_hold"
    DOWNLOAD_LIMIT_REACHED = "policy:download_limit_reached"
    NOT_DOWNLOADABLE = "policy:not_downloadable"
    RESTRICTED_DEVICE = "policy:restricted_device"
    BAD_CREDENTIALS = "bad_credentials"  # wrong password, or no token where one is needed
    UNKNOWN_USER = "unknown_user"
    EXPIRED = "expired"  # a token that is not good any more
    OVERLOAD = "overload"
    FORBIDDEN = "forbidden"  # a URL without a good signature
    BLOCKED = "blocked"  # a rule against floods took many viewers for one
    NOT_FOUND = "not_found"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    RESET = "reset"  # the connection was broken before the answer
    TRUNCATED = "truncated"  # the answer ended early
    SILENT = "silent"  # no answer at all
    ABORTED = "aborted"  # the client went away before its answer was complete


Cache = Literal["hit", "miss"] | None
"""Whether the edge cache answered; waiting for another's fill is a hit. None: no cache involved."""

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case. Content-Length is left to whoever delivers."""

JSON: Headers = ((b"content-type", b"application/json"),)

JOINING = frozenset(
    {
        Step.BOOT,
        Step.REGISTER,
        Step.HOME,
        Step.SIGN_UP,
        Step.SIGN_IN,
        Step.REFRESH,
        Step.CATALOG,
        Step.HOUSEHOLD,
        Step.ENTITLEMENT,
        Step.SESSION,
        Step.LICENSE,
        Step.DOWNLOAD,
        Step.RENEWAL,
    }
)
"""Steps at which the stack lets a viewer pass or not: each decision is a line of the ledger.

Pages, chores and calls decide about nobody; the stream is there for all.
"""


class Request:
    """One request as the stack reads it: `target` is path and query, `token` the bearer token."""

    __slots__ = ("body", "device", "method", "span", "target", "token")

    def __init__(
        self,
        method: str,
        target: str,
        *,
        token: str | None = None,
        body: bytes = b"",
        span: tuple[int, int] | None = None,
        device: Device = UNKNOWN_DEVICE,
    ) -> None:
        self.method = method
        self.target = target
        self.token = token
        self.body = body
        self.span = span  # inclusive byte range
        self.device = device

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class Delivery(StrEnum):
    """How an answer reaches whoever asked."""

    WHOLE = "whole"
    TRUNCATED = "truncated"  # half of what was announced, then the end of the connection
    RESET = "reset"  # the connection is reset instead
    SILENCE = "silence"  # nothing comes, for as long as anybody waits


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
    delivery: Delivery = Delivery.WHOLE
    is_disguised: bool = False  # a refusal that looks like a success to whoever reads no bodies

    @property
    def logged(self) -> Stated:
        """The outcome for the access log: what was decided, unless it is cut short or disguised."""
        if self.delivery is Delivery.TRUNCATED:
            return Stated.TRUNCATED
        return Stated.OK if self.is_disguised else self.outcome

    @property
    def sent(self) -> bytes:
        """What of the body is sent: the first half, where the answer is truncated."""
        if self.delivery is Delivery.TRUNCATED:
            return self.body[: len(self.body) // 2]
        return self.body

    @property
    def is_decision(self) -> bool:
        """Whether the ledger records it: the stack let a viewer pass a joining step, or did not."""
        return self.step in JOINING and self.delivery not in _UNDECIDED


_UNDECIDED = frozenset({Delivery.RESET, Delivery.SILENCE})  # the stack never got to it
_POLICY = "policy:"
_BODIES = {stated: f'{{"error": "{stated}"}}'.encode() for stated in Stated} | {
    stated: f'{{"error": "policy", "code": "{stated.removeprefix(_POLICY)}"}}'.encode()
    for stated in Stated
    if stated.startswith(_POLICY)
}
_STATUSES = {stated: 403 for stated in Stated if stated.startswith(_POLICY)} | {
    Stated.BAD_CREDENTIALS: 401,
    Stated.UNKNOWN_USER: 401,
    Stated.EXPIRED: 401,
    Stated.OVERLOAD: 503,  # without Retry-After: shedding, no invitation to come back
    Stated.FORBIDDEN: 403,
    Stated.BLOCKED: 429,
    Stated.NOT_FOUND: 404,
    Stated.CLIENT_ERROR: 400,
    Stated.SERVER_ERROR: 500,
}


def refusal(
    at: Seconds, stated: Stated, *, step: Step | None, account: str | None, status: int = 0
) -> Answer:
    """An answer that says no, in JSON; `status` 0 means the usual one for what is stated."""
    return Answer(at, status or _STATUSES[stated], JSON, _BODIES[stated], step, stated, account)
