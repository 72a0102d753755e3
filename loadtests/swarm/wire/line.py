"""One viewer's world: its own connections, and its waits."""

from typing import TYPE_CHECKING

from loadtests.behavior.steps import Fetch
from loadtests.behavior.walk import Pending, Walk
from loadtests.swarm.wire.connection import Connection
from loadtests.swarm.wire.exchange import Exchange
from loadtests.swarm.wire.request import Origin
from loadtests.swarm.wire.tls import TlsConnection
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome

if TYPE_CHECKING:
    import ssl

    from loadtests.swarm.timers import Alarm
    from loadtests.swarm.wire.engine import Wire

_NEVER: Seconds = float("inf")


class Line:
    """A `World`: one connection for a sequential viewer, more for concurrent fetches, as browsers.

    `close` it when its viewer has left.
    """

    __slots__ = ("connections", "resumes", "sessions", "viewer", "waiting", "wire")

    def __init__(self, wire: "Wire", viewer: int, *, resumes: bool = False) -> None:
        """`resumes`: this viewer's device has TLS sessions of another day."""
        self.wire = wire
        self.resumes = resumes
        self.viewer = viewer
        self.connections: list[Connection] = []
        self.waiting: list[Exchange] | None = None  # for a connection: browsers limit them
        self.sessions: dict[Origin, ssl.SSLSession] | None = None  # to resume, by this viewer only

    def fetch(self, fetch: Fetch, walk: Walk) -> Pending:
        """Perform the exchange, due at `walk.now`; then `walk.resume(reply, reply.done)`."""
        wire = self.wire
        exchange = Exchange(self, fetch, walk, walk.now)
        wire.began(exchange)
        if wire.is_limited and not wire.may_send(fetch):
            exchange.fail(Outcome.FORBIDDEN_HOST)
            return exchange
        try:
            exchange.prepared = wire.requests.prepare(fetch.method, fetch.url)
        except ValueError:  # a playlist or a redirect named what nobody can ask for
            exchange.fail(Outcome.GARBAGE)
            return exchange
        self.place(exchange)
        return exchange

    def wait(self, until: Seconds, walk: Walk) -> Pending:
        """Then `walk.resume(until, until)`; what lies beyond the end of time is never resumed."""
        rest = Rest(walk, until, self.wire)
        if until < _NEVER:
            rest.alarm = self.wire.timers.at(until, rest.over)
        return rest

    def close(self) -> None:
        """The viewer has left: hang up everywhere; fetches under way are recorded as canceled."""
        for exchange in list(self.waiting or ()):
            exchange.cancel()
        for connection in list(self.connections):
            if connection.exchange is not None:
                connection.exchange.cancel()
            connection.close()
        self.wire.left(self)

    def drop(self) -> None:
        """Hang up everywhere and say nothing."""
        self.waiting = None
        for connection in list(self.connections):
            connection.close()

    def session(self, origin: Origin) -> "ssl.SSLSession | None":
        """The TLS session to resume with `origin`; None: a full handshake."""
        own = self.sessions.get(origin) if self.sessions else None
        return self.wire.given_out.get(origin) if own is None and self.resumes else own

    def remember(self, origin: Origin, session: "ssl.SSLSession") -> None:
        """A session that can be resumed: by this viewer, and by those who bring one along."""
        self.sessions = {**(self.sessions or {}), origin: session}
        self.wire.given_out[origin] = session

    def place(self, exchange: Exchange) -> None:
        """Give it an idle connection, else a new one, else let it wait for one."""
        origin = exchange.prepared.origin
        used = 0
        for connection in self.connections:
            if connection.origin == origin:
                if connection.exchange is None:
                    connection.send(exchange)
                    return
                used += 1
        if used < self.wire.options.connections_per_host:
            self._open(exchange, origin)
        else:
            exchange.queues()
            self.waiting = self.waiting or []
            self.waiting.append(exchange)

    def _open(self, exchange: Exchange, origin: Origin) -> None:
        kind = TlsConnection if origin.scheme == "https" else Connection
        connection = kind(self, exchange)
        self.connections.append(connection)
        connection.open()

    def dropped(self, connection: Connection) -> None:
        """A connection is gone."""
        if connection in self.connections:
            self.connections.remove(connection)
            self.freed(connection.origin)

    def abandon(self, exchange: Exchange) -> None:
        """A canceled exchange: break its connection off, or forget that it waits for one."""
        if exchange.connection is not None:
            exchange.connection.close()
        elif self.waiting is not None and exchange in self.waiting:
            self.waiting.remove(exchange)

    def freed(self, origin: Origin) -> None:
        """A connection to `origin` is idle or gone: whoever waited longest is next."""
        if self.waiting is None:
            return
        for exchange in self.waiting:
            if exchange.prepared.origin == origin:
                self.waiting.remove(exchange)
                self.place(exchange)
                return


class Rest:
    """A journey waiting for its time."""

    __slots__ = ("_until", "_walk", "_wire", "alarm")

    def __init__(self, walk: Walk, until: Seconds, wire: "Wire") -> None:
        self._walk = walk
        self._until = until
        self._wire = wire
        self.alarm: Alarm | None = None

    def over(self, late: Seconds) -> None:
        """The time has come."""
        self.alarm = None
        self._wire.recorder.lagged(late)
        self._walk.resume(self._until, self._until)

    def cancel(self) -> None:
        """Nobody waits any more."""
        if self.alarm is not None:
            self.alarm.cancel()
