"""What a wire is told from outside: its options, and whom it tells what happened."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol

from loadtests.behavior.steps import Fetch, Reply
from loadtests.errors import MatchnightError
from loadtests.units import Seconds


class Recording(Protocol):
    """Told of every request and connection, quickly and without raising; `collect.Recorder` is one.

    `sent` comes once for every fetch taken up, `answered` once when it has ended, whatever came of
    it: at any moment sent = answered + in flight. What never left has `reply.id` 0.
    """

    def sent(self, fetch: Fetch) -> None:
        """A request was taken up."""

    def answered(self, reply: Reply) -> None:
        """It has ended."""

    def lagged(self, late: Seconds) -> None:
        """The tester resumed a waiting journey so long after it was due."""

    def connected(self, resumed: bool | None) -> None:  # noqa: FBT001 - the one thing there is to say
        """A connection is open; its TLS handshake was full (False), resumed (True), none (None)."""


class Silence:
    """A `Recording` that is told and keeps nothing."""

    def sent(self, fetch: Fetch) -> None:
        """Not recorded."""

    def answered(self, reply: Reply) -> None:
        """Not recorded."""

    def lagged(self, late: Seconds) -> None:
        """Not recorded."""

    def connected(self, resumed: bool | None) -> None:  # noqa: FBT001 - Recording's signature
        """Not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireOptions:
    """How a wire reaches its targets; the defaults are a plain browser's.

    MatchnightError if an address of `resolve` is not numeric or `ca_file` cannot be read.
    """

    resolve: Mapping[str, str] = field(default_factory=dict)  # "host:port" -> numeric address
    verify: bool = True  # check certificates and the names in them
    ca_file: str | None = None  # trusted beside the system's own authorities
    name_servers: tuple[tuple[str, int], ...] | None = None  # for lifetimes; None: the system's
    connections_per_host: int = 6  # what browsers open to one host over HTTP/1.1
    distinct_sources: bool = True  # a 127/8 address for each viewer, where the system has them

    def __post_init__(self) -> None:
        """Refuse what could only fail later, in the middle of a run."""
        for name, address in self.resolve.items():
            try:
                ip_address(address)
            except ValueError:
                raise MatchnightError(
                    f"--resolve {name}:{address}: {address!r} is not a numeric address"
                ) from None
        if self.ca_file is not None:
            _check_readable(self.ca_file)


def _check_readable(ca_file: str) -> None:
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError as problem:  # ssl.SSLError is one
        raise MatchnightError(f"{ca_file}: no certificates to trust there: {problem}") from None
