"""A worker's whole path without a kernel: real journeys and wire over invented sockets and time.

What is left is our own work a request, the same on every machine: it can be counted.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from loopback import Clock

from loadtests.audience import crowd
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import visit
from loadtests.collect.recorder import Recorder
from loadtests.collect.window import Window
from loadtests.scenario.read import parse_scenario
from loadtests.swarm.driver import Driver
from loadtests.swarm.timers import Timers
from loadtests.swarm.usher import Usher
from loadtests.swarm.wire import Gate, Wire, WireOptions

TARGET_DURATION = 2
_TRIP = 0.001  # seconds from request to answer
_SCENARIO = """
title: Unplugged
event: {{name: None, kick_off: 2026-01-01 20:00}}
audience:
  published: {viewers}
  people_per_account: {{value: 1, low: 1, high: 1}}
  share_on_app: {{value: 100 %, low: 100 %, high: 100 %}}
scale: 1/1
speed: 1
window: [-4s, +1m]
arrivals:
  - {{shape: steady, from: -4s, to: 0s, share: 100 %}}
devices:
  screen: {{share: 100 %, player: hls_js, signs_in: 0 %}}
viewing: {{until: +90m, early: 0 %}}
"""


def _answer(kind: bytes, body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nServer: edge\r\nContent-Type: %b\r\nContent-Length: %d\r\n"
        b'Connection: keep-alive\r\nETag: "1"\r\nAccept-Ranges: bytes\r\n\r\n%b'
    ) % (kind, len(body), body)


_SEGMENT = _answer(b"video/mp4", bytes(20_000))


class _Watcher:
    """Called when its socket can be written, at once; when it can be read, after the trip."""

    def __init__(self, sock: "_Socket", events: int) -> None:
        self._sock = sock
        self._events = events

    def start(self, callback: Callable[..., None], *args: Any) -> None:  # noqa: ANN401 - gevent's signature
        self._sock.react = lambda: callback(*args)
        if self._events & 2:
            self._sock.kernel.ready.append(self._sock)

    def stop(self) -> None:
        self._sock.react = None


class _Socket:
    """Connects at once, and is answered whole."""

    def __init__(self, kernel: "Kernel") -> None:
        self.kernel = kernel
        self.react: Callable[[], None] | None = None
        self._answer = b""

    def fileno(self) -> "_Socket":
        return self

    def connect_ex(self, _address: object) -> int:
        return 0

    def getsockopt(self, _level: int, _option: int) -> int:
        return 0

    def send(self, data: bytes) -> int:
        self.kernel.requests += 1
        self._answer = self.kernel.playlist() if b".m3u8" in data[:99] else _SEGMENT
        self.kernel.ready.append(self)
        return len(data)

    def recv_into(self, buffer: bytearray) -> int:
        buffer[: len(self._answer)] = self._answer
        return len(self._answer)

    def close(self) -> None:
        """There is nothing to close."""


class Kernel:
    """Stands in for gevent's loop and the network."""

    def __init__(self, clock: Clock) -> None:
        self.ready: deque[_Socket] = deque()
        self.requests = 0
        self._clock = clock
        self._playlists: dict[int, bytes] = {}

    def io(self, sock: _Socket, events: int) -> _Watcher:
        """A watcher of a socket."""
        return _Watcher(sock, events)

    def turn(self) -> None:
        """Call back everybody whose socket is ready now."""
        for _ in range(len(self.ready)):
            react = self.ready.popleft().react
            if react is not None:
                react()

    def playlist(self) -> bytes:
        """The same for all, until the next segment."""
        newest = int(self._clock.time // TARGET_DURATION)
        if newest not in self._playlists:
            self._playlists = {newest: _answer(b"application/vnd.apple.mpegurl", _live(newest))}
        return self._playlists[newest]


def _live(newest: int) -> bytes:
    lines = [
        "#EXTM3U",
        f"#EXT-X-TARGETDURATION:{TARGET_DURATION}",
        f"#EXT-X-MEDIA-SEQUENCE:{newest - 5}",
        '#EXT-X-MAP:URI="init.mp4"',
    ]
    for number in range(newest - 5, newest + 1):
        date = datetime.fromtimestamp(number * TARGET_DURATION, UTC).isoformat()
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{date}", f"#EXTINF:{TARGET_DURATION},"]
        lines.append(f"{number}.m4s")
    return "\n".join(lines).encode()


class _Wire(Wire):
    """Takes its sockets from elsewhere."""

    kernel: Kernel

    def new_socket(self, family: int) -> Any:  # noqa: ANN401, ARG002 - no socket of the system's
        self.sockets += 1
        return _Socket(self.kernel)


class Crowd:
    """Viewers of a live stream, arriving in four seconds; `play` lets time pass."""

    def __init__(self, viewers: int) -> None:
        self.clock = Clock()
        self.kernel = Kernel(self.clock)
        self.bugs: list[BaseException] = []
        start = self.clock.time
        self._recorder = Recorder(start)
        self._timers = Timers(on_bug=self.bugs.append, clock=self.clock)
        self._wire = _Wire(
            recorder=self._recorder,
            gate=Gate(),
            run_id="unplugged",
            on_bug=self.bugs.append,
            on_stop=lambda why: self.bugs.append(RuntimeError(why)),
            options=WireOptions(distinct_sources=False),
            timers=self._timers,
            clock=self.clock,
        )
        self._wire.kernel = self.kernel
        self._wire.loop = self.kernel  # type: ignore[assignment] # all a wire asks of a loop is `io`
        scenario = parse_scenario(_SCENARIO.format(viewers=viewers), file="unplugged", name="none")
        target = Target.parse("http://127.0.0.1:1/live.m3u8")
        driver = Driver(
            start=start,
            line=lambda arrival: self._wire.line(arrival.index),
            visit=lambda arrival: visit(arrival, scenario, target, start, self._recorder),
            register=self._recorder,
        )
        usher = Usher(crowd.share(scenario), self._timers, driver.begin)
        usher.open(start)
        self._second = 0

    def play(self, seconds: int) -> Iterator[Window]:
        """So many windows."""
        for _ in range(seconds):
            end = self.clock.time + 1.0
            while self.clock.time < end:
                self.clock.advance(_TRIP)
                self.kernel.turn()
                if self._timers._armed <= self.clock.time:
                    self._timers.ring()
            assert not self.bugs
            yield self._recorder.close(self._second, cpu=0.0, sockets=0, in_flight=0)
            self._second += 1

    def close(self) -> None:
        """No alarm of the loop's may outlive it."""
        self._timers.close()
