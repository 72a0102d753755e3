"""How a connection comes to be: the name's addresses, the gate's word on each, one attempt after another."""

import _socket
from errno import (
    EADDRNOTAVAIL,
    EAGAIN,
    ECONNRESET,
    EINPROGRESS,
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

WRITE = 2  # libev's number
_PROBLEMS = {
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
    """Whoever wants a socket; one of the two is called once, never from within `Dial.start`'s caller."""

    def dialed(self, sock: _socket.socket) -> None:
        """Here it is, connected; who gets it closes it with `Wire.hang_up`."""

    def dial_failed(self, outcome: Outcome) -> None:
        """There is none, and why; may come while `start` is still running."""


class Dial:
    """One attempt to reach an origin, over all its addresses."""

    __slots__ = ("_addresses", "_dialer", "_origin", "_socket", "_viewer", "_watcher", "_wire")

    def __init__(self, wire: "Wire", dialer: Dialer, origin: Origin, viewer: int) -> None:
        self._wire = wire
        self._dialer: Dialer | None = dialer  # None: nobody wants it any more
        self._origin = origin
        self._viewer = viewer
        self._addresses: list[Address] = []  # still to be tried
        self._socket: _socket.socket | None = None
        self._watcher: _IoWatcher | None = None

    def start(self) -> None:
        """Ask the gate for the host, then look it up, then connect."""
        host, port = self._origin.host, self._origin.port
        if not self._wire.gate.allows_host(host, port):
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
            self._addresses = spread(allowed, self._viewer)
            self._connect()
        else:
            self._failed(Outcome.FORBIDDEN_HOST if addresses else Outcome.UNRESOLVED)

    def _connect(self) -> None:
        address = self._addresses.pop(0)
        try:
            sock = self._socket = self._wire.new_socket(address.family)
            self._wire.sources.bind(sock, address, self._viewer)
            problem = sock.connect_ex(address.sockaddr)
        except OSError as error:
            problem = error.errno or EADDRNOTAVAIL
        if problem in {0, EINPROGRESS}:
            self._watcher = self._wire.loop.io(sock.fileno(), WRITE)
            self._watcher.start(self._on_writable)
        else:
            self._problem(problem)

    def _on_writable(self) -> None:
        try:
            sock = self._socket
            problem = sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
            if problem:
                self._problem(problem)
                return
            self._socket = None
            self._watcher.stop()
            self._dialer.dialed(sock)
        except BaseException as bug:  # noqa: BLE001 - the edge of the loop: gevent would print it and go on
            self._wire.on_bug(bug)

    def _problem(self, problem: int) -> None:
        self._drop_socket()
        outcome = _PROBLEMS.get(problem, Outcome.REFUSED)
        if self._addresses and outcome is not Outcome.NO_SOCKET:
            self._connect()
        else:
            self._failed(outcome)

    def _failed(self, outcome: Outcome) -> None:
        dialer, self._dialer = self._dialer, None
        dialer.dial_failed(outcome)

    def _drop_socket(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
        sock, self._socket = self._socket, None
        if sock is not None:
            self._wire.hang_up(sock)
