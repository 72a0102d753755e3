"""A viewer's connections: how many, when they are used again, and what comes twice."""

import resource
import threading
from collections.abc import Callable

import pytest
from loopback import Peer, Server, World, fetch_of, in_a_thread, one

from loadtests.behavior.steps import Fetch, Journey, Race, Reply, Together, Wait
from loadtests.vocabulary import Outcome

Serve = Callable[..., Server]
MakeWorld = Callable[..., World]

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"Content-Length: 5\r\n\r\nhello"
FAREWELL = OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello"


def one_by_one(*fetches: Fetch) -> Journey:
    replies = list[Reply]()
    for fetch in fetches:
        reply = yield fetch
        replies.append(reply)
    return replies


def test_a_sequential_viewer_uses_one_connection(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))

    replies = world.play(one_by_one(*(fetch_of(f"{server.url}/{i}") for i in range(5)))).wait()

    assert [reply.body for reply in replies] == [b"hello"] * 5
    assert [len(peer.requests) for peer in server.peers] == [5]
    window = world.recorder.close(0, cpu=0, sockets=0, in_flight=0)
    assert (window.connections, window.handshakes, window.resumed) == (1, 0, 0)


def test_two_viewers_share_nothing(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))

    world.fetch(server.url, line=world.wire.line(1))
    world.fetch(server.url, line=world.wire.line(2))

    assert [len(peer.requests) for peer in server.peers] == [1, 1]


def test_two_hosts_are_two_connections(world: World, serve: Serve) -> None:
    servers = [serve(lambda peer: peer.answer_for_ever(HELLO)) for _ in range(2)]
    line = world.wire.line(0)

    for server in servers * 2:
        world.fetch(server.url, line=line)

    assert [len(server.requests) for server in servers] == [2, 2]
    assert len(line.connections) == 2


def test_a_connection_the_target_wants_closed_is_not_used_again(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.answer_for_ever(FAREWELL))
    line = world.wire.line(0)

    for _ in range(3):
        world.fetch(server.url, line=line)

    assert [len(peer.requests) for peer in server.peers] == [1, 1, 1]
    assert (line.connections, world.wire.sockets) == ([], 0)


@pytest.mark.parametrize("farewell", [b"", b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"])
def test_an_idle_connection_the_target_closes_is_noticed(
    world: World, serve: Serve, farewell: bytes
) -> None:
    close = threading.Event()

    def answer_once(peer: Peer) -> None:
        peer.answer(HELLO)
        close.wait()
        peer.sock.sendall(farewell)

    server = serve(answer_once, lambda peer: peer.answer_for_ever(HELLO))
    line = world.wire.line(0)
    world.fetch(server.url, line=line)

    close.set()
    while line.connections:
        in_a_thread(lambda: None)
    reply = world.fetch(server.url, line=line)

    assert (reply.outcome, reply.id, reply.fetch.attempt) == (Outcome.OK, 2, 1)
    assert world.ended() == {("segment", "ok", False): 2}


def one_answer_then(end: Callable[[Peer], None]) -> Callable[[Peer], None]:
    def talk(peer: Peer) -> None:
        peer.answer(HELLO)
        peer.request()
        end(peer)

    return talk


def test_what_a_used_connection_swallowed_is_sent_again_and_counted_as_another_request(
    world: World, serve: Serve
) -> None:
    server = serve(
        one_answer_then(lambda peer: peer.sock.close()), lambda peer: peer.answer_for_ever(HELLO)
    )
    line = world.wire.line(0)
    world.fetch(server.url, line=line)

    reply = world.fetch(f"{server.url}/again", line=line, trail=("before",))

    assert (reply.outcome, reply.id, reply.fetch.attempt) == (Outcome.OK, 3, 2)
    assert reply.fetch.trail == ("before",)
    assert [(r.id, str(r.outcome)) for _, r in world.replies] == [
        (1, "ok"),
        (2, "reset"),
        (3, "ok"),
    ]
    assert world.ended() == {
        ("segment", "ok", False): 1,
        ("segment", "reset", False): 1,
        ("segment", "ok", True): 1,
    }
    assert b"X-Matchnight-Attempt: 2\r\n" in server.requests[-1]


def test_it_is_sent_again_only_once(world: World, serve: Serve) -> None:
    server = serve(one_answer_then(Peer.reset), lambda peer: peer.request() and None)
    line = world.wire.line(0)
    world.fetch(server.url, line=line)

    reply = world.fetch(server.url, line=line)

    assert (reply.outcome, reply.fetch.attempt) == (Outcome.RESET, 2)
    assert len(server.requests) == 3


def test_a_post_a_used_connection_swallowed_is_not_sent_again(world: World, serve: Serve) -> None:
    server = serve(one_answer_then(Peer.reset))
    line = world.wire.line(0)
    world.fetch(server.url, line=line)

    reply = world.fetch(server.url, line=line, method="POST", body=b"once")

    assert (reply.outcome, reply.id, reply.fetch.attempt) == (Outcome.RESET, 2, 1)
    assert len(server.requests) == 2


def test_a_new_connection_that_swallows_a_request_is_a_reset(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.request() and None)

    reply = world.fetch(server.url)

    assert (reply.outcome, reply.fetch.attempt) == (Outcome.RESET, 1)
    assert len(server.requests) == 1


def test_concurrent_fetches_open_more_connections_up_to_six_and_queue_in_order(
    world: World, serve: Serve
) -> None:
    everybody_in = threading.Barrier(6)

    def hold_the_first(peer: Peer) -> None:
        if peer.request():
            everybody_in.wait()
            peer.sock.sendall(HELLO)
            peer.answer_for_ever(HELLO)

    server = serve(hold_the_first)
    fetches = [fetch_of(f"{server.url}/{i}") for i in range(10)]

    def journey() -> Journey:
        return (yield Together(*(one(fetch) for fetch in fetches)))

    playing = world.play(journey())
    in_flight = world.wire.in_flight
    replies = playing.wait()

    assert in_flight == 10
    assert [reply.outcome for reply in replies] == [Outcome.OK] * 10
    assert len(server.peers) == 6
    asked = {reply.fetch.url: reply.id for reply in replies}
    assert sorted(asked.values()) == list(range(1, 11))
    late = [asked[fetch.url] for fetch in fetches[6:]]
    assert late == sorted(late)


def test_a_fetch_still_in_the_queue_can_be_called_off(make_world: MakeWorld, serve: Serve) -> None:
    world = make_world(connections_per_host=1)
    asked, go = threading.Event(), threading.Event()

    def hold(peer: Peer) -> None:
        peer.request()
        asked.set()
        go.wait()
        peer.sock.sendall(HELLO)
        peer.answer_for_ever(HELLO)

    server = serve(hold)
    line = world.wire.line(0)
    first = world.play(one(fetch_of(f"{server.url}/first")), line)
    second = world.play(one(fetch_of(f"{server.url}/second")), line)
    third = world.play(one(fetch_of(f"{server.url}/third")), line)
    in_a_thread(asked.wait)

    second.walk.cancel()
    go.set()

    assert [first.wait().outcome, third.wait().outcome] == [Outcome.OK, Outcome.OK]
    assert world.ended() == {("segment", "ok", False): 2, ("segment", "canceled", False): 1}
    assert [request.split()[1] for request in server.requests] == [b"/first", b"/third"]


def test_when_the_connection_others_wait_for_fails_they_get_a_new_one(
    make_world: MakeWorld, serve: Serve
) -> None:
    world = make_world(connections_per_host=1)
    server = serve(lambda peer: peer.request() and None, lambda peer: peer.answer_for_ever(HELLO))

    def journey() -> Journey:
        return (yield Together(*(one(fetch_of(f"{server.url}/{i}")) for i in range(3))))

    replies = world.play(journey()).wait()

    assert [str(reply.outcome) for reply in replies] == ["reset", "ok", "ok"]


def test_the_loser_of_a_race_is_called_off(world: World, serve: Serve) -> None:
    server = serve(Peer.wait_for_end)

    def journey() -> Journey:
        return (yield Race(one(fetch_of(server.url)), waiting(0.0)))

    index, _ = world.play(journey()).wait()

    assert index == 1
    assert world.ended() == {("segment", "canceled", False): 1}
    assert world.wire.sockets == 0


def waiting(until: float) -> Journey:
    return (yield Wait(until))


def test_requests_are_numbered_one_by_one_and_only_those_that_left(
    world: World, serve: Serve
) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    line = world.wire.line(0)
    urls = [server.url, "http://192.0.2.1/", f"{server.url}/b", "http://x.invalid/", server.url]

    replies = world.play(one_by_one(*(fetch_of(url) for url in urls)), line).wait()

    assert [reply.id for reply in replies] == [1, 0, 2, 0, 3]
    sent = [line for r in server.requests for line in r.split(b"\r\n") if line.startswith(b"X-Req")]
    assert sent == [b"X-Request-Id: 3-1", b"X-Request-Id: 3-2", b"X-Request-Id: 3-3"]
    assert world.ended() == {
        ("segment", "ok", False): 3,
        ("segment", "forbidden_host", False): 1,
        ("segment", "unresolved", False): 1,
    }


def test_running_out_of_descriptors_is_the_testers_fault(world: World, serve: Serve) -> None:
    server = serve(lambda peer: peer.answer_for_ever(HELLO))
    world.fetch(server.url)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        reply = world.fetch(server.url)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert (reply.outcome, reply.id) == (Outcome.NO_SOCKET, 0)
    assert not reply.outcome.is_failure
