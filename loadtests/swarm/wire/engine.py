"""One worker's HTTP/1.1 client: everything its viewers' lines share."""

import _socket
from collections.abc import Callable

import gevent

from loadtests.behavior.steps import Fetch, Reply
from loadtests.swarm.clock import now
from loadtests.swarm.timers import Alarm, Timers
from loadtests.swarm.wire.addresses import Resolver, Sources
from loadtests.swarm.wire.answer import Answers
from loadtests.swarm.wire.connection import Connection
from loadtests.swarm.wire.exchange import Exchange
from loadtests.swarm.wire.gate import Gate
from loadtests.swarm.wire.line import Line
from loadtests.swarm.wire.options import Recording, WireOptions
from loadtests.swarm.wire.request import Requests
from loadtests.swarm.wire.trust import Trust
from loadtests.units import Seconds

_NONBLOCKING = getattr(_socket, "SOCK_NONBLOCK", 0)  # from birth, where the system can: a call less
GRAIN: Seconds = 0.1  # a time-out strikes so much late at most, and never early
Hook = Callable[[Reply, int], None]


class Wire:
    """Connections, requests and time-outs of one worker on gevent's loop; a `line` for each viewer.

    `on_bug` is told what any callback raised, ours or a journey's: the run must end, for its viewer
    hangs. `on_stop` is told once why no more may be sent: a ceiling of the consent, or the target
    said so. `on_reply` sees every reply with its viewer's index, in the loop's callback: it may
    only append to a list.

    Requests are numbered from 1 as they leave (`reply.id`, `X-Request-Id: <worker>-<number>`),
    without gaps. Each of them is answered, given up by the viewer, or was never accepted: the
    target has no line of it. What never left has number 0.
    """

    def __init__(  # noqa: PLR0913 - what a worker consists of, each named
        self,
        *,
        recorder: Recording,
        gate: Gate,
        run_id: str,
        on_bug: Callable[[BaseException], None],
        on_stop: Callable[[str], None],
        on_reply: Hook | None = None,
        worker: int = 0,
        options: WireOptions | None = None,
        timers: Timers | None = None,
        clock: Callable[[], Seconds] = now,
    ) -> None:
        self.recorder = recorder
        self.gate = gate
        self.is_limited = gate.is_limited  # whether `may_send` has to be asked
        self.options = options or WireOptions()
        self.on_bug = on_bug
        self.clock = clock
        self.loop = gevent.get_hub().loop
        self.timers = Timers(on_bug=on_bug, clock=clock) if timers is None else timers
        self.requests = Requests(run_id, worker)
        self.answers = Answers()
        self.resolver = Resolver(self.options.resolve, clock, on_bug, self.options.name_servers)
        self.sources = Sources(wanted=self.options.distinct_sources)
        self.number = 0  # of the last request that left
        self.sockets = 0  # open now
        self._on_stop = on_stop
        self._on_reply = on_reply
        self.is_stopped = False  # nothing may be sent any more
        self._under_way: dict[Exchange, None] = {}
        self._lines: set[Line] = set()
        self._sweep: Alarm | None = None
        self._trust: Trust | None = None

    @property
    def in_flight(self) -> int:
        """Fetches taken up and not ended: waiting for a connection or an answer, or reading one."""
        return len(self._under_way)

    def under_way(self) -> list[tuple[Reply, int]]:
        """What is in flight, as far as it got (no outcome yet), with its viewer's index."""
        return [(exchange.reply, exchange.line.viewer) for exchange in self._under_way]

    def notes(self) -> list[str]:
        """What this system cannot do for a wire, for the report: empty on a usual Linux."""
        notes = []
        if self.options.distinct_sources and not self.sources.are_distinct:
            notes.append("all viewers call from one address: this system has one loopback address")
        if not Connection.drops_in_kernel:
            notes.append("bodies nobody needs are read and forgotten: this system cannot drop them")
        return notes

    @property
    def trust(self) -> Trust:
        """Made when first needed: reading the system's authorities takes a while."""
        if self._trust is None:
            self._trust = Trust(self.options, self.clock)
        return self._trust

    def line(self, viewer: int, *, source: int | None = None, resumes: bool = False) -> Line:
        """A world for one viewer; whoever asks closes it.

        `source`: the number of the address it calls from (`audience.sources`); None: its own.
        `resumes`: its device has TLS sessions of another day.
        """
        line = Line(self, viewer, source=viewer if source is None else source, resumes=resumes)
        self._lines.add(line)
        self.gate.admit(self.clock())
        return line

    def close(self) -> None:
        """Hang up everywhere. What is in flight stays so: it is not recorded, nobody is resumed."""
        if self._sweep is not None:
            self._sweep.cancel()
        for line in self._lines:
            line.drop()
        self._lines.clear()

    # what lines and connections call

    def left(self, line: Line) -> None:
        """A viewer has gone."""
        if line in self._lines:
            self._lines.remove(line)
            self.gate.leave()

    def may_send(self, fetch: Fetch) -> bool:
        """Whether the gate lets one more request through; after a breach everything must stop."""
        if self.is_stopped:
            return False
        phrase = fetch.phrase
        is_harmless = phrase is not None and not phrase.has_side_effect
        if self.gate.send(fetch.step, self.clock(), is_harmless=is_harmless):
            return True
        if self.gate.breach is not None:
            self._stop(self.gate.breach)
        return False

    def new_socket(self, family: int) -> _socket.socket:
        """A socket that never blocks, counted. OSError when there is none."""
        sock = _socket.socket(family, _socket.SOCK_STREAM | _NONBLOCKING)
        self.sockets += 1
        if not _NONBLOCKING:
            sock.setblocking(False)
        sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        return sock

    def hang_up(self, sock: _socket.socket) -> None:
        """Close it; bytes nobody read make the kernel reset it, as with any client that leaves."""
        self.sockets -= 1
        sock.close()

    def began(self, exchange: Exchange) -> None:
        """A fetch was taken up."""
        self.recorder.sent(exchange.fetch)
        self._under_way[exchange] = None
        if self._sweep is None:
            self._sweep = self.timers.at(self.clock() + GRAIN, self.sweep)

    def ended(self, exchange: Exchange) -> None:
        """It has ended."""
        del self._under_way[exchange]
        self.recorder.answered(exchange.reply)
        if self._on_reply is not None:
            self._on_reply(exchange.reply, exchange.line.viewer)

    def heed(self, reply: Reply) -> None:
        """The target asks for everything to stop, which it may in any answer."""
        self._stop(f"{reply.fetch.url.partition('?')[0]} answered with Matchnight-Stop: 1")

    def _stop(self, why: str) -> None:
        if not self.is_stopped:
            self.is_stopped = self.is_limited = True
            self._on_stop(why)

    def sweep(self, _late: Seconds = 0.0) -> None:
        """Strike all whose time is out: one look at all costs less than an alarm for each."""
        at = self.clock()
        for exchange in [e for e in self._under_way if e.is_overdue(at)]:
            if exchange.connection is not None and exchange.is_overdue(at):
                exchange.connection.expire()
        self._sweep = self.timers.at(at + GRAIN, self.sweep) if self._under_way else None
