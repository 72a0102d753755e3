"""Real sockets on loopback: scripted servers in threads, and a wire to meet them."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
from gevent.event import Event

from loadtests.behavior.steps import Fetch, Journey, Reply, Timeouts
from loadtests.behavior.walk import Walk
from loadtests.collect.recorder import Recorder
from loadtests.swarm.clock import now
from loadtests.swarm.timers import Timers
from loadtests.swarm.wire import Gate, Line, Wire, WireOptions
from loadtests.vocabulary import Step

LONG = Timeouts(connect=20.0, first_byte=20.0, whole=20.0)


class Peer:
    """The server's end of one connection, in a thread of its own; its script calls these."""

    def __init__(self, sock: socket.socket, address: tuple[str, int]) -> None:
        self.sock = sock
        self.address = address
        self.requests: list[bytes] = []
        self._rest = b""

    def request(self) -> bytes:
        """Read one whole request and return it; empty if the client has hung up."""
        while b"\r\n\r\n" not in self._rest:
            data = self.sock.recv(65_536)
            if not data:
                return b""
            self._rest += data
        head, _, rest = self._rest.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(rest) < length:
            rest += self.sock.recv(65_536)
        self._rest = rest[length:]
        self.requests.append(head + b"\r\n\r\n" + rest[:length])
        return self.requests[-1]

    def answer(self, data: bytes) -> None:
        """Read one request, then send these bytes."""
        if self.request():
            self.sock.sendall(data)

    def answer_for_ever(self, data: bytes) -> None:
        """Answer requests until the client hangs up."""
        while self.request():
            self.sock.sendall(data)

    def wait_for_end(self) -> None:
        """Until the client has hung up."""
        while self.sock.recv(65_536):
            pass

    def reset(self) -> None:
        """Break the connection so that the client gets a reset, not an end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Talk = Callable[[Peer], None]


class Server:
    """Listens; each connection accepted plays the next script, the last one over and over."""

    def __init__(self, *talks: Talk, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._talks = list(talks)
        self.peers: list[Peer] = []
        self.listener = socket.create_server((host, 0), family=family, backlog=128)
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def requests(self) -> list[bytes]:
        """All requests read, connection by connection."""
        return [request for peer in self.peers for request in peer.requests]

    def close(self) -> None:
        """Listen no more; connections already accepted play on."""
        with self.listener, suppress(OSError):  # it is closed already
            # this wakes the accepting thread, closing alone does not
            self.listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()

    def _accept(self) -> None:
        while True:
            try:
                sock, address = self.listener.accept()
            except OSError:
                return
            peer = Peer(sock, address)
            talk = self._talks[min(len(self.peers), len(self._talks) - 1)]
            self.peers.append(peer)
            threading.Thread(target=self._talk, args=(talk, peer), daemon=True).start()

    def _talk(self, talk: Talk, peer: Peer) -> None:
        with peer.sock:
            try:
                talk(peer)
            except OSError:
                return  # the client broke it off


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.time = now()

    def __call__(self) -> float:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += seconds


class Playing:
    """A journey on its way, and its result."""

    def __init__(self, journey: Journey, line: Line) -> None:
        self.line = line
        self.result: Any = None
        self.over = Event()
        self.walk = Walk(journey, line, line.wire.clock(), self)
        self.walk.resume(None, line.wire.clock())

    def ended(self, _index: int, result: Any, _at: float) -> None:  # noqa: ANN401 - walk.Parent's
        self.result = result
        self.over.set()

    def wait(self) -> Any:  # noqa: ANN401 - what a journey returns is its own
        """The journey's result, when it has ended."""
        assert self.over.wait(timeout=30), "the journey hangs"
        return self.result


class World:
    """A wire with everything around it, as a worker has it."""

    def __init__(self, clock: Callable[[], float], options: WireOptions, gate: Gate) -> None:
        self.bugs: list[BaseException] = []
        self.expects_bugs = False
        self.stops: list[str] = []
        self.replies: list[tuple[int, Reply]] = []
        self.recorder = Recorder(0.0)
        self.timers = Timers(on_bug=self.bugs.append, clock=clock)
        self.wire = Wire(
            recorder=self.recorder,
            gate=gate,
            run_id="run-1",
            worker=3,
            on_bug=self.bugs.append,
            on_stop=self.stops.append,
            on_reply=lambda reply, viewer: self.replies.append((viewer, reply)),
            options=options,
            timers=self.timers,
            clock=clock,
        )

    def play(self, journey: Journey, line: Line | None = None) -> Playing:
        return Playing(journey, line or self.wire.line(0))

    def fetch(self, url: str, *, line: Line | None = None, **parts: Any) -> Reply:  # noqa: ANN401 - those of Fetch
        """One exchange, from start to end."""
        reply: Reply = self.play(one(fetch_of(url, **parts)), line).wait()
        return reply

    def ended(self) -> dict[tuple[str, str, bool], int]:
        """What the recorder has counted since the last call, and that it adds up."""
        window = self.recorder.close(0, cpu=0.0, sockets=0, in_flight=self.wire.in_flight)
        ended = {
            (str(step), str(outcome), retry): tally.count
            for (step, outcome, retry), tally in window.ended.items()
        }
        assert window.sent.total() == sum(ended.values()) + self.wire.in_flight
        return ended


def fetch_of(url: str, **parts: Any) -> Fetch:  # noqa: ANN401 - those of Fetch
    return Fetch(parts.pop("step", Step.SEGMENT), url, parts.pop("timeouts", LONG), **parts)


def one(fetch: Fetch) -> Journey:
    return (yield fetch)


def in_a_thread(function: Callable[[], object]) -> None:
    """Wait for something a server's thread does, while the loop goes on."""
    gevent.get_hub().threadpool.apply(function)
