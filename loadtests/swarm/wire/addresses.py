"""Names to addresses, away from the loop, and an address of its own for each viewer on loopback."""

import _socket
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple, cast

import gevent

from loadtests.swarm.wire.name_service import Server, lifetime, system_servers
from loadtests.units import Seconds

if TYPE_CHECKING:
    from gevent.event import AsyncResult

KEPT: Seconds = 60.0  # how long an answer is used whose lifetime nobody knows, as in browsers
_FIRST_OCTETS = "127."
_PER_OCTET = 250  # 1-250: neither .0 nor .255, which some tools take for networks and broadcasts
_IP_BIND_ADDRESS_NO_PORT = 24  # linux/in.h; Python has no name for it
Sockaddr = tuple[str, int] | tuple[str, int, int, int]
Found = tuple[tuple["Address", ...], Seconds]
NOBODY: Found = ((), 0.0)
Known = dict[tuple[str, int], tuple[Seconds, "tuple[Address, ...]"]]


class Address(NamedTuple):
    """One address a name stands for."""

    family: int
    sockaddr: Sockaddr

    @property
    def is_loopback(self) -> bool:
        """Whether it can only be this machine."""
        return _is_loopback(self.sockaddr[0])


@lru_cache(maxsize=1024)
def _is_loopback(text: str) -> bool:
    return ip_address(text.partition("%")[0]).is_loopback


def numeric(host: str, port: int) -> Address | None:
    """The address `host` is, if it is one and no name."""
    try:
        version = ip_address(host.partition("%")[0]).version
    except ValueError:
        return None
    if version == 4:  # noqa: PLR2004 - IPv4
        return Address(_socket.AF_INET, (host, port))
    return Address(_socket.AF_INET6, (host, port, 0, 0))


def spread(addresses: tuple[Address, ...], viewer: int) -> list[Address]:
    """In the order this viewer tries them: the preferred family first, others elsewhere in it.

    Name services rotate their answers for the same reason; one cached answer for all would send
    everybody to one machine.
    """
    if len(addresses) == 1:
        return [*addresses]
    family = addresses[0].family
    same = [a for a in addresses if a.family == family]
    turn = viewer % len(same)
    return same[turn:] + same[:turn] + [a for a in addresses if a.family != family]


class Resolver:
    """Looks names up in threads, once for all who ask meanwhile, and remembers what was found.

    For as long as the name's servers allow; for `KEPT` seconds where they do not say.
    """

    def __init__(
        self,
        fixed: Mapping[str, str],
        clock: Callable[[], Seconds],
        on_bug: Callable[[BaseException], None],
        servers: Sequence[Server] | None = None,
    ) -> None:
        """`servers`: name servers to ask for lifetimes; None: the system's."""
        self._servers = servers
        self._fixed = fixed
        self._clock = clock
        self._on_bug = on_bug
        self._known: Known = {}
        self._asking: dict[tuple[str, int], list[Callable[[tuple[Address, ...]], None]]] = {}

    def known(self, host: str, port: int) -> tuple[Address, ...] | None:
        """Addresses of `host`, or None if they have to be asked for."""
        until, addresses = self._known.get((host, port), (0.0, ()))
        if addresses and self._clock() < until:
            return addresses
        address = numeric(self._fixed.get(f"{host}:{port}", host), port)
        if address is None:
            return None
        self._known[host, port] = (float("inf"), (address,))
        return (address,)

    def ask(self, host: str, port: int, then: Callable[[tuple[Address, ...]], None]) -> None:
        """Look it up, then call `then` from the loop with what was found; empty: no such name."""
        waiting = self._asking.setdefault((host, port), [])
        waiting.append(then)
        if len(waiting) == 1:
            lookup = gevent.get_hub().threadpool.spawn(_look_up, host, port, self._servers)
            lookup.rawlink(lambda found: self._found(host, port, found))

    def _found(self, host: str, port: int, lookup: "AsyncResult[Found]") -> None:
        try:
            addresses, kept = lookup.get() or NOBODY
            if addresses:
                self._known[host, port] = (self._clock() + kept, addresses)
            for then in self._asking.pop((host, port)):
                then(addresses)
        except BaseException as bug:  # noqa: BLE001 - the edge: gevent would print it and go on
            self._on_bug(bug)


def _look_up(host: str, port: int, servers: Sequence[Server] | None) -> Found:
    # the C function, which gevent never patches: this runs in a thread without a hub
    try:
        found = _socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return NOBODY
    addresses = tuple(
        Address(family, cast("Sockaddr", address))
        for family, _, _, _, address in found
        if family in {_socket.AF_INET, _socket.AF_INET6}
    )
    return addresses, _lifetime(host, addresses, servers)


def _lifetime(
    host: str, addresses: tuple[Address, ...], servers: Sequence[Server] | None
) -> Seconds:
    """How long the addresses may be used; of this machine's own no name server is asked."""
    if servers is None:
        servers = [] if all(a.is_loopback for a in addresses) else system_servers()
    families = {address.family for address in addresses} if servers else ()
    said = (
        lifetime(host, family, [a.sockaddr[0] for a in addresses if a.family == family], servers)
        for family in families
    )
    return min((seconds for seconds in said if seconds is not None), default=KEPT)


class Sources:
    """Addresses viewers call from: each its own of 127/8, if `wanted` and the system has them."""

    def __init__(self, *, wanted: bool) -> None:
        self.are_distinct = wanted and _has_many_loopback_addresses()

    def bind(self, sock: _socket.socket, target: Address, viewer: int) -> None:
        """Give the socket the viewer's own address for a target of 127/8. OSError: none left."""
        if not self.are_distinct or not target.sockaddr[0].startswith(_FIRST_OCTETS):
            return
        # the port is chosen when connecting, or a source would run out of ports it never uses
        sock.setsockopt(_socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind((source_of(viewer), 0))


def source_of(viewer: int) -> str:
    """Address of a viewer: distinct for the first 15.6 million."""
    rest, last = divmod(viewer, _PER_OCTET)
    first, middle = divmod(rest, _PER_OCTET)
    return f"{_FIRST_OCTETS}{first % _PER_OCTET + 1}.{middle + 1}.{last + 1}"


def _has_many_loopback_addresses() -> bool:
    probe = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        probe.setsockopt(_socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        probe.bind((source_of(1), 0))
    except OSError:
        return False
    finally:
        probe.close()
    return True
