from collections.abc import Callable
from math import inf, isnan
from typing import Any

import pytest

from loadtests.behavior.steps import Fetch, Journey, Race, Reply, Timeouts, Together, Wait
from loadtests.behavior.walk import Walk
from loadtests.collect.recorder import Recorder
from loadtests.collect.window import Window
from loadtests.paper.agenda import Agenda
from loadtests.paper.world import World
from loadtests.stack.device import UNKNOWN_DEVICE, Device
from loadtests.stack.exchange import Answer, Delivery, Request, Stated
from loadtests.stack.model import Stack
from loadtests.stack.service import Service
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step, Trait

PATIENT = Timeouts(connect=10.0, first_byte=30.0, whole=60.0)
START, END = 100.0, 200.0


class Desk(Service):
    """Answers everything alike after `takes` seconds, and remembers what it was asked."""

    def __init__(
        self,
        takes: Seconds,
        status: int = 200,
        body: bytes = b"{}",
        delivery: Delivery = Delivery.WHOLE,
    ) -> None:
        super().__init__(Stack(stations={}))
        self.takes, self.status, self.body, self.delivery = takes, status, body, delivery
        self.asked: list[tuple[Seconds, Request]] = []

    def answer(self, request: Request, now: Seconds) -> Answer:
        self.asked.append((now, request))
        at, headers = now + self.takes, ((b"x-desk", b"1"),)
        said = Answer(at, self.status, headers, self.body, Step.HOME, Stated.OK, None)
        return said._replace(delivery=self.delivery)


class Play:
    """Walks journeys in a world of one desk from START to END."""

    def __init__(self, desk: Desk, *, delay: Seconds = 0.0) -> None:
        self.agenda = Agenda(START, END)
        self.recorder = Recorder(START)
        self.world = World(self.agenda, desk, self.recorder, delay=delay)
        self.results: list[tuple[int, Any, Seconds]] = []

    def run(self, *journeys: Journey) -> list[tuple[int, Any, Seconds]]:
        for index, journey in enumerate(journeys):
            walk = Walk(journey, self.world, START, self, index)
            walk.resume(None, START)
        self.agenda.run()
        return self.results

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401 - a journey returns what it likes
        self.results.append((index, result, at))

    @property
    def window(self) -> Window:
        return self.recorder.close(0, cpu=0.0, sockets=0, in_flight=self.world.in_flight)


def home(timeouts: Timeouts = PATIENT, **more: Any) -> Fetch:  # noqa: ANN401 - whatever a Fetch takes
    return Fetch(Step.HOME, "http://stack.invalid/home?a=1", timeouts, **more)


def ask(fetch: Fetch, then: Callable[[Reply], Any] = lambda reply: reply) -> Journey:
    reply = yield fetch
    return then(reply)


def pause(until: Seconds) -> Journey:
    return (yield Wait(until))


def outcomes(window: Window) -> dict[Outcome, int]:
    return {outcome: tally.count for (_, outcome, _), tally in window.ended.items()}


def test_a_request_is_answered_when_the_stack_says() -> None:
    desk = Desk(2.5, body=b'{"a": 1}')
    ((_, reply, at),) = Play(desk).run(ask(home()))
    assert (reply.outcome, reply.status, reply.body, reply.size) == (
        Outcome.OK,
        200,
        b'{"a": 1}',
        8,
    )
    assert (reply.due, reply.sent, reply.first_byte, reply.done, at) == (
        100,
        100,
        102.5,
        102.5,
        102.5,
    )
    assert reply.headers == {b"x-desk": b"1"}


def test_the_stack_is_asked_what_the_viewer_asks() -> None:
    desk = Desk(0.0)
    headers = b"Accept: */*\r\nAuthorization: Bearer access.viewer-0000001.9\r\nX: y\r\n"
    Play(desk).run(ask(home(method="POST", headers=headers, body=b"asked", span=(0, 9))))
    ((now, request),) = desk.asked
    assert (now, request.method, request.target) == (100.0, "POST", "/home?a=1")
    assert (request.token, request.body, request.span) == (
        "access.viewer-0000001.9",
        b"asked",
        (0, 9),
    )


def test_a_viewer_without_a_token_sends_none() -> None:
    desk = Desk(0.0)
    Play(desk).run(ask(home()))
    assert desk.asked[0][1].token is None


def test_the_stack_is_told_what_the_device_says_of_itself() -> None:
    desk = Desk(0.0)
    headers = b"X-Device: 0000007;web;liege;rooted\r\nAuthorization: Bearer a.b.1\r\n"
    Play(desk).run(ask(home(headers=headers)), ask(home()))
    asked = [request.device for _, request in desk.asked]
    assert asked == [Device(7, "web", "liege", frozenset({Trait.ROOTED})), UNKNOWN_DEVICE]


def test_a_reset_is_noticed_when_it_comes_and_brings_nothing() -> None:
    play = Play(Desk(1.0, delivery=Delivery.RESET), delay=0.25)
    ((_, reply, at),) = play.run(ask(home()))
    assert (reply.outcome, reply.status, reply.body, reply.size) == (Outcome.RESET, 0, b"", 0)
    assert isnan(reply.first_byte)
    assert at == 101.5
    assert outcomes(play.window) == {Outcome.RESET: 1}


def test_of_a_truncated_answer_half_arrives() -> None:
    play = Play(Desk(1.0, body=b"abcdef", delivery=Delivery.TRUNCATED))
    replies = [reply for _, reply, _ in play.run(ask(home()), ask(home(keep=False)))]
    assert [(r.outcome, r.status, r.body, r.size) for r in replies] == [
        (Outcome.TRUNCATED, 200, b"abc", 3),
        (Outcome.TRUNCATED, 200, b"", 3),
    ]


def test_silence_lasts_as_long_as_the_device_waits() -> None:
    play = Play(Desk(inf, delivery=Delivery.SILENCE))
    ((_, reply, at),) = play.run(ask(home(Timeouts(1.0, 4.0, 9.0))))
    assert (reply.outcome, at) == (Outcome.FIRST_BYTE_TIMEOUT, 104.0)


def test_silence_may_outlast_the_run() -> None:
    play = Play(Desk(inf, delivery=Delivery.SILENCE))
    assert play.run(ask(home(Timeouts(1.0, inf, inf)))) == []
    assert play.window.in_flight == 1


def test_the_network_delays_both_ways() -> None:
    desk = Desk(1.0)
    ((_, reply, _),) = Play(desk, delay=0.25).run(ask(home()))
    assert (desk.asked[0][0], reply.done) == (100.25, 101.5)


def test_a_body_nobody_keeps_is_counted_and_dropped() -> None:
    ((_, reply, _),) = Play(Desk(1.0, body=b"x" * 500)).run(ask(home(keep=False)))
    assert (reply.body, reply.size) == (b"", 500)


def test_a_refusal_is_judged_as_on_the_wire() -> None:
    play = Play(Desk(1.0, status=503))
    ((_, reply, _),) = play.run(ask(home()))
    assert reply.outcome is Outcome.OVERLOAD
    assert outcomes(play.window) == {Outcome.OVERLOAD: 1}


@pytest.mark.parametrize(
    ("first_byte", "whole", "outcome"),
    [(4.0, 9.0, Outcome.FIRST_BYTE_TIMEOUT), (9.0, 4.0, Outcome.TIMEOUT)],
)
def test_a_device_that_has_waited_enough_goes_on_without_the_answer(
    first_byte: Seconds, whole: Seconds, outcome: Outcome
) -> None:
    play = Play(Desk(5.0))
    ((_, reply, at),) = play.run(ask(home(Timeouts(1.0, first_byte, whole))))
    assert (reply.outcome, reply.done, reply.status, at) == (outcome, 104.0, 0, 104.0)
    assert isnan(reply.first_byte)
    assert outcomes(play.window) == {outcome: 1}


def test_an_answer_exactly_at_the_limit_is_in_time() -> None:
    ((_, reply, _),) = Play(Desk(4.0)).run(ask(home(Timeouts(1.0, 4.0, 4.0))))
    assert reply.outcome is Outcome.OK


def test_a_viewer_who_gives_up_ends_the_request_but_not_the_stacks_work() -> None:
    desk = Desk(5.0)
    play = Play(desk)

    def impatient() -> Journey:
        return (yield Race(ask(home()), pause(102.0)))

    assert play.run(impatient()) == [(0, (1, 102.0), 102.0)]
    assert len(desk.asked) == 1
    window = play.window
    assert (outcomes(window), window.in_flight) == ({Outcome.CANCELED: 1}, 0)


def test_requests_sent_are_those_ended_and_those_in_flight() -> None:
    play = Play(Desk(60.0))
    fetch = home(Timeouts(1.0, 99.0, 99.0))

    def later() -> Journey:
        yield Wait(160.0)
        yield home(Timeouts(1.0, 99.0, 99.0))

    play.run(ask(fetch), ask(home()), later())
    window = play.window
    assert (window.sent.total(), window.in_flight) == (3, 1)
    assert outcomes(window) == {Outcome.OK: 1, Outcome.FIRST_BYTE_TIMEOUT: 1}


def test_what_is_under_way_when_the_run_ends_stays_in_flight() -> None:
    play = Play(Desk(150.0))
    fetch = home(Timeouts(1.0, inf, inf))
    walk = Walk(ask(fetch), play.world, START, play)
    walk.resume(None, START)
    play.agenda.run()
    walk.finish(END)
    window = play.window
    assert (window.sent.total(), outcomes(window), window.in_flight) == (1, {}, 1)


def test_a_wait_ends_when_it_is_due_and_a_past_one_at_once() -> None:
    assert Play(Desk(1.0)).run(pause(105.0), pause(50.0)) == [
        (1, 100.0, 100.0),
        (0, 105.0, 105.0),
    ]


def test_a_wait_without_end_keeps_nobody_from_winning() -> None:
    def patient() -> Journey:
        return (yield Race(pause(inf), pause(103.0)))

    assert Play(Desk(1.0)).run(patient()) == [(0, (1, 103.0), 103.0)]


def test_journeys_side_by_side_go_on_with_the_last_answer() -> None:
    def both() -> Journey:
        return (yield Together(ask(home(), lambda reply: reply.done), pause(104.0)))

    assert Play(Desk(1.0)).run(both()) == [(0, [101.0, 104.0], 104.0)]


def test_the_stack_is_asked_in_the_order_of_time() -> None:
    desk = Desk(0.5)

    def twice(first: Seconds) -> Journey:
        yield Wait(first)
        yield home()
        yield home()

    Play(desk, delay=0.1).run(*(twice(100.0 + k * 0.37 % 1.0) for k in range(20)))
    moments = [now for now, _ in desk.asked]
    assert len(moments) == 40
    assert moments == sorted(moments)
