"""TLS on the loop: verified, resumed, and told apart from a broken network when it fails."""

import shutil
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import Clock, Peer, Server, World, fetch_of, in_a_thread, one
from over_tls import Identity, make_identity, over_tls

from loadtests.behavior.steps import Timeouts
from loadtests.errors import MatchnightError
from loadtests.swarm.wire import WireOptions
from loadtests.vocabulary import Outcome

Serve = Callable[..., Server]
MakeWorld = Callable[..., World]

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
FAREWELL = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"

if shutil.which("openssl") is None:
    pytest.skip("the openssl command is missing: no certificates", allow_module_level=True)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("tls"))


versions = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@versions
def test_https_is_verified_answered_and_kept_open(
    make_world: MakeWorld, serve: Serve, identity: Identity, version: ssl.TLSVersion
) -> None:
    world = make_world(ca_file=str(identity.certificate))
    talk = over_tls(identity.context(version), lambda peer: peer.answer_for_ever(HELLO))
    server = serve(talk)
    line = world.wire.line(0)

    replies = [world.fetch(f"https://localhost:{server.port}/{i}", line=line) for i in range(3)]

    assert [(reply.outcome, reply.body) for reply in replies] == [(Outcome.OK, b"hello")] * 3
    assert [len(peer.requests) for peer in server.peers] == [3]
    sock = server.peers[0].sock
    assert isinstance(sock, ssl.SSLSocket)
    assert sock.selected_alpn_protocol() == "http/1.1"


@versions
def test_the_next_connection_of_a_viewer_resumes_its_session_and_another_viewers_does_not(
    make_world: MakeWorld, serve: Serve, identity: Identity, version: ssl.TLSVersion
) -> None:
    world = make_world(ca_file=str(identity.certificate))
    talk = over_tls(identity.context(version), lambda peer: peer.answer(FAREWELL))
    url = f"https://127.0.0.1:{serve(talk).port}/"
    first, second = world.wire.line(1), world.wire.line(2)

    for line in (first, first, first, second):
        assert world.fetch(url, line=line).outcome is Outcome.OK

    window = world.recorder.close(0, cpu=0, sockets=0, in_flight=0)
    assert (window.connections, window.handshakes, window.resumed) == (4, 2, 2)


@versions
def test_who_comes_back_from_another_day_resumes_a_session_somebody_was_given(
    make_world: MakeWorld, serve: Serve, identity: Identity, version: ssl.TLSVersion
) -> None:
    world = make_world(ca_file=str(identity.certificate))
    talk = over_tls(identity.context(version), lambda peer: peer.answer(FAREWELL))
    url = f"https://127.0.0.1:{serve(talk).port}/"

    for viewer, resumes in enumerate((True, False, True, True)):
        line = world.wire.line(viewer, resumes=resumes)
        assert world.fetch(url, line=line).outcome is Outcome.OK

    window = world.recorder.close(0, cpu=0, sockets=0, in_flight=0)
    # the first finds nothing to resume, the second does not want to
    assert (window.connections, window.handshakes, window.resumed) == (4, 2, 2)


@pytest.mark.parametrize("size", [20_000, 1_000_000])
@pytest.mark.parametrize("keep", [True, False])
def test_large_bodies_arrive_whole_over_tls(
    make_world: MakeWorld, serve: Serve, identity: Identity, size: int, *, keep: bool
) -> None:
    world = make_world(ca_file=str(identity.certificate))
    body = bytes(range(250)) * (size // 250)
    said = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + body
    context = identity.context(ssl.TLSVersion.TLSv1_3)
    server = serve(over_tls(context, lambda peer: peer.answer_for_ever(said)))
    line = world.wire.line(0)

    for _ in range(2):
        reply = world.fetch(f"https://localhost:{server.port}/", line=line, keep=keep)
        assert (reply.outcome, reply.size) == (Outcome.OK, size)
        assert reply.body == (body if keep else b"")
    assert len(server.peers) == 1


def test_a_small_answer_behind_a_large_one_is_not_waited_for_over_tls(
    make_world: MakeWorld, serve: Serve, identity: Identity
) -> None:
    world = make_world(ca_file=str(identity.certificate))
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + bytes(900_000)

    def talk(peer: Peer) -> None:
        for _ in range(3):
            peer.answer(large)
            peer.answer(HELLO)

    server = serve(over_tls(identity.context(ssl.TLSVersion.TLSv1_3), talk))
    line, url = world.wire.line(0), f"https://localhost:{server.port}/"

    sizes = [world.fetch(url, line=line, keep=False).size for _ in range(6)]

    assert sizes == [900_000, 5] * 3
    assert len(server.peers) == 1


def test_a_large_request_is_sent_whole_over_tls(
    make_world: MakeWorld, serve: Serve, identity: Identity
) -> None:
    world = make_world(ca_file=str(identity.certificate))
    body = bytes(range(250)) * 40_000
    context = identity.context(ssl.TLSVersion.TLSv1_3)
    server = serve(over_tls(context, lambda peer: peer.answer_for_ever(HELLO)))

    reply = world.fetch(f"https://localhost:{server.port}/", method="POST", body=body)

    assert reply.outcome is Outcome.OK
    assert server.requests[0].endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_nobody_vouches_for_is_a_tls_error(
    world: World, serve: Serve, identity: Identity, host: str
) -> None:
    context = identity.context(ssl.TLSVersion.TLSv1_3)
    server = serve(over_tls(context, lambda peer: peer.answer_for_ever(HELLO)))

    reply = world.fetch(f"https://{host}:{server.port}/")

    assert (reply.outcome, reply.id) == (Outcome.TLS_ERROR, 0)
    assert world.wire.sockets == 0
    assert server.requests == []


def test_a_certificate_for_another_name_is_a_tls_error(
    make_world: MakeWorld, serve: Serve, identity: Identity
) -> None:
    context = identity.context(ssl.TLSVersion.TLSv1_3)
    server = serve(over_tls(context, lambda peer: peer.answer_for_ever(HELLO)))
    world = make_world(
        ca_file=str(identity.certificate), resolve={f"edge.test:{server.port}": "127.0.0.1"}
    )

    reply = world.fetch(f"https://edge.test:{server.port}/")

    assert (reply.outcome, reply.id) == (Outcome.TLS_ERROR, 0)


def test_without_verification_any_certificate_will_do(
    make_world: MakeWorld, serve: Serve, identity: Identity
) -> None:
    world = make_world(verify=False)
    context = identity.context(ssl.TLSVersion.TLSv1_3)
    server = serve(over_tls(context, lambda peer: peer.answer_for_ever(HELLO)))

    assert world.fetch(f"https://127.0.0.1:{server.port}/").outcome is Outcome.OK


def test_the_name_asked_for_is_told_before_the_handshake(
    make_world: MakeWorld, serve: Serve, identity: Identity
) -> None:
    asked = list[str | None]()
    context = identity.context(ssl.TLSVersion.TLSv1_3)
    context.sni_callback = lambda _sock, name, _context: asked.append(name)
    world = make_world(ca_file=str(identity.certificate))
    server = serve(over_tls(context, lambda peer: peer.answer_for_ever(HELLO)))

    world.fetch(f"https://localhost:{server.port}/")

    assert asked == ["localhost"]


def test_a_server_that_speaks_no_tls_is_a_tls_error(world: World, serve: Serve) -> None:
    def talk(peer: Peer) -> None:
        peer.sock.recv(1)
        peer.sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        peer.wait_for_end()

    reply = world.fetch(f"https://127.0.0.1:{serve(talk).port}/")

    assert (reply.outcome, reply.id) == (Outcome.TLS_ERROR, 0)


@pytest.mark.parametrize("end", [Peer.reset, lambda peer: peer.sock.close()])
def test_a_connection_broken_in_the_handshake_is_a_reset_and_no_tls_error(
    world: World, serve: Serve, end: Callable[[Peer], None]
) -> None:
    def talk(peer: Peer) -> None:
        peer.sock.recv(1)
        end(peer)

    reply = world.fetch(f"https://127.0.0.1:{serve(talk).port}/")

    assert (reply.outcome, reply.id) == (Outcome.RESET, 0)


def test_a_handshake_that_goes_nowhere_is_a_connect_time_out(
    make_world: MakeWorld, serve: Serve
) -> None:
    clock, asked = Clock(), threading.Event()
    world = make_world(clock=clock)

    def talk(peer: Peer) -> None:
        peer.sock.recv(1)
        asked.set()
        peer.wait_for_end()

    limits = Timeouts(connect=3.0, first_byte=10.0, whole=15.0)
    url = f"https://127.0.0.1:{serve(talk).port}/"
    playing = world.play(one(fetch_of(url, timeouts=limits)))
    in_a_thread(asked.wait)
    clock.advance(3.0)
    world.wire.sweep()
    reply = playing.wait()

    assert (reply.outcome, reply.id) == (Outcome.CONNECT_TIMEOUT, 0)
    assert world.wire.sockets == 0


def test_a_body_that_ends_with_the_tls_connection_is_whole(
    make_world: MakeWorld, serve: Serve, identity: Identity
) -> None:
    world = make_world(ca_file=str(identity.certificate))

    def talk(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\n\r\nhello")
        assert isinstance(peer.sock, ssl.SSLSocket)
        peer.sock.unwrap()  # close_notify, and wait for nobody

    server = serve(over_tls(identity.context(ssl.TLSVersion.TLSv1_3), talk))

    reply = world.fetch(f"https://localhost:{server.port}/")

    assert (reply.outcome, reply.body) == (Outcome.OK, b"hello")
    assert world.wire.sockets == 0


def test_a_body_cut_off_inside_tls_is_truncated(
    make_world: MakeWorld, serve: Serve, identity: Identity
) -> None:
    world = make_world(ca_file=str(identity.certificate))
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello"
    context = identity.context(ssl.TLSVersion.TLSv1_3)
    server = serve(over_tls(context, lambda peer: peer.answer(said)))

    reply = world.fetch(f"https://localhost:{server.port}/")

    assert (reply.outcome, reply.size) == (Outcome.TRUNCATED, 5)


def test_rubbish_inside_an_open_tls_connection_is_a_tls_error(
    make_world: MakeWorld, serve: Serve, identity: Identity
) -> None:
    world = make_world(ca_file=str(identity.certificate))

    def talk(peer: Peer) -> None:
        peer.request()
        raw = peer.sock.detach()
        with socket.socket(fileno=raw) as plain:
            plain.sendall(b"this is no TLS record at all")
            plain.recv(1)

    server = serve(over_tls(identity.context(ssl.TLSVersion.TLSv1_3), talk))

    assert world.fetch(f"https://localhost:{server.port}/").outcome is Outcome.TLS_ERROR


def test_a_file_without_certificates_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")

    with pytest.raises(MatchnightError, match=r"empty\.pem: no certificates to trust there"):
        WireOptions(ca_file=str(tmp_path / "empty.pem"))
    with pytest.raises(MatchnightError, match=r"missing\.pem"):
        WireOptions(ca_file=str(tmp_path / "missing.pem"))
