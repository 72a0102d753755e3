"""One plain connection of one viewer, driven by readiness callbacks of gevent's loop."""

import _socket
import sys
from contextlib import suppress
from mmap import mmap
from typing import TYPE_CHECKING

from loadtests.behavior.judge import by_default
from loadtests.swarm.wire.dial import WRITE, Dial
from loadtests.swarm.wire.request import compose
from loadtests.swarm.wire.seen import remember
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from gevent._types import _IoWatcher

    from loadtests.swarm.wire.answer import Answer
    from loadtests.swarm.wire.exchange import Exchange
    from loadtests.swarm.wire.line import Line

READ = 1  # libev's number
BUFFER = bytearray(65_536)  # shared: a callback is done with it when it returns
_NOWHERE = mmap(-1, 16 << 20)  # what is dropped is never written here: no memory behind it
_MUCH = 262_144  # bytes to be woken for; they wait in the kernel, so a few thousand viewers' fit
_WORTH_DROPPING = 32_768  # bytes; less is copied as fast as it is dropped


class Connection:
    """Opened for one exchange, kept for the next; carries one at a time, as browsers do.

    Whatever happens to the exchange it carries is told to that exchange once, and recorded there.
    """

    __slots__ = (
        "_answer",
        "_dial",
        "_left",
        "_socket",
        "_unsent",
        "_used",
        "_watcher",
        "_wire",
        "exchange",
        "line",
        "origin",
    )

    buffer = BUFFER
    window: int | None = None  # bytes the kernel receives ahead; None: as many as it likes
    drops_in_kernel = sys.platform.startswith("linux")  # MSG_TRUNC on TCP: tcp(7)

    def __init__(self, line: "Line", exchange: "Exchange") -> None:
        self.line = line
        self.exchange: Exchange | None = exchange  # None: idle, or closed
        self.origin = exchange.prepared.origin
        self._wire = line.wire
        self._dial: Dial | None = None
        self._socket: _socket.socket
        self._watcher: _IoWatcher | None = None  # None: there is no socket (yet, or any more)
        self._answer: Answer | None = None  # None: not a byte of it yet
        self._left = 0  # body bytes still to be dropped in the kernel
        self._unsent: memoryview | None = None
        self._used = False  # has carried an answer before
        exchange.connection = self

    def open(self) -> None:
        """Dial; the exchange goes out when that has succeeded."""
        if self.exchange is not None:
            self.exchange.opens()
        self._dial = Dial(self._wire, self, self.origin, self.line, window=self.window)
        self._dial.start()

    def dialed(self, sock: _socket.socket) -> None:
        """There is a socket: send what it was opened for."""
        self._dial = None
        self._socket = sock
        self._watch(READ, self._on_readable)
        self._connected()

    def dial_failed(self, outcome: Outcome) -> None:
        """There is none."""
        self._dial = None
        self._fail(outcome)

    def close(self) -> None:
        """Hang up, telling nobody but the line. Closing twice does nothing."""
        if self._dial is not None:
            self._dial.cancel()
            self._dial = None
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None
            self._wire.hang_up(self._socket)
        self.exchange = None
        self.line.dropped(self)

    def expire(self) -> None:
        """The exchange it carries has run into a time-out."""
        if self.exchange is not None:
            self._fail(self.exchange.missed)

    def _connected(self) -> None:
        self._opened(resumed=None)

    def _opened(self, *, resumed: bool | None) -> None:
        self._wire.recorder.connected(resumed)
        if self.exchange is not None:
            self.send(self.exchange)

    def _watch(self, events: int, callback: "Callable[[], None]") -> None:
        if self._watcher is not None:
            self._watcher.stop()
        self._watcher = self._wire.loop.io(self._socket.fileno(), events)
        self._watcher.start(callback)

    # sending

    def send(self, exchange: "Exchange") -> None:
        """Put the request on the wire; the connection is open and carries nothing else."""
        wire, fetch = self._wire, exchange.fetch
        number = wire.number + 1
        self.exchange = exchange
        exchange.connection = self
        try:
            self._write(compose(exchange.prepared.head, fetch, number))
        except OSError:  # nothing left us: this was no request yet
            self._died_unsent(exchange)
            return
        wire.number = number
        reply = exchange.reply
        reply.id = number
        reply.sent = at = wire.clock()
        exchange.deadline = at + fetch.timeouts.first_byte

    def _died_unsent(self, exchange: "Exchange") -> None:
        if not self._used:
            self._fail(Outcome.RESET)
            return
        exchange.connection = None
        self.close()
        self.line.place(exchange)

    def _write(self, data: bytes) -> None:
        if self._unsent is not None:
            self._unsent = memoryview(bytes(self._unsent) + data)
            return
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._unsent = memoryview(data)[sent:]
            self._watch(READ | WRITE, self._on_both)

    _push = _write  # what stays the same where `_write` encrypts

    def _on_both(self) -> None:
        try:
            # an error here is told again when reading, behind whatever the target said before
            with suppress(OSError):
                self._flush()
        except BaseException as bug:  # noqa: BLE001 - the edge: gevent would print it and go on
            self._wire.on_bug(bug)
        self._on_readable()

    def _flush(self) -> None:
        if self._unsent is not None:
            rest = self._unsent[self._socket.send(self._unsent) :]
            self._unsent = rest or None
            if not rest:
                self._watch(READ, self._on_readable)

    # reading

    def _on_readable(self) -> None:
        try:
            try:
                size = self._drop() if self._left else self._socket.recv_into(self.buffer)
            except BlockingIOError:
                return
            except OSError:
                self._lost(Outcome.RESET)
                return
            if self._wire.gate.is_limited:
                self._wire.gate.receive(size, self._wire.clock())
            if not size:
                self._ended()
            elif self._left:
                self._dropped(size)
            else:
                self._received(self.buffer, size)
        except BaseException as bug:  # noqa: BLE001 - the edge: gevent would print it and go on
            self._wire.on_bug(bug)

    def _read(self, raw: bytearray, size: int) -> None:
        """The first `size` bytes of `raw` have come."""
        exchange, answer = self.exchange, self._answer
        if exchange is None:  # nobody asked: a time-out's farewell, or garbage
            self.close()
            return
        if answer is None:
            at, reply = self._wire.clock(), exchange.reply
            reply.first_byte = at
            seen = exchange.prepared.seen
            if seen is not None and seen.answers(reply, raw, size):
                self._done(exchange, at)
                return
            answer = self._begin(exchange, raw, size)
        else:
            answer.feed(memoryview(raw)[:size])
        self._go_on(exchange, answer)

    def _begin(self, exchange: "Exchange", raw: bytearray, size: int) -> "Answer":
        reply = exchange.reply
        answer = self._answer = self._wire.answers.take(reply)
        answer.feed(memoryview(raw)[:size])
        if answer.is_clean:
            answer.close()
            self._wire.requests.remember(exchange.prepared, remember(raw, size, reply))
        return answer

    def _go_on(self, exchange: "Exchange", answer: "Answer") -> None:
        if answer.says_stop:  # whatever else it is: an answer that never ends is heard, too
            self._wire.heed(exchange.reply)
        if answer.garbage:
            self._fail(Outcome.GARBAGE)
        elif answer.complete:
            self._complete(exchange, answer)
        elif self.drops_in_kernel and answer.left > _WORTH_DROPPING:
            self._left = answer.left
            self._await_much()

    _received = _read

    def _await_much(self) -> None:
        """Be woken for much of what is to be dropped, or the rest of it, not for each packet."""
        much = min(self._left, _MUCH) or 1
        self._socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_RCVLOWAT, much)

    def _drop(self) -> int:
        most = min(self._left, len(_NOWHERE))
        return self._socket.recv_into(_NOWHERE, most, _socket.MSG_TRUNC)

    def _dropped(self, size: int) -> None:
        exchange, answer = self.exchange, self._answer
        self._left -= size
        if exchange is not None and answer is not None:
            answer.skip(size)
            if self._left < _MUCH:
                self._await_much()
            if not self._left:
                self._complete(exchange, answer)

    def _complete(self, exchange: "Exchange", answer: "Answer") -> None:
        answer.close()
        self._answer = None
        self._wire.answers.give_back(answer)
        self._done(exchange, self._wire.clock(), persistent=answer.persistent)

    def _done(self, exchange: "Exchange", at: Seconds, *, persistent: bool = True) -> None:
        """Judge and record the answer, make the connection free, let the journey go on."""
        line, reply = self.line, exchange.reply
        reply.done = at
        self.exchange = exchange.connection = None
        self._used = True
        phrase = exchange.fetch.phrase
        reply.outcome = by_default(reply) if phrase is None else phrase.judge(reply)
        if not persistent or self._unsent is not None:
            self.close()
        elif line.waiting is not None:
            line.freed(self.origin)
        line.wire.ended(exchange)
        walk, exchange.walk = exchange.walk, None
        if walk is not None:
            walk.resume(reply, at)

    # ending

    def _ended(self) -> None:
        exchange, answer = self.exchange, self._answer
        if exchange is not None and answer is not None and answer.ends_with_connection:
            answer.persistent = False
            self._complete(exchange, answer)
        else:
            has_head = answer is not None and answer.has_head
            self._lost(Outcome.TRUNCATED if has_head else Outcome.RESET)

    def _lost(self, outcome: Outcome) -> None:
        """The target has hung up: what went out on a used connection is sent again, once."""
        exchange = self.exchange
        if exchange is None:
            self.close()
        elif self._used and self._answer is None and exchange.may_go_again:
            exchange.again()
            self.close()
            self.line.place(exchange)
        else:
            self._fail(outcome)

    def _fail(self, outcome: Outcome) -> None:
        exchange, answer = self.exchange, self._answer
        if answer is not None:
            answer.close()
        self.close()
        if exchange is not None:
            exchange.connection = None
            exchange.fail(outcome)
