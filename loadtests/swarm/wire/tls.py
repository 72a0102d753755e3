"""The same connection inside TLS, over memory: the loop keeps the socket, OpenSSL never sees it."""

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from loadtests.swarm.wire.connection import Connection
from loadtests.vocabulary import Outcome

if TYPE_CHECKING:
    from loadtests.swarm.wire.exchange import Exchange
    from loadtests.swarm.wire.line import Line
    from loadtests.swarm.wire.options import WireOptions

_RECORD = 16_384  # the most one TLS record carries (RFC 8446, section 5.1)
_PLAIN = memoryview(bytearray(_RECORD))  # shared: a callback is done with it when it returns


def client_context(options: "WireOptions") -> ssl.SSLContext:
    """How viewers speak TLS: the system's authorities and `ca_file`, HTTP/1.1 by ALPN."""
    context = ssl.create_default_context()
    if options.ca_file is not None:
        context.load_verify_locations(cafile=options.ca_file)
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


class TlsConnection(Connection):
    """A connection inside an `ssl.SSLObject`.

    A viewer resumes its own sessions. One who comes back from another day (`Line.resumes`) has no
    session of its own yet and resumes whichever was given out last.
    """

    __slots__ = ("_incoming", "_is_open", "_is_remembered", "_outgoing", "_tls")

    drops_in_kernel = False  # what is encrypted must be read to be understood

    def __init__(self, line: "Line", exchange: "Exchange") -> None:
        super().__init__(line, exchange)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._is_open = False  # the handshake is done
        self._is_remembered = False  # its session can be resumed by the next connection
        self._tls = self._wire.tls_context.wrap_bio(
            self._incoming,
            self._outgoing,
            server_hostname=self.origin.host,
            session=line.session(self.origin),
        )

    def _connected(self) -> None:
        self._shake_hands()

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._push_out()
        except ssl.SSLError:
            self._fail(Outcome.TLS_ERROR)
        else:
            self._push_out()
            self._is_open = True
            self._opened(resumed=bool(self._tls.session_reused))

    def _push_out(self) -> None:
        data = self._outgoing.read()
        if data:
            # an error here is told again when reading, behind whatever the target said before
            with suppress(OSError):
                self._push(data)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest) :]
        self._push(self._outgoing.read())

    def _received(self, data: memoryview) -> None:
        self._incoming.write(data)
        if not self._is_open:
            self._shake_hands()
        while self._is_open and self._watcher is not None:
            try:
                # with a buffer it returns how much it put there, whatever typeshed says
                size = cast("int", self._tls.read(_RECORD, _PLAIN))
            except ssl.SSLWantReadError:  # tickets and the like carry no data
                break
            except ssl.SSLError:
                self._lost(Outcome.TLS_ERROR)
                return
            if size == 0:  # the target's close_notify
                self._ended()
                return
            self._read(_PLAIN[:size])
            if not self._incoming.pending and not self._tls.pending():
                break
        if self._watcher is not None:
            self._push_out()

    def _done(self, exchange: "Exchange", *, persistent: bool) -> None:
        if not self._is_remembered:
            # TLS 1.3 sends tickets after the handshake (RFC 8446, section 4.6.1)
            self._remember()
        super()._done(exchange, persistent=persistent)

    def _remember(self) -> None:
        session = self._tls.session
        if session is not None and session.has_ticket:
            self._is_remembered = True
            self.line.remember(self.origin, session)
