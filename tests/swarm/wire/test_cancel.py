"""Viewers who give up, lines and wires that close: what is broken off, and what is recorded."""

import threading
from collections.abc import Callable

import pytest
from loopback import Peer, Server, World, fetch_of, in_a_thread, one

from loadtests.behavior.walk import Walk
from loadtests.swarm.wire import Line
from loadtests.vocabulary import Outcome

Serve = Callable[..., Server]

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"Content-Length: 5\r\n\r\nhello"


def held(world: World, server: Server, asked: threading.Event, line: Line) -> Walk:
    """A fetch whose request the server has, and does not answer."""
    walk = world.play(one(fetch_of(server.url)), line).walk
    in_a_thread(asked.wait)
    return walk


@pytest.mark.parametrize("said", [b"", OK + b"Content-Length: 500\r\n\r\nhello"])
def test_a_viewer_who_gives_up_breaks_the_connection_off(
    world: World, serve: Serve, said: bytes
) -> None:
    asked, ended = threading.Event(), threading.Event()

    def hold(peer: Peer) -> None:
        peer.answer(said)
        asked.set()
        try:
            peer.wait_for_end()
        finally:
            ended.set()

    line = world.wire.line(0)
    walk = held(world, serve(hold), asked, line)

    walk.cancel()
    in_a_thread(ended.wait)

    assert [reply.outcome for _, reply in world.replies] == [Outcome.CANCELED]
    assert world.ended() == {("segment", "canceled", False): 1}
    assert (world.wire.sockets, world.wire.in_flight, line.connections) == (0, 0, [])


def test_calling_off_twice_or_too_late_does_nothing(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    line = world.wire.line(0)
    walk = Walk(one(fetch_of(server.url)), line, 0.0, _Nobody())
    pending = line.fetch(fetch_of("http://192.0.2.1/"), walk)
    failed = world.ended()

    pending.cancel()
    pending.cancel()

    assert failed == {("segment", "forbidden_host", False): 1}
    assert world.ended() == {}


class _Nobody:
    def ended(self, index: int, result: object, at: float) -> None:
        raise AssertionError("a walk that was called off goes on", index, result, at)


def test_a_viewer_who_gives_up_while_a_name_is_looked_up_is_canceled(world: World) -> None:
    line = world.wire.line(0)
    pending = line.fetch(
        fetch_of("http://localhost:1/"), Walk(one(fetch_of("")), line, 0.0, _Nobody())
    )

    pending.cancel()
    world.fetch("http://localhost:1/")  # waits for the same lookup

    assert [str(reply.outcome) for _, reply in world.replies] == ["canceled", "refused"]


def test_closing_a_line_calls_off_what_is_under_way_and_hangs_up(
    world: World, serve: Serve
) -> None:
    asked = threading.Event()

    def hold(peer: Peer) -> None:
        peer.request()
        asked.set()
        peer.wait_for_end()

    line = world.wire.line(0)
    held(world, serve(hold), asked, line)

    line.close()
    line.close()

    assert world.ended() == {("segment", "canceled", False): 1}
    assert (world.wire.sockets, line.connections) == (0, [])


def test_closing_the_wire_leaves_in_flight_what_was_in_flight(world: World, serve: Serve) -> None:
    asked = threading.Event()

    def hold(peer: Peer) -> None:
        peer.request()
        asked.set()
        peer.wait_for_end()

    held(world, serve(hold), asked, world.wire.line(7))

    world.wire.close()

    assert world.wire.in_flight == 1
    assert [(reply.id, viewer) for reply, viewer in world.wire.under_way()] == [(1, 7)]
    assert world.ended() == {}
    assert world.wire.sockets == 0
