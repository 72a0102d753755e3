"""Connections to the testbed that know how their client gets on.

A server learns of a request when its head is complete, and has done with it when the kernel has
taken the answer. A client that is slow at either would hold a connection for ever, and no log would
name it.
"""

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import NamedTuple

from aiohttp import web

from loadtests.stack.service import Service
from loadtests.testbed import clock
from loadtests.units import Seconds

_LINE = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]\r?\n")
_BYE = b"Content-Length: 0\r\nConnection: close\r\n\r\n"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\n" + _BYE
_FULL = b"HTTP/1.1 503 Service Unavailable\r\n" + _BYE
_LOOK_EVERY: Seconds = 1.0  # at least, and twice within the limit
_NARROW = 4096  # bytes of window: no client offers less that means to read
_SEND_BUFFER = 16_384  # Linux' default; it would grow to a hundred times a segment's size
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_WINDOW_AT = 228  # tcpi_snd_wnd in struct tcp_info (linux/tcp.h, since 5.4)


class Ended(Enum):
    """How a head that was not complete came to its end."""

    TIMED_OUT = auto()
    REFUSED = auto()  # no connection was left for those who take their time
    CLIENT_LEFT = auto()


class Unfinished(NamedTuple):
    """A request of which nothing but the first line was sure to come."""

    begun: Seconds
    client: str
    method: str
    target: str
    ended: Ended


class Incoming(web.RequestHandler):
    """One connection, which carries one request at a time."""

    __slots__ = (
        "_begun",
        "_holds",
        "_is_taken",
        "_left",
        "_left_since",
        "_service",
        "_start",
        "_tell",
        "timed_out",
    )

    def __init__(
        self,
        server: web.Server,
        loop: asyncio.AbstractEventLoop,
        service: Service,
        tell: Callable[[Unfinished], None],
    ) -> None:
        super().__init__(server, loop=loop, access_log=None)  # type: ignore[arg-type] # it may be
        self._service = service
        self._tell = tell
        self._holds = False  # whether it takes one of the service's connections
        self._begun: Seconds | None = None  # None: between requests, or the last one is taken
        self._is_taken = False
        self._start = b""
        self._left = 0  # bytes of an answer that the client has not made room for
        self._left_since: Seconds = 0.0
        self.timed_out = False  # whether the testbed hung up in the middle of an answer

    @property
    def is_stuck(self) -> bool:
        """Whether an answer was waiting for its client when somebody looked last."""
        return self._left > 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client that offers next to no room gets no more of an answer than it takes."""
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if _TCP_INFO is not None and sock is not None and _window(sock) < _NARROW:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)

    def data_received(self, data: bytes) -> None:
        """Bytes have come: a whole request usually."""
        if self._is_taken:  # of its body, or of the next one
            pass
        elif self._begun is None:
            self._begun, self._start = clock.now(), data
        elif b"\n" not in self._start:
            self._start += data
        super().data_received(data)

    def take(self) -> Seconds:
        """The head is complete, and somebody answers; when its first byte came."""
        begun, self._begun, self._is_taken = self._begun, None, True
        self._release()
        return clock.now() if begun is None else begun

    def give_back(self) -> None:
        """It is answered: what comes next is the next request."""
        self._is_taken, self._left = False, 0
        self._release()

    def expire(self, now: Seconds, limit: Seconds) -> None:
        """Hang up on a head, or on an answer, that did not get on for longer than `limit`."""
        transport = self.transport
        if transport is None:
            return
        if self._begun is not None:
            if now - self._begun > limit:
                self._refuse(transport, TIMED_OUT, Ended.TIMED_OUT)
            elif not self._hold(now):
                self._refuse(transport, _FULL, Ended.REFUSED)
            return
        left = transport.get_write_buffer_size() if self.writing_paused else 0
        if left != self._left:
            self._left, self._left_since = left, now
        elif left:
            self._hold(now)
            if now - self._left_since > limit:
                self.timed_out = True
                transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client has hung up, or the testbed did."""
        self._end(Ended.CLIENT_LEFT)
        self._release()
        super().connection_lost(exc)

    def _hold(self, now: Seconds) -> bool:
        """Whether one of the service's connections is this one's, which takes its time."""
        self._holds = self._holds or self._service.hold(now)
        return self._holds

    def _release(self) -> None:
        if self._holds:
            self._holds = False
            self._service.release()

    def _refuse(self, transport: asyncio.Transport, answer: bytes, ended: Ended) -> None:
        self._end(ended)
        transport.write(answer)
        self.force_close()

    def _end(self, ended: Ended) -> None:
        begun, self._begun = self._begun, None
        line = _LINE.match(self._start)
        if begun is None or line is None:  # nothing was asked
            return
        method, target = line[1].decode(), line[2].decode("latin-1")
        peer = self.peername
        client = str(peer[0]) if isinstance(peer, tuple) else ""
        self._tell(Unfinished(begun, client, method, target, ended))


def _window(sock: socket.socket) -> int:
    """Bytes the other end is ready to take; plenty where this system does not say."""
    info = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO or 0, _WINDOW_AT + 4)
    if len(info) < _WINDOW_AT + 4:
        return _NARROW
    return int(struct.unpack_from("I", info, _WINDOW_AT)[0])


class Server(web.Server):
    """Makes an `Incoming` of every connection, and ends those whose client is too slow."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        *,
        service: Service,
        tell: Callable[[Unfinished], None],
    ) -> None:
        """`tell` is told of heads that never were complete; `service` sets the limit."""
        # a handler is canceled when its connection is lost: so is noticed who went away
        super().__init__(handler, handler_cancellation=True)
        self._service = service
        self._tell = tell
        self._every = min(_LOOK_EVERY, service.client_timeout / 2)
        self._look()

    def __call__(self) -> Incoming:
        """For asyncio: the protocol of a new connection."""
        return Incoming(self, self._loop, self._service, self._tell)

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look(self) -> None:
        self._timer = self._loop.call_later(self._every, self._look)
        now = clock.now()
        for connection in self.connections:
            assert isinstance(connection, Incoming)  # noqa: S101 - no others are made
            connection.expire(now, self._service.client_timeout)
