from collections import Counter
from types import MappingProxyType

import pytest

from loadtests.behavior.steps import Fetch, Journey, Reply, Slow, Timeouts
from loadtests.behavior.walk import Walk
from loadtests.collect.edge.sighting import Said, Sighting
from loadtests.collect.recorder import Recorder
from loadtests.paper.agenda import Agenda
from loadtests.paper.edge import TargetEdge
from loadtests.paper.world import World
from loadtests.scenario.hostile import Pattern
from loadtests.stack.model import Stack, Station
from loadtests.stack.service import Service
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step

START: Seconds = 1000.0
BODY = b'{"account": "viewer-0000001", "password": "password-of-viewer-0000001"}'


class Raid:
    """Slow exchanges with a stack, begun one second after the other."""

    def __init__(self, **stack: object) -> None:
        self.agenda = Agenda(START, START + 1000.0)
        self.service = Service(Stack(**{"stations": {}, **stack}))  # type: ignore[arg-type] # fields of Stack
        self.log: list[Sighting] = []
        edge = TargetEdge(self.log.append)
        self.world = World(self.agenda, self.service, Recorder(START), edge=edge)
        self.replies: list[Reply] = []

    def ask(self, fetch: Fetch, at: Seconds = 0.0) -> Walk:
        caller = self.world.hostile(7, Pattern.SLOW_REQUEST)
        walk = Walk(self._one(fetch), caller, START + at, self)
        self.agenda.add(START + at, _Begin(walk, START + at))
        return walk

    def run(self) -> list[Reply]:
        self.agenda.run()
        return self.replies

    def ended(self, index: int, result: object, at: Seconds) -> None:
        """A walk is over."""

    def _one(self, fetch: Fetch) -> Journey:
        self.replies.append((yield fetch))


class _Begin:
    def __init__(self, walk: Walk, at: Seconds) -> None:
        self._walk, self._at = walk, at

    def happen(self) -> None:
        self._walk.resume(None, self._at)


def sign_in(slow: Slow | None, *, whole: Seconds = 500.0) -> Fetch:
    limits = Timeouts(10.0, whole, whole)
    url = "http://stack.invalid/sign-in"
    return Fetch(Step.SIGN_IN, url, limits, method="POST", body=BODY, slow=slow)


def segment(whole: Seconds = 500.0) -> Fetch:
    url = f"http://stack.invalid/live/v0/{int(START // 4) - 1}.m4s"
    return Fetch(Step.SEGMENT, url, Timeouts(10.0, whole, whole), slow=Slow(reads=10.0))


def test_a_request_is_answered_once_its_last_byte_is_there() -> None:
    raid = Raid(client_timeout=300.0)
    raid.ask(sign_in(Slow(writes=1.0)))
    (reply,) = raid.run()
    assert (reply.outcome, reply.done - reply.sent) == (Outcome.OK, len(BODY))


def test_who_takes_too_long_is_hung_up_on() -> None:
    raid = Raid(client_timeout=60.0)
    raid.ask(sign_in(Slow(writes=0.1)))
    (reply,) = raid.run()
    assert (reply.status, reply.done - reply.sent) == (408, 60.0)
    (seen,) = raid.log
    assert (seen.said, seen.step, seen.size, seen.duration) == (
        Said.CLIENT_ERROR,
        Step.SIGN_IN,
        0,
        60.0,
    )


def test_who_lets_go_before_has_asked_for_nothing() -> None:
    raid = Raid(client_timeout=60.0)
    raid.ask(sign_in(Slow(writes=0.1), whole=45.0))
    (reply,) = raid.run()
    assert (reply.outcome, reply.done - reply.sent) == (Outcome.TIMEOUT, 45.0)
    assert [(s.said, s.size, s.duration) for s in raid.log] == [(Said.CLIENT_ERROR, 0, 45.0)]


def test_an_answer_hardly_read_is_given_up_by_the_server() -> None:
    raid = Raid(client_timeout=60.0)
    raid.ask(segment())
    (reply,) = raid.run()
    assert reply.status == 408
    assert reply.done - reply.sent == pytest.approx(60.0, abs=0.1)  # the origin's time besides
    assert [(s.said, s.step, s.size) for s in raid.log] == [(Said.CLIENT_ERROR, Step.SEGMENT, 0)]


def test_a_short_answer_is_off_the_server_s_hands_however_slowly_it_is_read() -> None:
    raid = Raid()
    raid.ask(sign_in(Slow(reads=1.0)))
    (reply,) = raid.run()
    assert (reply.status, reply.done) == (200, reply.sent)


@pytest.mark.parametrize("slow", [Slow(writes=0.1), None], ids=["request", "read"])
def test_what_is_slow_holds_a_connection_others_need(slow: Slow | None) -> None:
    raid = Raid(connection_limit=2, client_timeout=60.0)
    dragged = segment() if slow is None else sign_in(slow)
    for at in (0.0, 1.0):
        raid.ask(dragged, at)
    for at in (2.0, 59.0, 60.5, 61.5):
        raid.ask(sign_in(None), at)
    statuses = [reply.status for reply in sorted(raid.run(), key=lambda reply: reply.sent)]
    assert statuses == [408, 408, 503, 503, 200, 200]


def test_who_finds_no_connection_left_is_refused_and_holds_none() -> None:
    raid = Raid(connection_limit=3, client_timeout=60.0)
    for at in range(10):
        raid.ask(sign_in(Slow(writes=0.1)), float(at))
    statuses = Counter(reply.status for reply in raid.run())
    assert statuses == {408: 3, 503: 7}


def test_who_is_called_off_holds_nothing_any_more() -> None:
    raid = Raid(connection_limit=1)
    walk = raid.ask(sign_in(Slow(writes=0.1)))

    class Hang:
        def happen(self) -> None:
            walk.cancel()

    raid.agenda.add(START + 5.0, Hang())
    raid.ask(sign_in(None), 6.0)
    assert [reply.status for reply in raid.run()] == [200]


def test_a_slow_request_keeps_no_station_busy() -> None:
    stations = MappingProxyType({Step.SIGN_IN: Station(servers=1, service_time=1.0, queue=0)})
    raid = Raid(stations=stations)
    for at in range(50):
        raid.ask(sign_in(Slow(writes=0.1)), float(at))
    raid.ask(sign_in(None), 55.0)
    assert Counter(reply.status for reply in raid.run()) == {408: 50, 200: 1}
