"""Slow exchanges on real connections: what is dragged out, and that everybody else is not."""

import socket
import threading
from collections.abc import Callable

import pytest
from loopback import Peer, Server, World, fetch_of, in_a_thread, one

from loadtests.behavior.steps import Slow, Timeouts
from loadtests.vocabulary import Outcome, Step

Serve = Callable[..., Server]

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
QUICK = Slow(writes=2000.0)  # so that a test takes a tenth of a second


class Arrivals:
    """A script that keeps apart what comes in apart, until all of a request is there."""

    def __init__(self, end: bytes, answer: bytes = HELLO) -> None:
        self.pieces: list[bytes] = []
        self._end = end
        self._answer = answer

    def __call__(self, peer: Peer) -> None:
        while not b"".join(self.pieces).endswith(self._end):
            self.pieces.append(peer.sock.recv(65_536))
        peer.sock.sendall(self._answer)
        peer.wait_for_end()


def test_the_request_line_goes_at_once_and_the_headers_byte_by_byte(
    world: World, serve: Serve
) -> None:
    arrivals = Arrivals(b"\r\n\r\n")
    server = serve(arrivals)

    reply = world.fetch(f"{server.url}/home", slow=QUICK)

    # a busy machine may put some bytes together, but sends none of them early
    assert arrivals.pieces[0].startswith(b"GET /home HTTP/1.1\r\n")
    assert len(arrivals.pieces) > 1
    assert (reply.outcome, reply.body) == (Outcome.OK, b"hello")
    dribbled = len(b"".join(arrivals.pieces)) - len(b"GET /home HTTP/1.1\r\n")
    assert reply.done - reply.sent >= dribbled / 2000


def test_of_a_request_with_a_body_only_the_body_dribbles(world: World, serve: Serve) -> None:
    arrivals = Arrivals(b"password")
    server = serve(arrivals)

    reply = world.fetch(
        f"{server.url}/sign-in", method="POST", body=b"a long password", slow=Slow(writes=200.0)
    )

    head, _, body = b"".join(arrivals.pieces).partition(b"\r\n\r\n")
    assert len(arrivals.pieces[0]) >= len(head)
    assert body == b"a long password"
    assert reply.ok
    assert reply.done - reply.sent >= len(body) / 200


def test_an_answer_that_comes_before_the_request_has_ended_ends_it(
    world: World, serve: Serve
) -> None:
    late = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    server = serve(Arrivals(b" HTTP/1.1\r\n", late))

    reply = world.fetch(f"{server.url}/home", slow=Slow(writes=0.001))

    assert reply.status == 408
    assert world.wire.sockets == 0


def test_a_target_that_hangs_up_on_half_a_request_is_a_reset(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.sock.recv(10))

    reply = world.fetch(f"{server.url}/home", slow=Slow(writes=2000.0))

    assert (reply.outcome, reply.id) == (Outcome.RESET, 1)
    assert world.wire.sockets == 0


def test_a_slow_request_is_given_up_when_its_time_is_out(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.wait_for_end())

    soon = Timeouts(connect=5.0, first_byte=0.2, whole=0.2)
    reply = world.fetch(f"{server.url}/home", slow=Slow(writes=0.1), timeouts=soon)

    assert (reply.outcome, reply.size) == (Outcome.TIMEOUT, 0)
    assert world.wire.sockets == 0


def test_an_answer_that_is_hardly_read_holds_its_server(world: World, serve: Serve) -> None:
    size = 8_000_000
    stuck, handed = threading.Event(), [0]

    def send_what_fits(peer: Peer) -> None:
        peer.request()
        peer.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        peer.sock.setblocking(False)
        try:
            while True:
                handed[0] += peer.sock.send(bytes(65_536))
        except BlockingIOError:
            stuck.set()
        peer.sock.setblocking(True)
        peer.wait_for_end()

    playing = world.play(one(fetch_of(serve(send_what_fits).url, slow=Slow(reads=0.01))))
    in_a_thread(lambda: stuck.wait(20))
    playing.walk.cancel()

    assert stuck.is_set()
    assert handed[0] < size / 4


def test_a_slow_reader_reads_a_byte_whenever_one_is_due(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))

    reply = world.fetch(server.url, slow=Slow(reads=1000.0))

    assert (reply.outcome, reply.body) == (Outcome.OK, b"hello")
    assert reply.done - reply.sent >= len(HELLO) / 1000


def test_a_slow_exchange_has_a_connection_of_its_own_that_ends_with_it(
    world: World, serve: Serve
) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    line = world.wire.line(0)

    replies = [world.fetch(server.url, line=line, slow=slow) for slow in (None, QUICK, None)]

    assert [reply.ok for reply in replies] == [True] * 3
    assert [len(peer.requests) for peer in server.peers] == [2, 1]
    assert world.wire.sockets == 1


def test_a_slow_exchange_over_tls_is_our_own_mistake(
    make_world: Callable[..., World], serve: Serve
) -> None:
    server = serve(lambda peer: peer.wait_for_end())
    world = make_world(expects_bugs=True)
    line = world.wire.line(0)

    with pytest.raises(ValueError, match="slow exchanges are plain HTTP"):
        world.play(one(fetch_of(f"https://127.0.0.1:{server.port}/", slow=QUICK)), line)


def test_a_slow_exchange_is_taken_up_and_recorded_once_like_any_other(
    world: World, serve: Serve
) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    world.fetch(server.url, step=Step.HOME, slow=QUICK)
    assert world.ended() == {("home", "ok", False): 1}


def test_a_gate_that_does_not_allow_the_address_lets_nothing_slow_through(world: World) -> None:
    reply = world.fetch("http://192.0.2.1/", slow=QUICK)
    assert (reply.outcome, reply.id) == (Outcome.FORBIDDEN_HOST, 0)
