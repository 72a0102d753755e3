"""What it takes to send a night: processes of one core each, from what the engine was measured at.

All figures are of one core of an AMD EPYC, Python 3.11 without PGO and LTO (DECISIONS.md, 30); the
rounds are in reports/benchmarks/. Another machine measures its own with `make bench`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from loadtests.paper.plan.night import Night
from loadtests.units import Bytes, BytesPerSecond, Ratio, Seconds

REQUEST: Seconds = 24.6e-6
"""Of a core, for one request in a journey, on an open connection, 21,000 a second.

2026-11-23T002125.json, `viewers`: 24.6 and 23.9 us.
"""

OWN_REQUEST: Seconds = 78.9e-6
"""The same where every viewer has playlists of their own. 2026-11-23T010924.json, `knee-own`."""

HANDSHAKE: Seconds = 892e-6
"""Of a core, for a new connection with a full TLS 1.3 handshake and one request.

2026-11-23T002346.json, `handshakes`: 746 to 892 us.
"""

TLS: BytesPerSecond = 11.9e9 / 8
"""Through one core over TLS, at 5 Mbit/s a viewer.

2026-11-23T003919.json, `bulk-tls`: 11.9 Gbit/s a core; 11.9 to 15.6 in all rounds.
"""

VIEWER: Bytes = 45.4e3
"""Memory of one viewer over TLS. 2026-11-23T003919.json, `bulk-tls`."""

PROCESS: Bytes = 60e6
"""Memory of a process before anybody comes, with half as much again to spare.

2026-11-22T230829.json, `soak`: some 39 MB, less its viewers'.
"""

DESCRIPTORS = 20_000
"""Connections of one process: more than some systems let it have (tests/bench/case_viewers.py)."""

BUSY: Ratio = 0.5
"""So much of its core a process is given to do: at 0.58 starts became late (`knee`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generators:
    """What a night needs on the sending side."""

    processes: int  # of one core each
    cores: float  # busy, in the busiest second
    memory: Bytes
    bound_by: str  # what decides how many: `cpu` or `connections`


def generators(night: Night, *, own_playlists: bool) -> Generators:
    """What sends a night over TLS, every viewer for themselves; at its busiest second."""
    cores = max(_cores(night, own_playlists=own_playlists), default=0.0)
    watching = max(night.watching, default=0.0)
    by_cpu, by_connections = ceil(cores / BUSY), ceil(watching / DESCRIPTORS)
    processes = max(1, by_cpu, by_connections)
    return Generators(
        processes=processes,
        cores=cores,
        memory=processes * PROCESS + watching * VIEWER,
        bound_by="cpu" if by_cpu >= by_connections else "connections",
    )


def _cores(night: Night, *, own_playlists: bool) -> Iterator[float]:
    request = OWN_REQUEST if own_playlists else REQUEST
    asked = map(sum, zip(*night.requests.values(), strict=True))
    for requests, opened, sent in zip(asked, night.connections, night.sent, strict=True):
        yield requests * request + opened * HANDSHAKE + sent / TLS
