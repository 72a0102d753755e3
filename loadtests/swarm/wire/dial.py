"""How a connection comes to be: a name's addresses, the gate's word on each, one after another."""

import _socket
from errno import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAGAIN,
    EALREADY,
    ECONNRESET,
    EINPROGRESS,
    EISCONN,
    EMFILE,
    ENFILE,
    ENOBUFS,
    ENOMEM,
    ETIMEDOUT,
)
from typing import TYPE_CHECKING, Protocol

from loadtests.swarm.wire.addresses import Address, spread
from loadtests.swarm.wire.request import Origin
from loadtests.vocabulary import Outcome

if TYPE_CHECKING:
    from gevent._types import _IoWatcher

    from loadtests.swarm.wire.engine import Wire
    from loadtests.swarm.wire.line import Line

WRITE = 2  # libev's number
_PROBLEMS = {
    EADDRINUSE: Outcome.NO_SOCKET,
    EADDRNOTAVAIL: Outcome.NO_SOCKET,  # no port left
    EAGAIN: Outcome.NO_SOCKET,
    EMFILE: Outcome.NO_SOCKET,
    ENFILE: Outcome.NO_SOCKET,
    ENOBUFS: Outcome.NO_SOCKET,
    ENOMEM: Outcome.NO_SOCKET,
    ECONNRESET: Outcome.RESET,
    ETIMEDOUT: Outcome.CONNECT_TIMEOUT,
}  # all others: the target, or the way to it, refused


class Dialer(Protocol):
    """Whoever wants a socket: one of the two is called, once, maybe before `start` returns."""

    def dialed(self, sock: _socket.socket) -> None:
        """Here it is, connected; `Wire.hang_up` ends it."""

    def dial_failed(self, outcome: Outcome) -> None:
        """There is none, and why."""


class Dial:
    """One attempt to reach an origin, over all its addresses."""

    __slots__ = (
        "_addresses",
        "_dialer",
        "_line",
        "_origin",
        "_socket",
        "_watcher",
        "_window",
        "_wire",
    )

    def __init__(
        self,
        wire: "Wire",
        dialer: Dialer,
        origin: Origin,
        line: "Line",
        *,
        window: int | None = None,
    ) -> None:
        """`window`: bytes the kernel receives ahead; None: as many as it likes."""
        self._wire = wire
        self._dialer: Dialer | None = dialer  # None: nobody wants it any more
        self._origin = origin
        self._line = line
        self._window = window
        self._addresses: list[Address] = []  # still to be tried
        self._socket: _socket.socket | None = None
        self._watcher: _IoWatcher | None = None

    def start(self) -> None:
        """Ask the gate for the host, then look it up, then connect."""
        host, port = self._origin.host, self._origin.port
        if not self._wire.gate.allows_host(host):
            self._failed(Outcome.FORBIDDEN_HOST)
            return
        addresses = self._wire.resolver.known(host, port)
        if addresses is None:
            self._wire.resolver.ask(host, port, self._resolved)
        else:
            self._resolved(addresses)

    def cancel(self) -> None:
        """Nobody wants the socket any more."""
        self._dialer = None
        self._drop_socket()

    def _resolved(self, addresses: tuple[Address, ...]) -> None:
        if self._dialer is None:
            return
        allowed = tuple(a for a in addresses if self._wire.gate.allows_address(a))
        if allowed:
            self._addresses = spread(allowed, self._line.viewer)
            self._connect()
        else:
            self._failed(Outcome.FORBIDDEN_HOST if addresses else Outcome.UNRESOLVED)

    def _connect(self) -> None:
        address = self._addresses.pop(0)
        try:
            sock = self._socket = self._wire.new_socket(address.family)
            self._wire.sources.bind(sock, address, self._line.source)
            if self._window is not None:  # before connecting: what is offered first stays
                sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_RCVBUF, self._window)
            problem = sock.connect_ex(address.sockaddr)
            if problem == EINPROGRESS:  # what is near has answered by now: then ask no watcher
                problem = sock.connect_ex(address.sockaddr)
        except OSError as error:
            self._problem(error.errno or EADDRNOTAVAIL)
            return
        if problem in {0, EISCONN}:
            self._succeeded(sock)
        elif problem in {EINPROGRESS, EALREADY}:
            self._watcher = self._wire.loop.io(sock.fileno(), WRITE)
            self._watcher.start(self._on_writable, sock)
        else:
            self._problem(problem)

    def _on_writable(self, sock: _socket.socket) -> None:
        try:
            problem = sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
            if problem:
                self._problem(problem)
            else:
                self._succeeded(sock)
        except BaseException as bug:  # noqa: BLE001 - the edge: gevent would print it and go on
            self._wire.on_bug(bug)

    def _problem(self, problem: int) -> None:
        self._drop_socket()
        outcome = _PROBLEMS.get(problem, Outcome.REFUSED)
        if self._addresses and outcome is not Outcome.NO_SOCKET:
            self._connect()
        else:
            self._failed(outcome)

    def _succeeded(self, sock: _socket.socket) -> None:
        self._stop_watching()
        self._socket = None
        if self._dialer is not None:
            self._dialer.dialed(sock)

    def _failed(self, outcome: Outcome) -> None:
        if self._dialer is not None:
            self._dialer.dial_failed(outcome)

    def _stop_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None

    def _drop_socket(self) -> None:
        self._stop_watching()
        if self._socket is not None:
            self._wire.hang_up(self._socket)
            self._socket = None
