"""One exchange over a real connection: what becomes of it, whatever the target does."""

import socket
import threading
from collections.abc import Callable
from math import isnan

import gevent
import pytest
from loopback import Peer, Server, World, fetch_of, in_a_thread, one

from loadtests.behavior.steps import Journey
from loadtests.swarm.wire.connection import Connection
from loadtests.vocabulary import Outcome, Step

Serve = Callable[..., Server]
MakeWorld = Callable[..., World]

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"Content-Length: 5\r\n\r\nhello"


def test_an_answer_arrives_as_a_reply_with_all_its_parts(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    before = world.wire.clock()

    reply = world.fetch(f"{server.url}/a?b=c", step=Step.PLAYLIST)

    assert (reply.outcome, reply.status, reply.body, reply.size) == (Outcome.OK, 200, b"hello", 5)
    assert reply.id == 1
    assert before <= reply.due <= reply.sent <= reply.first_byte <= reply.done
    assert world.replies == [(0, reply)]
    assert world.ended() == {("playlist", "ok", False): 1}


def test_an_answer_arrives_byte_by_byte(world: World, serve: Serve) -> None:
    def dribble(peer: Peer) -> None:
        # each byte travels alone
        peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.request()
        for byte in HELLO:
            peer.sock.sendall(bytes([byte]))
        peer.wait_for_end()

    reply = world.fetch(serve(dribble).url)

    assert (reply.outcome, reply.body) == (Outcome.OK, b"hello")


def test_a_body_that_ends_with_the_connection_is_whole(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.answer(OK + b"\r\nhello"))

    reply = world.fetch(server.url)

    assert (reply.outcome, reply.body) == (Outcome.OK, b"hello")
    assert world.wire.sockets == 0


@pytest.mark.parametrize(
    ("said", "outcome", "size"),
    [
        (OK + b"Content-Length: 500\r\n\r\nhello", Outcome.TRUNCATED, 5),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", Outcome.TRUNCATED, 5),
        (OK + b"Content-Le", Outcome.RESET, 0),
        (b"", Outcome.RESET, 0),
        (b"220 smtp.example ready\r\n", Outcome.GARBAGE, 0),
        (OK + b"Content-Length: x\r\n\r\n", Outcome.GARBAGE, 0),
    ],
    ids=["in the body", "between chunks", "in the head", "at once", "not HTTP", "nonsense"],
)
def test_an_answer_that_ends_early_or_makes_no_sense_is_told_apart(
    world: World, serve: Serve, said: bytes, outcome: Outcome, size: int
) -> None:
    server = serve(lambda peer: peer.answer(said))

    reply = world.fetch(server.url)

    assert (reply.outcome, reply.size) == (outcome, size)
    assert (reply.id, world.wire.sockets) == (1, 0)
    assert world.ended() == {("segment", outcome, False): 1}


@pytest.mark.parametrize("said", [b"", OK + b"Content-Length: 500\r\n\r\nhello"])
def test_a_connection_broken_by_the_target_is_a_reset(
    world: World, serve: Serve, said: bytes
) -> None:
    arrived = threading.Event()

    def break_off(peer: Peer) -> None:
        peer.answer(said)
        arrived.wait()
        peer.reset()

    playing = world.play(one(fetch_of(serve(break_off).url)))
    arrived.set()
    reply = playing.wait()

    assert reply.outcome is Outcome.RESET


def test_a_port_nobody_listens_on_refuses_and_nothing_was_sent(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.wait_for_end())
    server.close()

    reply = world.fetch(server.url)

    assert (reply.outcome, reply.id, reply.status) == (Outcome.REFUSED, 0, 0)
    assert isnan(reply.first_byte)
    assert world.ended() == {("segment", "refused", False): 1}
    assert world.wire.number == 0


def test_a_name_without_address_is_unresolved(world: World) -> None:
    reply = world.fetch("http://no-such-host.invalid/")

    assert (reply.outcome, reply.id) == (Outcome.UNRESOLVED, 0)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://[", "/relative", "http://a b/"])
def test_a_url_nobody_can_ask_for_is_garbage_the_target_named(world: World, url: str) -> None:
    reply = world.fetch(url)

    assert (reply.outcome, reply.id) == (Outcome.GARBAGE, 0)


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]", "0.0.0.0"])
def test_without_consent_nothing_but_this_machine_is_dialed(world: World, host: str) -> None:
    reply = world.fetch(f"http://{host}/")

    assert (reply.outcome, reply.id) == (Outcome.FORBIDDEN_HOST, 0)
    assert world.wire.sockets == 0
    assert world.ended() == {("segment", "forbidden_host", False): 1}


def test_a_failure_that_is_known_at_once_still_comes_later(world: World) -> None:
    resumed = list[str]()

    def journey() -> Journey:
        yield fetch_of("http://192.0.2.1/")
        resumed.append("resumed")

    playing = world.play(journey())

    assert resumed == [], "a world never resumes a walk from within fetch"
    playing.wait()
    assert resumed == ["resumed"]


def test_redirects_are_replies_and_are_not_followed(world: World, serve: Serve) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    server = serve(lambda peer: peer.answer_for_ever(moved))

    reply = world.fetch(f"{server.url}/here")

    assert (reply.outcome, reply.status, reply.value) == (
        Outcome.OK,
        302,
        f"{server.url}/elsewhere",
    )
    assert len(server.requests) == 1


def test_every_complete_answer_is_judged(world: World, serve: Serve) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    server = serve(lambda peer: (peer.answer(HELLO), peer.answer(busy)))
    line = world.wire.line(0)

    read = world.fetch(server.url, line=line, read=lambda _reply: Outcome.GARBAGE)
    shed = world.fetch(server.url, line=line)

    assert (read.outcome, shed.outcome) == (Outcome.GARBAGE, Outcome.OVERLOAD)


def test_a_large_body_nobody_wants_is_counted_to_the_last_byte(world: World, serve: Serve) -> None:
    size = 3_000_000
    segment = OK + b"Content-Length: %d\r\n\r\n" % size + b"x" * size
    server = serve(lambda peer: (peer.answer(segment), peer.answer_for_ever(HELLO)))
    line = world.wire.line(0)

    dropped = world.fetch(server.url, line=line, keep=False)
    kept = world.fetch(server.url, line=line)

    assert (dropped.outcome, dropped.size, dropped.body) == (Outcome.OK, size, b"")
    assert (kept.outcome, kept.body) == (Outcome.OK, b"hello")
    assert len(server.peers) == 1, "the connection goes on after it"


@pytest.mark.parametrize("in_kernel", [True, False])
def test_dropping_in_the_kernel_or_reading_and_forgetting_is_all_the_same(
    world: World, serve: Serve, monkeypatch: pytest.MonkeyPatch, *, in_kernel: bool
) -> None:
    in_kernel = in_kernel and Connection.drops_in_kernel
    monkeypatch.setattr(Connection, "drops_in_kernel", in_kernel)
    segment = OK + b"Content-Length: 500000\r\n\r\n" + b"x" * 500_000
    server = serve(lambda peer: peer.answer_for_ever(segment))
    line = world.wire.line(0)

    sizes = [world.fetch(server.url, line=line, keep=False).size for _ in range(3)]

    assert sizes == [500_000] * 3
    assert len(server.peers) == 1
    assert [note for note in world.wire.notes() if "drop" in note] == (
        []
        if in_kernel
        else ["bodies nobody needs are read and forgotten: this system cannot drop them"]
    )


def test_a_large_body_nobody_wants_that_ends_early_is_truncated(world: World, serve: Serve) -> None:
    server = serve(
        lambda peer: peer.answer(OK + b"Content-Length: 3000000\r\n\r\n" + b"x" * 1_000_000)
    )

    reply = world.fetch(server.url, keep=False)

    assert (reply.outcome, reply.size) == (Outcome.TRUNCATED, 1_000_000)


def test_a_large_body_somebody_wants_arrives_unchanged(world: World, serve: Serve) -> None:
    body = bytes(range(256)) * 4000
    said = OK + b"Content-Length: %d\r\n\r\n" % len(body) + body
    server = serve(lambda peer: peer.answer_for_ever(said))

    assert world.fetch(server.url).body == body


def test_a_large_request_is_sent_whole(world: World, serve: Serve) -> None:
    body = bytes(range(256)) * 40_000  # more than any socket buffer
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    line = world.wire.line(0)

    first = world.fetch(server.url, method="POST", body=body, line=line)
    second = world.fetch(server.url, line=line)

    assert (first.outcome, second.outcome) == (Outcome.OK, Outcome.OK)
    assert server.requests[0].endswith(b"\r\n\r\n" + body)
    assert len(server.peers) == 1


def test_an_answer_before_the_request_is_out_is_an_answer_and_ends_the_connection(
    world: World, serve: Serve
) -> None:
    read_on = threading.Event()

    def refuse_early(peer: Peer) -> None:
        peer.sock.recv(1)
        peer.sock.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        read_on.wait()

    reply = world.fetch(serve(refuse_early).url, method="POST", body=b"x" * 20_000_000)
    read_on.set()

    assert (reply.outcome, reply.status) == (Outcome.CLIENT_ERROR, 413)
    assert world.wire.sockets == 0


def test_a_bug_in_a_journey_is_reported_and_not_swallowed(
    make_world: MakeWorld, serve: Serve
) -> None:
    world = make_world(expects_bugs=True)
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    problem = OSError("looks like a network problem, and is ours")

    def journey() -> Journey:
        yield fetch_of(server.url)
        try:
            raise problem
        finally:
            over.set()

    over = threading.Event()
    world.play(journey())
    in_a_thread(over.wait)

    assert world.bugs == [problem]
    assert world.ended() == {("segment", "ok", False): 1}


def test_a_bug_in_judging_an_answer_is_reported_and_not_taken_for_garbage(
    make_world: MakeWorld, serve: Serve
) -> None:
    world = make_world(expects_bugs=True)
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    over = threading.Event()

    def read(_reply: object) -> Outcome:
        over.set()
        raise ZeroDivisionError

    world.play(one(fetch_of(server.url, read=read)))
    in_a_thread(over.wait)

    assert [type(bug) for bug in world.bugs] == [ZeroDivisionError]


def test_the_target_may_ask_for_everything_to_stop_once(world: World, serve: Serve) -> None:
    stop = OK + b"Matchnight-Stop: 1\r\nContent-Length: 0\r\n\r\n"
    server = serve(lambda peer: peer.answer_for_ever(stop))

    world.fetch(f"{server.url}/a")
    world.fetch(f"{server.url}/b")

    assert world.stops == [f"{server.url}/a answered with Matchnight-Stop: 1"]


STOP = b"Matchnight-Stop: 1\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 103 Early Hints\r\n" + STOP + b"\r\n" + HELLO,
        b"HTTP/1.1 404 Not Found\r\n" + STOP + b"Content-Length: 0\r\n\r\n",
        OK + STOP + b"Content-Length: 9000\r\n\r\ncut off",
        OK + STOP + b"\r\n",
    ],
    ids=["informational", "refusal", "cut off", "without length"],
)
def test_stop_is_heard_in_whatever_answer_and_nothing_is_sent_afterwards(
    said: bytes, world: World, serve: Serve
) -> None:
    server = serve(lambda peer: peer.answer(said))
    world.fetch(f"{server.url}/a", keep=False)
    refused = world.fetch(f"{server.url}/b")
    assert world.stops == [f"{server.url}/a answered with Matchnight-Stop: 1"]
    assert (refused.outcome, refused.id) == (Outcome.FORBIDDEN_HOST, 0)
    assert len(server.requests) == 1


def test_stop_is_heard_before_an_answer_has_ended(world: World, serve: Serve) -> None:
    released = threading.Event()

    def dribble(peer: Peer) -> None:
        peer.request()
        peer.sock.sendall(OK + STOP + b"Content-Length: 6\r\n\r\nhello")
        released.wait(20)
        peer.sock.sendall(b"!")

    server = serve(dribble)
    playing = world.play(one(fetch_of(server.url)))
    while not world.stops:
        gevent.sleep(0.001)
    assert not playing.over.is_set()
    released.set()
    assert playing.wait().outcome is Outcome.OK


@pytest.mark.parametrize("value", [b"0", b"", b"true", b"10"])
def test_any_other_value_is_no_stop(value: bytes, world: World, serve: Serve) -> None:
    head = OK + b"Matchnight-Stop: " + value + b"\r\nContent-Length: 0\r\n\r\n"
    server = serve(lambda peer: peer.answer_for_ever(head))
    assert world.fetch(server.url).ok
    assert world.stops == []
