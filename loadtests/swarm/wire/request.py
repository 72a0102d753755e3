"""The bytes of requests: what is the same for all viewers is put together once."""

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from loadtests import __version__
from loadtests.behavior.steps import Fetch
from loadtests.url import Url, split

if TYPE_CHECKING:
    from loadtests.swarm.wire.seen import Seen

_PREPARED = 8192  # live segments come and go: forgotten all at once, made again as needed
_AS_IT_IS = (
    "%!$&'()*+,;=:@/?-._~[]"  # RFC 3986 reserved and unreserved, and what is encoded already
)
# what needs no encoding and no look at RFC 3986: signed URLs are another for each viewer
_USUAL = re.compile(
    r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)(/[\w%!$&'()*+,;=:@/?.~\[\]-]*)", re.ASCII
)


class Origin(NamedTuple):
    """Where a connection goes: connections are shared between requests to the same origin only."""

    scheme: str
    host: str
    port: int


class Prepared:
    """A method and URL, ready to be sent: `head` lacks only the number and the fetch's headers."""

    __slots__ = ("ending", "head", "origin", "seen")

    def __init__(self, origin: Origin, head: bytes, ending: str, seen: "Seen | None") -> None:
        self.origin = origin
        self.head = head
        self.ending = ending  # the last part of its path
        self.seen = seen  # how it was answered last, or is likely to be answered


class Requests:
    """Writes the requests of one worker."""

    def __init__(self, run_id: str, worker: int) -> None:
        self._prepared: dict[tuple[str, str], Prepared] = {}
        self._hosts: dict[str, tuple[Origin, str]] = {}  # by the URL up to its path
        self._seen: dict[str, Seen] = {}  # by the last part of the path
        self._common = (
            f"User-Agent: matchnight/{__version__}\r\nAccept: */*\r\n"
            f"X-Matchnight-Run: {run_id}\r\nX-Request-Id: {worker}-"
        )

    def prepare(self, method: str, url: str) -> Prepared:
        """Where the request goes and how it begins; ValueError: `url` cannot be asked for."""
        key = (method, url)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared[key] = self._make(method, url)
            _bound(self._prepared)
        return prepared

    def remember(self, prepared: Prepared, seen: "Seen | None") -> None:
        """How it was answered: what ends alike is likely to be answered alike.

        A signed URL is another for each viewer, what an edge answers is not. This is a guess only:
        what really comes is compared byte by byte.
        """
        prepared.seen = seen
        if seen is not None:
            self._seen[prepared.ending] = seen
            _bound(self._seen)

    def _make(self, method: str, url: str) -> Prepared:
        (origin, authority), target = self._place(url)
        line = f"{method} {target} HTTP/1.1\r\nHost: {authority}\r\n{self._common}"
        path = target.partition("?")[0]
        ending = path[path.rfind("/") :]
        return Prepared(origin, line.encode(), ending, self._seen.get(ending))

    def _place(self, url: str) -> tuple[tuple[Origin, str], str]:
        """The host, and what goes into the request line."""
        usual = _USUAL.fullmatch(url)
        if usual is None:
            parts = split(url)
            # a playlist may name anything: nothing of it may end the request line or begin a header
            return _host(parts), quote(parts.target, safe=_AS_IT_IS)
        base, target = usual.groups()
        host = self._hosts.get(base)
        if host is None:
            host = self._hosts[base] = _host(split(base))
            _bound(self._hosts)
        return host, target


def _bound(cache: "dict[Any, Any]") -> None:
    if len(cache) > _PREPARED:
        cache.clear()


def _host(parts: Url) -> tuple[Origin, str]:
    """Where a URL leads, and what its Host header says; ValueError if nothing usable is there."""
    authority = parts.authority.encode("idna" if not parts.authority.isascii() else "ascii")
    if not authority.decode().isprintable() or b" " in authority:
        raise ValueError(f"{parts.authority!r} names no usable host")
    return Origin(parts.scheme, parts.host, parts.port), authority.decode()


def compose(head: bytes, fetch: Fetch, number: int) -> bytes:
    """The whole request, its `X-Request-Id` ending in `number`."""
    if fetch.method == "GET" and fetch.span is None and fetch.attempt == 1:
        return b"%b%d\r\n%b\r\n" % (head, number, fetch.headers)
    extra = b""
    if fetch.attempt > 1:
        extra += b"X-Matchnight-Attempt: %d\r\n" % fetch.attempt
    if fetch.span is not None:
        extra += b"Range: bytes=%d-%d\r\n" % fetch.span
    if fetch.body or fetch.method in {"POST", "PUT", "PATCH"}:
        extra += b"Content-Length: %d\r\n" % len(fetch.body)
    return b"%b%d\r\n%b%b\r\n%b" % (head, number, fetch.headers, extra, fetch.body)
