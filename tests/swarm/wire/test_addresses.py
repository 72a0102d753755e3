import socket
import sys
import threading
from collections.abc import Callable
from typing import Self

import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import Clock, Peer, Server, World

from loadtests.errors import MatchnightError
from loadtests.swarm.wire import WireOptions
from loadtests.swarm.wire.addresses import Address, Sources, numeric, source_of, spread
from loadtests.swarm.wire.name_service import lifetime
from loadtests.vocabulary import Outcome

Serve = Callable[..., Server]
MakeWorld = Callable[..., World]

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

many_loopbacks = pytest.mark.skipif(
    not Sources(wanted=True).are_distinct, reason="this system has only one loopback address"
)


def has_ipv6_loopback() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6_loopback(), reason="no IPv6 loopback here")


def always(peer: Peer) -> None:
    peer.answer_for_ever(HELLO)


@given(st.sets(st.integers(0, 15_000_000), max_size=50))
def test_viewers_have_different_addresses_all_on_loopback(viewers: set[int]) -> None:
    sources = {source_of(viewer) for viewer in viewers}

    assert len(sources) == len(viewers)
    for source in sources:
        octets = [int(part) for part in source.split(".")]
        assert octets[0] == 127
        assert all(0 < octet < 255 for octet in octets[1:])


@many_loopbacks
def test_each_viewer_calls_from_its_own_loopback_address(world: World, serve: Serve) -> None:
    server = serve(always)

    for viewer in (0, 1, 70_000):
        world.fetch(server.url, line=world.wire.line(viewer))

    assert [p.address[0] for p in server.peers] == ["127.1.1.1", "127.1.1.2", "127.2.31.1"]


@many_loopbacks
def test_whoever_shares_a_source_shares_its_address_and_each_reply_says_which(
    world: World, serve: Serve
) -> None:
    server = serve(always)
    lines = [world.wire.line(1), *(world.wire.line(viewer, source=70_000) for viewer in (2, 3))]

    replies = [world.fetch(server.url, line=line) for line in lines]

    assert [p.address[0] for p in server.peers] == ["127.1.1.2", "127.2.31.1", "127.2.31.1"]
    assert [reply.source for reply in replies] == [1, 70_000, 70_000]


def test_all_viewers_call_from_one_address_if_asked_to(make_world: MakeWorld, serve: Serve) -> None:
    world, server = make_world(distinct_sources=False), serve(always)

    for viewer in (0, 1):
        world.fetch(server.url, line=world.wire.line(viewer))

    assert {peer.address[0] for peer in server.peers} == {"127.0.0.1"}
    assert not world.wire.sources.are_distinct
    assert "one address" not in " ".join(world.wire.notes())


def test_resolve_sends_a_name_to_an_address_and_leaves_the_host_header_alone(
    make_world: MakeWorld, serve: Serve
) -> None:
    server = serve(always)
    world = make_world(resolve={f"edge.invalid:{server.port}": "127.0.0.1"})

    reply = world.fetch(f"http://edge.invalid:{server.port}/")
    other = world.fetch("http://edge.invalid:1/")

    assert (reply.outcome, other.outcome) == (Outcome.OK, Outcome.UNRESOLVED)
    assert b"Host: edge.invalid:%d\r\n" % server.port in server.requests[0]


def test_resolve_takes_numeric_addresses_only() -> None:
    with pytest.raises(MatchnightError, match=r"--resolve a\.test:80:nowhere: 'nowhere' is not"):
        WireOptions(resolve={"a.test:80": "nowhere"})


def test_names_are_looked_up_without_stopping_the_loop_and_once_for_all_who_ask(
    world: World, serve: Serve
) -> None:
    server = serve(always)
    found = list[tuple[Address, ...]]()
    resolver = world.wire.resolver

    before = resolver.known("localhost", server.port)
    resolver.ask("localhost", server.port, found.append)
    resolver.ask("localhost", server.port, found.append)
    asked = list(found)
    reply = world.fetch(f"http://localhost:{server.port}/")

    assert before is None
    assert asked == []
    assert len(found) == 2
    assert found[0] is found[1]
    assert all(address.is_loopback for address in found[0])
    assert resolver.known("localhost", server.port) == found[0]
    assert reply.outcome is Outcome.OK


def test_an_answer_of_the_name_service_is_forgotten_after_a_minute(
    make_world: MakeWorld, serve: Serve
) -> None:
    clock, server = Clock(), serve(always)
    world = make_world(clock=clock)
    world.fetch(f"http://localhost:{server.port}/")
    resolver = world.wire.resolver

    clock.advance(59.0)
    kept = resolver.known("localhost", server.port)
    clock.advance(1.1)

    assert kept is not None
    assert resolver.known("localhost", server.port) is None


class NameServer:
    """One that answers every question about any name with 127.0.0.1 and ::1, for `ttl` seconds."""

    def __init__(self, ttl: int, *, address: str = "127.0.0.1") -> None:
        self.asked = list[str]()
        self._ttl = ttl
        self._address = address
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.place: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", self.place)
        self._thread.join(10.0)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, whom = self._socket.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            self.asked.append(query.question[0].name.to_text())
            self._socket.sendto(self._answer(query).to_wire(), whom)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer, question = dns.message.make_response(query), query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        alias = dns.name.from_text("edge.test.")
        address = self._address if kind == "A" else "::1"
        answer.answer.append(
            dns.rrset.from_text(question.name, self._ttl + 50, "IN", "CNAME", "edge.test.")
        )
        answer.answer.append(dns.rrset.from_text(alias, self._ttl, "IN", kind, address))
        return answer


@pytest.mark.parametrize(("ttl", "kept"), [(5, 5.0), (0, 1.0), (90_000, 3600.0)])
def test_addresses_are_used_for_as_long_as_the_name_s_servers_allow(
    make_world: MakeWorld, serve: Serve, ttl: int, kept: float
) -> None:
    clock, server = Clock(), serve(always)
    with NameServer(ttl) as names:
        world = make_world(clock=clock, name_servers=(names.place,))
        world.fetch(f"http://localhost:{server.port}/")
    resolver = world.wire.resolver

    clock.advance(kept - 0.1)
    last = resolver.known("localhost", server.port)
    clock.advance(0.2)

    assert names.asked[0] == "localhost."
    assert last is not None
    assert resolver.known("localhost", server.port) is None


def test_a_name_server_that_says_nothing_useful_leaves_a_minute() -> None:
    with NameServer(5, address="127.0.0.9") as names:
        other = lifetime("localhost", socket.AF_INET, ["127.0.0.1"], [names.place])
        known = lifetime("localhost", socket.AF_INET, ["127.0.0.9"], [names.place])
    nobody = lifetime("localhost", socket.AF_INET, ["127.0.0.1"], [names.place])

    assert (other, known, nobody) == (None, 5.0, None)


@needs_ipv6
def test_ipv6_targets_are_reached(world: World, serve: Serve) -> None:
    server = serve(always, host="::1")

    reply = world.fetch(server.url)

    assert reply.outcome is Outcome.OK
    assert b"Host: [::1]:%d\r\n" % server.port in server.requests[0]


@needs_ipv6
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_when_one_address_of_a_name_refuses_the_next_is_tried(
    world: World, serve: Serve, host: str
) -> None:
    server = serve(always, host=host)
    v6 = Address(socket.AF_INET6, ("::1", server.port, 0, 0))
    v4 = Address(socket.AF_INET, ("127.0.0.1", server.port))
    world.wire.resolver._known["both.test", server.port] = (float("inf"), (v6, v4))

    reply = world.fetch(f"http://both.test:{server.port}/")

    assert reply.outcome is Outcome.OK
    assert world.wire.sockets == 1


def test_viewers_spread_over_the_addresses_of_a_name_within_its_preferred_family() -> None:
    v6 = [Address(socket.AF_INET6, (f"::{i}", 80, 0, 0)) for i in range(1, 4)]
    v4 = [Address(socket.AF_INET, ("127.0.0.1", 80))]

    firsts = [spread((*v6, *v4), viewer)[0] for viewer in range(6)]

    assert firsts == v6 * 2
    assert spread((*v6, *v4), 1) == [v6[1], v6[2], v6[0], *v4]


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("::", False)],
)
def test_an_address_knows_whether_it_can_only_be_this_machine(
    host: str, *, is_loopback: bool
) -> None:
    address = numeric(host, 80)

    assert address is not None
    assert address.is_loopback is is_loopback


def test_a_name_is_no_address() -> None:
    assert numeric("edge.test", 80) is None


def test_a_system_with_one_loopback_address_is_said_to_have_one(world: World) -> None:
    world.wire.sources.are_distinct = False

    assert world.wire.notes()[0] == (
        "all viewers call from one address: this system has one loopback address"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address")
def test_linux_has_many_loopback_addresses() -> None:
    assert Sources(wanted=True).are_distinct
