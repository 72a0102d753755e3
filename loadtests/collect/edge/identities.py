"""Who asked for what, of our own requests: numbers that stand for addresses, accounts and URLs.

They are 64-bit hashes, keyed for one run, as a target's edge would make them of its log.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Generic, TypeVar

from loadtests.behavior.judge import read_json
from loadtests.behavior.steps import Fetch
from loadtests.stack.accounts import read_access, refreshing
from loadtests.stack.device import read_device
from loadtests.vocabulary import Step

K = TypeVar("K")
V = TypeVar("V")

KNOWN = 50_000
"""Remembered at once, of each kind: more are worked out anew."""

SIGNING = frozenset({Step.SIGN_IN, Step.SIGN_UP, Step.REFRESH})
"""Steps whose requests name an account in their body."""

_NAMES = ("account", "username", "user", "login", "email")  # of a sign-in's field, lower case
_AUTHORIZATION = b"Authorization: "
_BEARER = "Bearer "
_DEVICE = b"X-Device: "


Speaker = tuple[int | None, str]
"""An account, None for nobody's; and a region, empty if it is not known."""


class Known(dict[K, V], Generic[K, V]):
    """What `make` made of a key, remembered: looked up at the interpreter's own speed."""

    __slots__ = ("_make", "_most")

    def __init__(self, make: Callable[[K], V], most: int = KNOWN) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self.clear()
        made = self[key] = self._make(key)
        return made


class Identities:
    """The identities of one run, by its key: the same on every worker."""

    def __init__(self, key: bytes) -> None:
        """`key`: at most 64 bytes."""
        self._key = key
        self.clients = Known[int, int](lambda source: self.of(f"source {source}"))
        self.targets = Known[str, int](lambda url: self.of(target_of(url)))
        self.paths = Known[str, int](lambda url: self.of(target_of(url).partition("?")[0]))
        self.speakers = Known[bytes, Speaker](self.speaker)  # by header lines sent again and again
        self._tokens = Known[bytes, int](lambda token: self.of(_account(token.decode("latin-1"))))

    def of(self, name: str) -> int:
        """The number that stands for this name."""
        digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8, key=self._key)
        return int.from_bytes(digest.digest(), "big")

    def speaker(self, headers: bytes) -> "Speaker":
        """Whose token these header lines carry, and where its device is."""
        token, device = _line(headers, _AUTHORIZATION), _line(headers, _DEVICE)
        region = read_device(device.decode("latin-1")).region if device else ""
        return self._tokens[token] if token else None, region

    def named(self, fetch: Fetch) -> "Speaker":
        """The same of a request that may name an account itself: that comes first."""
        account, region = self.speaker(fetch.headers)
        name = _named(fetch.body) if fetch.body else None
        return account if name is None else self.of(name), region


def target_of(url: str) -> str:
    """Path and query of an absolute URL: of one that was sent, so that it need not be checked."""
    begin = url.find("/", url.find("//") + 2)
    return url[begin:] if begin > 0 else "/"


def _account(authorization: str) -> str:
    """The account a token tells, as the embedded stack's do, or the token itself."""
    token = authorization.removeprefix(_BEARER)
    access = read_access(token)
    return token if access is None else access.account


def _named(body: bytes) -> str | None:
    said = {name.lower(): text for name, text in read_json(body).items() if isinstance(text, str)}
    for name in _NAMES:
        if name in said:
            return said[name]
    token = said.get("refresh_token")
    return token if token is None else refreshing(token) or token


def _line(headers: bytes, name: bytes) -> bytes:
    """The rest of the line that begins with `name`; empty if none does."""
    _, found, rest = headers.partition(name)
    return rest[: rest.find(b"\r\n")] if found else b""
