"""The closed sets everything is counted by: steps, outcomes of requests, ends of arrivals."""

from enum import StrEnum


class Step(StrEnum):
    """One kind of request on a viewer's way, in the order a viewer meets them."""

    WEBSITE = "website"  # a page of the public web site: is it me or is it them?
    BOOT = "boot"  # a set-top box starts: configuration and platform
    REGISTER = "register"  # a device is registered, or moved to another platform
    HOME = "home"
    SIGN_UP = "sign_up"
    SIGN_IN = "sign_in"
    REFRESH = "refresh"
    CATALOG = "catalog"
    ACCOUNT = "account"
    HOUSEHOLD_CODE = "household_code"  # asks for a code by e-mail or text message
    HOUSEHOLD = "household"  # proves with it that the device belongs to the household
    CANCEL = "cancel"
    SUPPORT = "support"  # a call to the support desk
    ENTITLEMENT = "entitlement"
    SESSION = "session"
    LICENSE = "license"
    DOWNLOAD = "download"  # the license of a title kept on the device
    RENEWAL = "renewal"  # the same again once that has expired
    MASTER = "master"
    PLAYLIST = "playlist"
    INIT = "init"
    SEGMENT = "segment"
    HEARTBEAT = "heartbeat"
    LEAVE = "leave"


SIDE_EFFECTS = frozenset(
    {Step.REGISTER, Step.SIGN_UP, Step.HOUSEHOLD_CODE, Step.CANCEL, Step.SUPPORT}
)
"""Steps that create, cancel, text or call: beyond this machine only as often as a consent says."""


class Purpose(StrEnum):
    """What a viewer has come to do: each is a journey of its own."""

    WATCH = "watch"
    BOOT = "boot"  # a set-top box is switched on, and then watched
    DOWNLOAD = "download"  # a title to watch offline, and its renewals
    ACCOUNT = "account"  # account pages: look, change, cancel
    SIGN_UP = "sign_up"  # a new account, and then watch
    WEBSITE = "website"  # look at the public pages
    SUPPORT = "support"  # call the support desk


class Trait(StrEnum):
    """What is special about a viewer's device or line; the stack sees it, as it would for real."""

    OUTSIDE = "outside"  # the household the account belongs to is somewhere else
    ROOTED = "rooted"  # a device whose protection is broken
    UNPLUGGED = "unplugged"  # a set-top box that was without power while others were migrated
    GATEWAY = "gateway"  # behind the one address of a large gateway, with many others


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
    """What became of an arrived viewer. Each ends in exactly one of these, or is still starting.

    The first five are of those who came to watch, the last three of those with another errand.
    """

    IN_TIME = "in_time"
    STARTED_LATE = "started_late"
    REFUSED = "refused"
    LEFT_WAITING = "left_waiting"
    NEVER_STARTED = "never_started"
    SERVED = "served"  # the errand is done
    TURNED_AWAY = "turned_away"  # the errand was refused by policy
    UNSERVED = "unserved"  # the errand failed, or patience ran out

    @property
    def is_of_a_watcher(self) -> bool:
        """Whether it is the end of somebody who came to watch."""
        return self not in _OF_ERRANDS


_OF_ERRANDS = frozenset({End.SERVED, End.TURNED_AWAY, End.UNSERVED})


class Fact(StrEnum):
    """Something of a viewer's way worth counting beside requests and ends."""

    SIGNED_IN_AGAIN = "signed_in_again"  # a session that was good is not any more
    VERIFIED = "verified"  # a code proved that a device belongs to the household
    SIGNED_UP = "signed_up"
    CANCELED = "canceled"
    DOWNLOADED = "downloaded"
    EXPIRED = "expired"  # a downloaded title, 48 hours after it was first played
    WARNED = "warned"  # told that the next renewal would be one too many
    FIRST_RENEWAL_GRANTED = "first_renewal_granted"
    FIRST_RENEWAL_REFUSED = "first_renewal_refused"
    LATER_RENEWAL_GRANTED = "later_renewal_granted"
    LATER_RENEWAL_REFUSED = "later_renewal_refused"
    MIGRATED = "migrated"
    BOX_STARTED = "box_started"
    BOX_FAILED = "box_failed"
    CALLED = "called"  # the support desk, redials included
    REDIALED = "redialed"
    CALL_BLOCKED = "call_blocked"  # every line engaged
    CALL_ABANDONED = "call_abandoned"  # hung up while waiting
    CALL_INFORMED = "call_informed"  # the automatic message was enough
    CALL_ANSWERED = "call_answered"  # by an agent


class Player(StrEnum):
    """Player profiles by the name a scenario writes; their rules are in `behavior/players.py`."""

    HLS_JS = "hls_js"
    SHAKA = "shaka"
    AVPLAYER = "avplayer"
    MEDIA3 = "media3"
    SET_TOP_BOX = "set_top_box"
