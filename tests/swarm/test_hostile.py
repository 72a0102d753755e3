"""One worker's hostile traffic: on wires of its own, in nobody's figures, gone at the end."""

from collections import Counter
from collections.abc import Callable, Iterator

import gevent
import pytest
from kit import EVENING
from loopback import Peer, Server

from loadtests.audience.sources import HOSTILE
from loadtests.behavior.target import Target
from loadtests.collect.recorder import Recorder
from loadtests.collect.window import Window
from loadtests.scenario.hostile import Pattern
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import parse_scenario
from loadtests.swarm.clock import now
from loadtests.swarm.hostile import HostileShare
from loadtests.swarm.messages import Plan
from loadtests.swarm.timers import Timers
from loadtests.swarm.wire.addresses import source_of
from loadtests.vocabulary import Outcome, Step

DENIED = b'{"error": "bad_credentials"}'
ATTACK = (
    "hostile:\n"
    "  - {{pattern: credential_stuffing, from: 0s, lasts: 1m, rate: {rate}/s, sources: 3}}\n"
    "  - {{pattern: slow_request, from: 0s, lasts: 1m, rate: 4/s, sources: 2}}\n"
)
Answer = Callable[[Peer], None]


class Worker:
    """All a worker has that hostile traffic needs, and a target."""

    def __init__(self, scenario: Scenario, url: str) -> None:
        self.bugs: list[BaseException] = []
        self.stops: list[str] = []
        self.timers = Timers(on_bug=self.bugs.append)
        start = now()
        self.recorder = Recorder(start)
        self.share = HostileShare(
            plan(url, start),
            scenario,
            Target.parse(url),
            recorder=self.recorder,
            timers=self.timers,
            on_bug=self.bugs.append,
            on_stop=self.stops.append,
        )

    def window(self) -> Window:
        return self.recorder.close(0, cpu=0.0, sockets=0, in_flight=0)

    def close(self) -> None:
        self.share.close()
        self.timers.close()
        assert not self.bugs


def plan(url: str, start: float) -> Plan:
    return Plan(
        run="run-1", folder="", file="", scenario="", name="", variant=None, scale=None, speed=None,
        seed=None, target=url, consent=None, resolve={}, insecure=False, request_log=False,
        start=start, worker=0, workers=1,
    )  # fmt: skip


def evening(*, rate: int = 40) -> Scenario:
    text = EVENING.format(viewers=1, event_seconds=60, arrivals_until=1, player="hls_js")
    return parse_scenario(text + ATTACK.format(rate=rate), file="evening.yaml", name="evening")


def answer(peer: Peer) -> None:
    head = b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    peer.answer_for_ever(head % len(DENIED) + b"\r\n" + DENIED)


@pytest.fixture
def make_worker() -> Iterator[Callable[..., tuple[Worker, Server]]]:
    made: list[tuple[Worker, Server]] = []

    def make(scenario: Scenario | None = None) -> tuple[Worker, Server]:
        server = Server(answer)
        made.append((Worker(scenario or evening(), server.url), server))
        return made[-1]

    yield make
    for worker, server in made:
        worker.close()
        server.close()


MakeWorker = Callable[..., tuple[Worker, Server]]


def test_every_attempt_is_ground_truth_and_seen_by_the_edge_and_in_no_viewer_s_figure(
    make_worker: MakeWorker,
) -> None:
    worker, server = make_worker()
    worker.share.open()
    until(lambda: len(server.requests) >= 20)
    worker.close()

    window = worker.window()

    stuffed = window.hostile[Pattern.CREDENTIAL_STUFFING, Step.SIGN_IN, Outcome.DENIED]
    assert 19 <= stuffed <= len(server.requests)
    assert {pattern for pattern, _, _ in window.hostile} == {Pattern.CREDENTIAL_STUFFING}
    assert window.edge.steps[Step.SIGN_IN].said.total() == stuffed
    assert (window.sent.total(), len(window.ended), window.arrived.total()) == (0, 0, 0)
    assert window.connections == 0


def test_each_attack_calls_from_addresses_of_its_own(make_worker: MakeWorker) -> None:
    worker, server = make_worker()
    worker.share.open()
    until(lambda: len(server.peers) >= 30)
    worker.close()

    called = {peer.address[0] for peer in server.peers}

    assert called <= {source_of(HOSTILE + number) for number in range(5)}
    assert len(called) > 3


def test_no_header_of_it_says_what_it_is(make_worker: MakeWorker) -> None:
    worker, server = make_worker()
    worker.share.open()
    until(lambda: len(server.requests) >= 5)
    worker.close()

    for request in server.requests:
        names = {line.partition(b":")[0].lower() for line in request.split(b"\r\n")[1:] if line}
        assert b"x-matchnight-run" in names
        for word in (b"hostile", b"stuffing", b"attack", b"campaign"):
            assert word not in request.lower()
    ids = Counter(
        line for request in server.requests for line in request.split(b"\r\n") if b"Id: " in line
    )
    assert max(ids.values()) == 1


def test_at_the_end_everything_is_broken_off_and_recorded_nowhere(make_worker: MakeWorker) -> None:
    worker, _ = make_worker()
    worker.share.open()
    until(lambda: worker.share.sockets >= 3)  # slow requests stay
    worker.window()

    worker.share.close()

    assert worker.share.sockets == 0
    gevent.sleep(0)
    assert worker.window().hostile == Counter()


def test_a_scenario_without_hostile_traffic_has_none(make_worker: MakeWorker) -> None:
    text = EVENING.format(viewers=1, event_seconds=60, arrivals_until=1, player="hls_js")
    worker, server = make_worker(parse_scenario(text, file="evening.yaml", name="evening"))
    worker.share.open()
    assert len(worker.timers) == 0
    assert server.peers == []


def until(holds: Callable[[], bool]) -> None:
    """Let the loop run until something holds: for at most twenty seconds."""
    with gevent.Timeout(20):
        while not holds():
            gevent.sleep(0.005)
