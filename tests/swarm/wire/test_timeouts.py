"""Time-outs, by a clock of the test's own: nothing here depends on speed."""

import socket
import threading
from collections.abc import Callable
from math import isnan

import pytest
from loopback import Clock, Peer, Server, World, fetch_of, in_a_thread, one

from loadtests.behavior.steps import Timeouts
from loadtests.vocabulary import Outcome

Serve = Callable[..., Server]
MakeWorld = Callable[..., World]

OK = b"HTTP/1.1 200 OK\r\n"
LIMITS = Timeouts(connect=3.0, first_byte=10.0, whole=15.0)


@pytest.mark.parametrize(
    ("said", "at", "outcome"),
    [
        (b"", 10.0, Outcome.FIRST_BYTE_TIMEOUT),
        (OK, 15.0, Outcome.TIMEOUT),
        (OK + b"Content-Length: 500\r\n\r\nhello", 15.0, Outcome.TIMEOUT),
    ],
    ids=["not a byte", "half a head", "half a body"],
)
def test_time_outs_strike_when_they_are_due_and_never_early(
    make_world: MakeWorld, serve: Serve, said: bytes, at: float, outcome: Outcome
) -> None:
    clock, asked = Clock(), threading.Event()
    world = make_world(clock=clock)

    def hold(peer: Peer) -> None:
        peer.answer(said)
        asked.set()
        peer.wait_for_end()

    playing = world.play(one(fetch_of(serve(hold).url, timeouts=LIMITS)))
    in_a_thread(asked.wait)
    if said:
        wait_until(world, lambda: not isnan(world.wire.under_way()[0][0].first_byte))
    sent = world.wire.under_way()[0][0].sent

    clock.time = sent + at - 0.001
    world.wire.sweep()
    before = world.wire.in_flight
    clock.time = sent + at
    world.wire.sweep()
    reply = playing.wait()

    assert before == 1
    assert (reply.outcome, reply.done - reply.sent) == (outcome, pytest.approx(at))
    assert world.wire.sockets == 0


def wait_until(world: World, condition: Callable[[], bool]) -> None:
    """Let the loop turn until something the kernel delivers has arrived."""
    turns = 0
    while not condition():
        world.wire.loop.run_callback(lambda: None)
        in_a_thread(lambda: None)
        turns += 1
        assert turns < 100_000


def test_a_whole_time_out_shorter_than_that_of_the_first_byte_is_a_time_out(
    make_world: MakeWorld, serve: Serve
) -> None:
    clock, asked = Clock(), threading.Event()
    world = make_world(clock=clock)

    def hold(peer: Peer) -> None:
        peer.request()
        asked.set()
        peer.wait_for_end()

    limits = Timeouts(connect=1.0, first_byte=30.0, whole=5.0)
    playing = world.play(one(fetch_of(serve(hold).url, timeouts=limits)))
    in_a_thread(asked.wait)
    clock.advance(5.0)
    world.wire.sweep()

    assert playing.wait().outcome is Outcome.TIMEOUT


def test_a_target_that_does_not_even_accept_is_a_connect_time_out(make_world: MakeWorld) -> None:
    clock = Clock()
    world = make_world(clock=clock)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        fillers = [_filler(address) for _ in range(3)]
        url = f"http://127.0.0.1:{address[1]}/"
        playing = world.play(one(fetch_of(url, timeouts=LIMITS)))
        begun = clock.time
        clock.time = begun + 3.0
        world.wire.sweep()
        reply = playing.wait()
        for filler in fillers:
            filler.close()

    assert (reply.outcome, reply.id) == (Outcome.CONNECT_TIMEOUT, 0)
    assert reply.done - reply.due == pytest.approx(3.0)
    assert world.wire.sockets == 0


def _filler(address: tuple[str, int]) -> socket.socket:
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(address)
    return filler


def test_a_body_that_never_ends_is_ended_by_the_time_for_the_whole(
    make_world: MakeWorld, serve: Serve
) -> None:
    clock, asked = Clock(), threading.Event()
    world = make_world(clock=clock)

    def pour(peer: Peer) -> None:
        peer.answer(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        asked.set()
        while True:
            peer.sock.sendall(b"5\r\nhello\r\n" * 1000)

    playing = world.play(one(fetch_of(serve(pour).url, timeouts=LIMITS, keep=False)))
    in_a_thread(asked.wait)
    wait_until(world, lambda: not isnan(world.wire.under_way()[0][0].first_byte))
    clock.advance(15.0)
    world.wire.sweep()
    reply = playing.wait()

    assert reply.outcome is Outcome.TIMEOUT
    assert world.wire.sockets == 0
