"""The closed sets everything is counted by: steps, outcomes of requests, ends of arrivals."""

from enum import StrEnum


class Step(StrEnum):
    """One kind of request on a viewer's way, in the order a viewer meets them."""

    HOME = "home"
    SIGN_IN = "sign_in"
    REFRESH = "refresh"
    ENTITLEMENT = "entitlement"
    SESSION = "session"
    LICENSE = "license"
    MASTER = "master"
    PLAYLIST = "playlist"
    INIT = "init"
    SEGMENT = "segment"
    HEARTBEAT = "heartbeat"
    LEAVE = "leave"


class Outcome(StrEnum):
    """How one request ended, as the viewer's device sees it. Every request sent has exactly one."""

    OK = "ok"
    QUEUED = "queued"  # the waiting room said: come back later
    POLICY = "policy"  # refused on purpose, with a code of its own; never a failure of the target
    DENIED = "denied"  # 401 or 403 without a policy code: bad or expired credentials
    OVERLOAD = "overload"  # 503, or 429 outside a waiting room: the target sheds load
    SERVER_ERROR = "server_error"  # any other 5xx
    NOT_FOUND = "not_found"  # 404 or 410
    CLIENT_ERROR = "client_error"  # any other 4xx
    BAD_REDIRECT = "bad_redirect"  # a loop, too many hops, no usable Location
    FORBIDDEN_HOST = "forbidden_host"  # a redirect or playlist named a host nobody consented to
    GARBAGE = "garbage"  # answered, but not with what the step asks for
    TRUNCATED = "truncated"  # the body ended early
    REFUSED = "refused"  # connection refused
    RESET = "reset"  # connection broken before a complete answer
    UNRESOLVED = "unresolved"  # the name has no address
    TLS_ERROR = "tls_error"
    CONNECT_TIMEOUT = "connect_timeout"
    FIRST_BYTE_TIMEOUT = "first_byte_timeout"
    TIMEOUT = "timeout"  # the whole answer took too long
    CANCELED = "canceled"  # the viewer gave up first (left, lost patience, changed rendition)
    NO_SOCKET = "no_socket"  # the tester ran out of descriptors or ports: never the target's fault

    @property
    def is_failure(self) -> bool:
        """Whether the target is to blame: true of everything but the six in `BLAMELESS`."""
        return self not in BLAMELESS


BLAMELESS = frozenset(
    {
        Outcome.OK,
        Outcome.QUEUED,
        Outcome.POLICY,
        Outcome.CANCELED,
        Outcome.FORBIDDEN_HOST,
        Outcome.NO_SOCKET,
    }
)


class End(StrEnum):
    """What became of an arrived viewer. Each ends in exactly one of these, or is still starting."""

    IN_TIME = "in_time"
    STARTED_LATE = "started_late"
    REFUSED = "refused"
    LEFT_WAITING = "left_waiting"
    NEVER_STARTED = "never_started"


class Player(StrEnum):
    """Player profiles by the name a scenario writes; their rules are in `behavior/players.py`."""

    HLS_JS = "hls_js"
    SHAKA = "shaka"
    SET_TOP_BOX = "set_top_box"
