"""What stands for a minute is what the authorities said of one certificate of one host."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import Clock, Peer, Server, Talk, World, fetch_of, one
from over_tls import Identity, make_identity, over_tls

from loadtests.behavior.steps import Journey, Together
from loadtests.swarm.wire.trust import STANDS
from loadtests.vocabulary import Outcome

Serve = Callable[..., Server]
MakeWorld = Callable[..., World]

FAREWELL = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"

if shutil.which("openssl") is None:
    pytest.skip("the openssl command is missing: no certificates", allow_module_level=True)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Identity, Identity]:
    folder = tmp_path_factory.mktemp("tls")
    return make_identity(folder), make_identity(tmp_path_factory.mktemp("other"))


def bundle(folder: Path, *identities: Identity) -> str:
    file = folder / "authorities.pem"
    file.write_text("".join(identity.certificate.read_text() for identity in identities))
    return str(file)


def shows(identity: Identity, *, tickets: bool = False) -> Talk:
    context = identity.context()
    context.num_tickets = 2 if tickets else 0
    return over_tls(context, lambda peer: peer.answer(FAREWELL))


def outcomes(world: World, url: str, viewers: int) -> list[Outcome]:
    return [world.fetch(url, line=world.wire.line(i)).outcome for i in range(viewers)]


def together(url: str) -> Journey:
    return (yield Together(one(fetch_of(url)), one(fetch_of(url))))


def connections(server: Server) -> int:
    return len(server.peers)


def test_a_verified_certificate_is_believed_for_a_minute_and_then_verified_anew(
    make_world: MakeWorld, serve: Serve, two: tuple[Identity, Identity], tmp_path: Path
) -> None:
    clock = Clock()
    world = make_world(ca_file=bundle(tmp_path, two[0]), clock=clock)
    server = serve(shows(two[0]))
    trust, url = world.wire.trust, f"https://localhost:{server.port}/"
    assert trust.context("localhost") is trust.authorities

    assert outcomes(world, url, 2) == [Outcome.OK] * 2
    pinned = trust.context("localhost")
    assert pinned is not trust.authorities
    clock.advance(STANDS)
    assert trust.context("localhost") is trust.authorities
    assert outcomes(world, url, 1) == [Outcome.OK]
    assert trust.context("localhost") not in {pinned, trust.authorities}
    assert connections(server) == 3


def test_a_certificate_nobody_vouches_for_is_refused_after_a_good_one(
    make_world: MakeWorld, serve: Serve, two: tuple[Identity, Identity], tmp_path: Path
) -> None:
    world = make_world(ca_file=bundle(tmp_path, two[0]))
    server = serve(shows(two[0]), shows(two[1]))

    ended = outcomes(world, f"https://localhost:{server.port}/", 3)

    assert ended == [Outcome.OK, Outcome.TLS_ERROR, Outcome.TLS_ERROR]
    assert connections(server) == 5  # each of the bad ones was shown to the authorities, too
    assert len(server.requests) == 1


def test_several_servers_behind_one_name_are_all_believed(
    make_world: MakeWorld, serve: Serve, two: tuple[Identity, Identity], tmp_path: Path
) -> None:
    world = make_world(ca_file=bundle(tmp_path, *two))
    first, second = shows(two[0]), shows(two[1])
    server = serve(first, second, second, first, second)

    assert outcomes(world, f"https://localhost:{server.port}/", 4) == [Outcome.OK] * 4

    assert connections(server) == 5  # the second certificate was shown to the authorities once
    window = world.recorder.close(0, cpu=0, sockets=0, in_flight=0)
    assert window.connections == window.handshakes == 4


def test_what_stands_for_one_name_does_not_for_another(
    make_world: MakeWorld, serve: Serve, two: tuple[Identity, Identity], tmp_path: Path
) -> None:
    server = serve(shows(two[0]))
    elsewhere = f"edge.test:{server.port}"
    world = make_world(ca_file=bundle(tmp_path, two[0]), resolve={elsewhere: "127.0.0.1"})

    for _ in range(2):
        assert outcomes(world, f"https://localhost:{server.port}/", 1) == [Outcome.OK]
        assert outcomes(world, f"https://127.0.0.1:{server.port}/", 1) == [Outcome.OK]
        assert outcomes(world, f"https://{elsewhere}/", 1) == [Outcome.TLS_ERROR]


def test_an_expired_certificate_is_refused_even_if_it_was_good_before(
    make_world: MakeWorld, serve: Serve, tmp_path: Path
) -> None:
    expired = make_identity(tmp_path, days=-1)
    world = make_world(ca_file=str(expired.certificate))
    server = serve(shows(expired))
    trust, url = world.wire.trust, f"https://localhost:{server.port}/"

    assert outcomes(world, url, 1) == [Outcome.TLS_ERROR]
    trust.believe("localhost", expired.der())

    assert trust.context("localhost") is not trust.authorities
    assert outcomes(world, url, 1) == [Outcome.TLS_ERROR]
    assert server.requests == []


def test_a_believed_certificate_is_refused_for_a_name_that_is_not_in_it(
    make_world: MakeWorld, serve: Serve, two: tuple[Identity, Identity], tmp_path: Path
) -> None:
    server = serve(shows(two[0]))
    elsewhere = f"edge.test:{server.port}"
    world = make_world(ca_file=bundle(tmp_path, two[0]), resolve={elsewhere: "127.0.0.1"})
    world.wire.trust.believe("edge.test", two[0].der())

    assert outcomes(world, f"https://{elsewhere}/", 1) == [Outcome.TLS_ERROR]


@pytest.mark.parametrize(("shown", "expected"), [(0, Outcome.OK), (1, Outcome.TLS_ERROR)])
def test_a_session_that_cannot_be_resumed_any_more_makes_nobody_believe_an_old_verdict(
    make_world: MakeWorld,
    serve: Serve,
    two: tuple[Identity, Identity],
    tmp_path: Path,
    shown: int,
    expected: Outcome,
) -> None:
    clock = Clock()
    world = make_world(ca_file=bundle(tmp_path, two[0]), clock=clock)
    before, restarted = shows(two[0], tickets=True), shows(two[shown], tickets=True)
    server = serve(before, before, restarted)
    url, line = f"https://localhost:{server.port}/", world.wire.line(1)

    world.fetch(url)
    world.fetch(url, line=line)
    clock.advance(STANDS)
    ended = world.fetch(url, line=line).outcome

    assert ended is expected
    assert connections(server) == 4  # the third was hung up for one that asks the authorities
    window = world.recorder.close(0, cpu=0, sockets=0, in_flight=0)
    assert window.resumed == 0


def test_whoever_verifies_nothing_learns_nothing(
    make_world: MakeWorld, serve: Serve, two: tuple[Identity, Identity]
) -> None:
    world = make_world(verify=False)
    server = serve(shows(two[0]), shows(two[1]))

    assert outcomes(world, f"https://localhost:{server.port}/", 2) == [Outcome.OK] * 2

    trust = world.wire.trust
    assert trust.context("localhost") is trust.authorities
    assert connections(server) == 2


def test_a_viewer_keeps_its_session_when_the_connection_ends_and_none_when_it_leaves(
    make_world: MakeWorld, serve: Serve, two: tuple[Identity, Identity], tmp_path: Path
) -> None:
    world = make_world(ca_file=bundle(tmp_path, two[0]))
    stays = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    def answer_twice(peer: Peer) -> None:
        peer.answer(stays)
        peer.answer(FAREWELL)

    context = two[0].context()
    server = serve(
        over_tls(context, answer_twice), over_tls(context, lambda peer: peer.answer_for_ever(stays))
    )
    url = f"https://localhost:{server.port}/"
    one, other = world.wire.line(1), world.wire.line(2)

    world.fetch(url, line=one)
    assert one.tickets is None
    world.fetch(url, line=one)
    assert one.tickets is not None
    world.fetch(url, line=other)
    other.close()
    assert other.tickets is None


def test_a_second_connection_beside_the_first_resumes_its_session(
    make_world: MakeWorld, serve: Serve, two: tuple[Identity, Identity], tmp_path: Path
) -> None:
    world = make_world(ca_file=bundle(tmp_path, two[0]))
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    server = serve(over_tls(two[0].context(), lambda peer: peer.answer_for_ever(answer)))
    url, line = f"https://localhost:{server.port}/", world.wire.line(1)

    world.fetch(url, line=line)
    replies = world.play(together(url), line).wait()

    assert [reply.outcome for reply in replies] == [Outcome.OK] * 2
    window = world.recorder.close(0, cpu=0, sockets=0, in_flight=0)
    assert (window.handshakes, window.resumed) == (1, 1)


@pytest.mark.parametrize("place", ["file", "folder"])
def test_the_systems_authorities_are_trusted_wherever_openssl_would_look(
    make_world: MakeWorld,
    serve: Serve,
    two: tuple[Identity, Identity],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    certificate = two[0].certificate
    hashed = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", str(certificate)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / f"{hashed}.0").symlink_to(certificate)
    (tmp_path / "folder" / "README").write_text("no certificate")
    (tmp_path / "folder" / "00000000.0").write_text("no certificate either")
    folders = f"{tmp_path / 'empty'}:{tmp_path / ('folder' if place == 'folder' else 'empty')}"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate if place == "file" else tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", folders)

    server = serve(shows(two[0]))

    ended = outcomes(make_world(), f"https://localhost:{server.port}/", 1)

    assert ended == [Outcome.OK]
