"""What hostile traffic may touch: nobody's consent opens the fence."""

from collections.abc import Callable

import pytest
from loopback import Server, World

from loadtests.scenario.hostile import LONGEST, MOST_CONNECTIONS, MOST_REQUESTS
from loadtests.swarm.wire.addresses import numeric
from loadtests.swarm.wire.fence import Fence
from loadtests.vocabulary import Outcome, Step

Serve = Callable[..., Server]
MakeWorld = Callable[..., World]

START = 1000.5


def fence(*, workers: int = 1, sockets: int = 0) -> Fence:
    return Fence(workers=workers, sockets=lambda: sockets)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1"])
def test_this_machine_may_be_dialed(host: str) -> None:
    address = numeric(host, 80)
    assert address is not None
    assert fence().allows_address(address)


@pytest.mark.parametrize("host", ["10.0.0.1", "192.0.2.1", "0.0.0.0", "::", "2001:db8::1"])
def test_nothing_else_may(host: str) -> None:
    address = numeric(host, 80)
    assert address is not None
    assert not fence().allows_address(address)


def test_a_wire_behind_it_reaches_this_machine_and_nothing_else(
    make_world: MakeWorld, serve: Serve
) -> None:
    server = serve(lambda peer: peer.answer_for_ever(b"HTTP/1.1 204 No Content\r\n\r\n"))
    world = make_world(gate=fence())

    outcomes = [world.fetch(url).outcome for url in (server.url, "http://192.0.2.1/")]

    assert outcomes == [Outcome.OK, Outcome.FORBIDDEN_HOST]
    assert world.stops == []  # no breach of anything: the run goes on


@pytest.mark.parametrize("workers", [1, 3])
def test_a_second_has_so_many_requests_all_workers_together(workers: int) -> None:
    fences = [fence(workers=workers) for _ in range(workers)]
    tries = int(MOST_REQUESTS)

    sent = sum(each.send(Step.SIGN_IN, START) for each in fences for _ in range(tries))

    assert MOST_REQUESTS <= sent < MOST_REQUESTS + workers
    assert fences[0].send(Step.SIGN_IN, START + 1)
    held_back = {each.held_back for each in fences}
    assert held_back <= {None, "hostile traffic beyond 2,000 requests a second was held back"}
    assert (held_back == {None}) == (workers == 1)


def test_so_many_connections_may_be_open() -> None:
    full = fence(sockets=MOST_CONNECTIONS)
    assert fence(sockets=MOST_CONNECTIONS - 1).allows_host("127.0.0.1")
    assert not full.allows_host("127.0.0.1")
    assert full.held_back == "hostile traffic beyond 2,000 connections at once was held back"


def test_it_ends_after_the_longest_time_whatever_a_plan_says() -> None:
    one = fence()
    assert one.send(Step.HOME, START)
    assert one.send(Step.HOME, START + LONGEST)
    assert not one.send(Step.HOME, START + LONGEST + 1)
    assert one.held_back == "hostile traffic beyond 30 minutes was held back"
