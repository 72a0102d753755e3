"""The same connection inside TLS, over memory: the loop keeps the socket, OpenSSL never sees it."""

import _socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from loadtests.swarm.wire.connection import Connection
from loadtests.swarm.wire.trust import Ticket, ticket_of
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome

if TYPE_CHECKING:
    from loadtests.swarm.wire.answer import Answer
    from loadtests.swarm.wire.exchange import Exchange
    from loadtests.swarm.wire.line import Line

_RECORD = 16_384  # the most one TLS record carries (RFC 8446, section 5.1)

_BUFFER = bytearray(262_144)  # encrypted; a large one: what is read at once needs fewer wake-ups

# Shared by all connections, as the buffers are, and empty whenever a callback returns: what OpenSSL
# has of a record that has not come whole, it keeps for itself. One pair each would cost 90 kB.
_INCOMING = ssl.MemoryBIO()
_OUTGOING = ssl.MemoryBIO()
_PLAIN = bytearray(len(_BUFFER) + 2 * _RECORD)  # what _BUFFER may hold, and a record begun before
_ROOM = memoryview(_PLAIN)


class TlsConnection(Connection):
    """A connection inside an `ssl.SSLObject`.

    A viewer resumes its own sessions. One who comes back from another day (`Line.resumes`) has no
    session of its own yet and resumes one that somebody was given lately.
    """

    __slots__ = ("_is_open", "_is_vouched", "_plenty", "_tls")

    buffer = _BUFFER
    drops_in_kernel = False  # what is encrypted must be read to be understood

    def __init__(self, line: "Line", exchange: "Exchange") -> None:
        super().__init__(line, exchange)
        trust = self._wire.trust
        context = trust.context(self.origin.host)
        ticket = self._ticket()
        self._plenty = 1  # bytes to be woken for
        self._is_open = False  # the handshake is done
        # a ticket's context may be an old one: good to resume in, not to trust a certificate
        self._is_vouched = ticket is None or ticket.context in {context, trust.authorities}
        self._tls = self._wrap(context if ticket is None else ticket.context, ticket)

    def _wrap(self, context: ssl.SSLContext, ticket: Ticket | None = None) -> ssl.SSLObject:
        return context.wrap_bio(
            _INCOMING,
            _OUTGOING,
            server_hostname=self.origin.host,
            session=None if ticket is None else ticket.session,
        )

    def close(self) -> None:
        """Hang up; a viewer who stays keeps the session for the next connection."""
        if self._watcher is not None and not self.line.is_over:
            self.remember()
        super().close()

    # sessions

    def remember(self) -> None:
        """Keep the session for this viewer's next connection, if the origin gives tickets."""
        # they come behind the handshake (RFC 8446, section 4.6.1) and before the first answer
        if self._used and self.origin in self._wire.trust.given_out:
            ticket = ticket_of(self._tls)
            if ticket is not None:
                self.line.remember(self.origin, ticket)

    def _ticket(self) -> Ticket | None:
        line, origin = self.line, self.origin
        if line.ticket(origin) is None:
            for other in line.connections:
                if isinstance(other, TlsConnection) and other.origin == origin:
                    other.remember()
        own = line.ticket(origin)
        return self._wire.trust.given_out.get(origin) if own is None and line.resumes else own

    def _done(self, exchange: "Exchange", at: Seconds, *, persistent: bool = True) -> None:
        self._wire.trust.look(self._tls, self.origin, at)
        super()._done(exchange, at, persistent=persistent)

    # shaking hands

    def _connected(self) -> None:
        self._shake_hands()

    def _shake_hands(self) -> None:
        tls = self._tls
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            self._push_out()
        except ssl.SSLError as problem:
            is_untrusted = isinstance(problem, ssl.SSLCertVerificationError)
            if is_untrusted and tls.context is not self._wire.trust.authorities:
                self._ask_authorities()
            else:
                self._push_out()  # it says why
                self._fail(Outcome.TLS_ERROR)
        else:
            self._agreed()

    def _agreed(self) -> None:
        tls = self._tls
        if not tls.session_reused and not self._is_vouched:
            self._ask_authorities()
            return
        self._wire.trust.learn(tls, self.origin.host)
        self._is_open = True
        # the end of the handshake goes out with the request behind it, in one packet
        self._opened(resumed=bool(tls.session_reused))
        self._push_out()

    def _ask_authorities(self) -> None:
        """Dial again and let the authorities decide."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None
            self._wire.hang_up(self._socket)
        for leftover in (_INCOMING, _OUTGOING):  # the next may begin before this callback ends
            leftover.read()
        self._is_vouched = True
        self._tls = self._wrap(self._wire.trust.authorities)
        self.open()

    # sending

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest) :]
        self._push(_OUTGOING.read())

    def _push_out(self) -> None:
        if _OUTGOING.pending:
            # an error here is told again when reading, behind whatever the target said before
            with suppress(OSError):
                self._push(_OUTGOING.read())

    # reading

    def _received(self, raw: bytearray, size: int) -> None:
        _INCOMING.write(memoryview(raw)[:size])
        try:
            if not self._is_open:
                self._shake_hands()
            if self._is_open and self._watcher is not None:
                self._take()
        finally:
            if _INCOMING.pending:  # of a connection that was closed before it was read
                _INCOMING.read()

    def _take(self) -> None:
        answer = self._answer
        unwanted = 0 if answer is None else answer.left
        size, end = self._decrypt(keep=not unwanted)
        self._push_out()
        if not size:
            pass  # tickets and the like carry no data
        elif answer is not None and unwanted:
            self._skip(answer, size, unwanted)
        else:
            self._read(_PLAIN, size)
        if self._watcher is not None:
            self._await_plenty(0 if self._answer is None else self._answer.left)
        if end is None or self._watcher is None:
            return
        if end:
            self._ended()
        else:
            self._lost(Outcome.TLS_ERROR)

    def _decrypt(self, *, keep: bool) -> tuple[int, bool | None]:
        """Read all there is into `_PLAIN`, or each record over the one before.

        How much that was, and whether it ended in order (True), in disorder (False), or goes on.
        """
        read, size, room = self._tls.read, 0, _ROOM
        try:
            while _INCOMING.pending:
                got: int = read(_RECORD, room)  # type: ignore[assignment] # with a buffer: a count
                if not got:
                    return size, True
                size += got
                if keep:
                    room = _ROOM[size:]
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            return size, False
        return size, None

    def _await_plenty(self, left: int) -> None:
        """Be woken when there is plenty to read, not for each record, while more is sure to come.

        `left`: body bytes that are still to be decrypted.
        """
        # OpenSSL may have all but the last byte of a record already
        plenty = min(left - _RECORD, len(_BUFFER))
        if plenty < _RECORD:
            plenty = 1
        if plenty != self._plenty:
            self._plenty = plenty
            self._socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_RCVLOWAT, plenty)

    def _skip(self, answer: "Answer", size: int, left: int) -> None:
        """Count what nobody wants, without the parser."""
        answer.skip(min(size, left))
        if size >= left and self.exchange is not None:
            answer.persistent &= size == left
            self._complete(self.exchange, answer)
