"""A connection that is dragged out on purpose: hostile traffic rehearsed, and nobody else's.

What holds a server is a request that never quite ends (Slowloris, R-U-Dead-Yet), or an answer that
is hardly read (CAPEC-469). Plain HTTP only.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from loadtests.behavior.steps import Slow
from loadtests.swarm.wire.connection import Connection
from loadtests.units import BytesPerSecond, Seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadtests.swarm.wire.exchange import Exchange
    from loadtests.swarm.wire.line import Line

_LINE = b"\r\n"
_HEAD = b"\r\n\r\n"


class SlowConnection(Connection):
    """Opened for one slow exchange, and ends with it: see `behavior.steps.Slow`."""

    __slots__ = ("_slow",)

    buffer = bytearray(1)  # what is read when a byte is due
    drops_in_kernel = False
    window = 1024  # the least a kernel takes is a little more (Linux: 2,304 with its own overhead)

    def __init__(self, line: "Line", exchange: "Exchange") -> None:
        if exchange.prepared.origin.scheme != "http":
            raise ValueError(f"slow exchanges are plain HTTP, not {exchange.fetch.url}")
        super().__init__(line, exchange)
        self._slow = exchange.fetch.slow or Slow()

    def send(self, exchange: "Exchange") -> None:
        """Put what goes at once on the wire; the rest, and the answer, take their time."""
        super().send(exchange)
        if self._watcher is None:  # it was lost before anything went out
            return
        self._after(self._slow.writes, self._dribble)
        if self._slow.reads is not None:
            self._watcher.stop()
        self._after(self._slow.reads, self._sip)

    def _after(self, rate: BytesPerSecond | None, then: "Callable[[Seconds], None]") -> None:
        if rate is not None:
            self._wire.timers.at(self._wire.clock() + 1 / rate, then)

    def _write(self, data: bytes) -> None:
        if self._slow.writes is None:
            super()._write(data)
            return
        cut = _at_once(data)
        super()._write(data[:cut])  # less than any new socket's buffer takes
        self._unsent = memoryview(data)[cut:]

    def _dribble(self, _late: Seconds) -> None:
        rest = self._unsent
        if self._watcher is None or rest is None:
            return
        # an error here is told again when reading, behind whatever the target said before
        with suppress(OSError):
            rest = rest[self._socket.send(rest[:1]) :]
        self._unsent = rest or None
        self._after(self._slow.writes, self._dribble)

    def _sip(self, _late: Seconds) -> None:
        if self._watcher is not None:
            self._on_readable()
            self._after(self._slow.reads, self._sip)

    def _done(self, exchange: "Exchange", at: Seconds, *, persistent: bool = True) -> None:
        del persistent
        super()._done(exchange, at, persistent=False)


def _at_once(request: bytes) -> int:
    """How many bytes of a request do not dribble: all but its body, or its headers."""
    head = request.index(_HEAD) + len(_HEAD)
    return head if head < len(request) else request.index(_LINE) + len(_LINE)
