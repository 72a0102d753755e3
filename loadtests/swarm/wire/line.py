"""One viewer's world: its own connections, and its waits."""

from typing import TYPE_CHECKING

from loadtests.behavior.steps import Fetch
from loadtests.behavior.walk import Pending, Walk
from loadtests.swarm.timers import Alarm
from loadtests.swarm.wire.connection import Connection
from loadtests.swarm.wire.exchange import Exchange
from loadtests.swarm.wire.request import Origin
from loadtests.swarm.wire.slow import SlowConnection
from loadtests.swarm.wire.tls import TlsConnection
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome

if TYPE_CHECKING:
    from loadtests.swarm.wire.engine import Wire
    from loadtests.swarm.wire.trust import Ticket

_NEVER: Seconds = float("inf")


class Line:
    """A `World`: one connection for a sequential viewer, more for concurrent fetches, as browsers.

    `close` it when its viewer has left.
    """

    __slots__ = (
        "connections",
        "is_over",
        "resumes",
        "source",
        "tickets",
        "viewer",
        "waiting",
        "wire",
    )

    def __init__(self, wire: "Wire", viewer: int, *, source: int, resumes: bool = False) -> None:
        """`resumes`: this viewer's device has TLS sessions of another day."""
        self.wire = wire
        self.resumes = resumes
        self.viewer = viewer
        self.source = source
        self.connections: list[Connection] = []
        self.waiting: list[Exchange] | None = None  # for a connection: browsers limit them
        self.tickets: dict[Origin, Ticket] | None = None  # to resume sessions, by this viewer only
        self.is_over = False  # the viewer has left and comes back to no connection

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
            self.wire.timers.set(until, rest)
        return rest

    def close(self) -> None:
        """The viewer has left: hang up everywhere; fetches under way are recorded as canceled."""
        self.is_over = True
        for exchange in list(self.waiting or ()):
            exchange.cancel()
        for connection in list(self.connections):
            if connection.exchange is not None:
                connection.exchange.cancel()
            connection.close()
        self.wire.left(self)

    def drop(self) -> None:
        """Hang up everywhere and say nothing."""
        self.is_over = True
        self.waiting = None
        for connection in list(self.connections):
            connection.close()

    def ticket(self, origin: Origin) -> "Ticket | None":
        """What this viewer has to resume a TLS session with `origin`; None: nothing."""
        return self.tickets.get(origin) if self.tickets else None

    def remember(self, origin: Origin, ticket: "Ticket") -> None:
        """A TLS session this viewer can resume."""
        self.tickets = {**(self.tickets or {}), origin: ticket}

    def place(self, exchange: Exchange) -> None:
        """Give it an idle connection, else a new one, else let it wait for one."""
        origin = exchange.prepared.origin
        if exchange.fetch.slow is not None:  # it has a connection of its own
            self._open(exchange, SlowConnection)
            return
        used = 0
        for connection in self.connections:
            if connection.origin is origin or connection.origin == origin:
                if connection.exchange is None:
                    connection.send(exchange)
                    return
                used += 1
        if used < self.wire.options.connections_per_host:
            kind = TlsConnection if origin.scheme == "https" else Connection
            self._open(exchange, kind)
        else:
            exchange.queues()
            self.waiting = self.waiting or []
            self.waiting.append(exchange)

    def _open(self, exchange: Exchange, kind: type[Connection]) -> None:
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


class Rest(Alarm):
    """A journey waiting for its time."""

    __slots__ = ("_until", "_walk", "_wire")

    def __init__(self, walk: Walk, until: Seconds, wire: "Wire") -> None:
        self._timers = None
        self._walk: Walk | None = walk  # None: called off
        self._until = until
        self._wire = wire

    def ring(self, late: Seconds) -> None:
        """The time has come."""
        if self._walk is not None:
            self._wire.recorder.lagged(late)
            self._walk.resume(self._until, self._until)

    def cancel(self) -> None:
        """Nobody waits any more; a walk is let go of at once, not when it would have been time."""
        super().cancel()
        self._walk = None
