"""The bytes of requests: what is the same for all viewers is put together once."""

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from loadtests import __version__
from loadtests.behavior.steps import Fetch
from loadtests.url import split

if TYPE_CHECKING:
    from loadtests.swarm.wire.seen import Seen

_PREPARED = 8192  # live segments come and go: forgotten all at once, made again as needed
_AS_IT_IS = (
    "%!$&'()*+,;=:@/?-._~[]"  # RFC 3986 reserved and unreserved, and what is encoded already
)


class Origin(NamedTuple):
    """Where a connection goes: connections are shared between requests to the same origin only."""

    scheme: str
    host: str
    port: int


class Prepared:
    """A method and URL, ready to be sent: `head` lacks only the number and the fetch's headers."""

    __slots__ = ("head", "origin", "seen")

    def __init__(self, origin: Origin, head: bytes) -> None:
        self.origin = origin
        self.head = head
        self.seen: Seen | None = None  # how it was answered last


class Requests:
    """Writes the requests of one worker."""

    def __init__(self, run_id: str, worker: int) -> None:
        self._prepared: dict[tuple[str, str], Prepared] = {}
        self._common = (
            f"User-Agent: matchnight/{__version__}\r\nAccept: */*\r\n"
            f"X-Matchnight-Run: {run_id}\r\nX-Request-Id: {worker}-"
        )

    def prepare(self, method: str, url: str) -> Prepared:
        """Where the request goes and how it begins; ValueError: `url` cannot be asked for."""
        key = (method, url)
        prepared = self._prepared.get(key)
        if prepared is None:
            if len(self._prepared) >= _PREPARED:
                self._prepared.clear()
            prepared = self._prepared[key] = self._make(method, url)
        return prepared

    def _make(self, method: str, url: str) -> Prepared:
        parts = split(url)
        # a playlist may name anything: nothing of it may end the request line or begin a header
        target = quote(parts.target, safe=_AS_IT_IS)
        authority = parts.authority.encode("idna" if not parts.authority.isascii() else "ascii")
        if not authority.decode().isprintable() or b" " in authority:
            raise ValueError(f"{url!r} names no usable host")
        line = f"{method} {target} HTTP/1.1\r\nHost: {authority.decode()}\r\n{self._common}"
        return Prepared(Origin(parts.scheme, parts.host, parts.port), line.encode())


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
