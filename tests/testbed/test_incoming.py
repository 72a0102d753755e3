"""Clients that take their time: the testbed hangs up on them, and its log says so."""

import asyncio
import socket
from contextlib import suppress

from served import SIGN_IN, Connection, Testbed, Visited

from loadtests.stack.model import Stack, Station, Stream
from loadtests.vocabulary import Step

LIMIT = 0.2
HASTY = Stack(stations={}, client_timeout=LIMIT)
SMALL = Stack(
    stations={},
    client_timeout=LIMIT,
    stream=Stream(bit_rates=(10_000.0,), target_duration=4.0),
)
REFUSED = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def test_a_head_that_never_ends_is_refused_and_logged_with_its_step(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect(source="127.0.0.9")
        connection.writer.write(b"POST /sign-in?x=1 HTTP/1.1\r\nHost: tes")
        assert await connection.reader.read() == REFUSED

    (line,) = visited(visit, HASTY)
    assert (line["client"], line["method"], line["path"]) == ("127.0.0.9", "POST", "/sign-in?x=1")
    assert (line["step"], line["status"], line["outcome"]) == ("sign_in", 408, "client_error")
    assert (line["bytes"], line["attempt"]) == (0, 1)
    assert line["duration"] >= LIMIT


def test_a_head_that_drips_is_refused_however_often_it_drips(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.writer.write(b"GET /ho")
        drip = asyncio.create_task(dripping(connection, b"me HTTP/1.1\r\n" + b"X-a: b\r\n" * 1000))
        assert REFUSED.startswith(await all_that_came(connection))
        drip.cancel()

    (line,) = visited(visit, HASTY)
    assert (line["path"], line["status"]) == ("/home", 408)


def test_a_body_that_never_ends_is_refused_and_logged_with_its_id(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.send("POST", "/sign-in", None, "Content-Length: 100", "X-Request-Id: half")
        connection.writer.write(b'{"account"')
        assert await connection.reader.read() == REFUSED

    (line,) = visited(visit, HASTY)
    assert (line["request_id"], line["step"], line["status"]) == ("half", "sign_in", 408)
    assert (line["outcome"], line["bytes"]) == ("client_error", 0)
    assert line["duration"] >= LIMIT


def test_an_answer_nobody_reads_is_broken_off_and_logged(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        playlist = await testbed.ask("GET", "/live/v0/playlist.m3u8")
        newest = playlist.body.decode().split()[-1]
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        narrow.connect(("127.0.0.1", testbed.port))
        narrow.setblocking(False)
        loop = asyncio.get_running_loop()
        head = f"GET /live/v0/{newest} HTTP/1.1\r\nHost: testbed\r\n\r\n"
        await loop.sock_sendall(narrow, head.encode())
        while b'outcome="client_error"' not in (await testbed.ask("GET", "/metrics")).body:
            pass  # it is not over yet
        narrow.close()

    (stuck,) = (line for line in visited(visit, SMALL) if line["step"] == "segment")
    assert (stuck["status"], stuck["outcome"], stuck["bytes"]) == (408, "client_error", 0)
    assert stuck["duration"] >= LIMIT


def test_a_client_that_takes_an_answer_late_but_takes_it_gets_all_of_it(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        playlist = await testbed.ask("GET", "/live/v0/playlist.m3u8")
        newest = playlist.body.decode().split()[-1]
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        narrow.connect(("127.0.0.1", testbed.port))
        connection = Connection(*await asyncio.open_connection(sock=narrow))
        answer = await connection.send("GET", f"/live/v0/{newest}").receive()
        assert len(answer.body) == 40_000
        await connection.close()

    _, segment = visited(visit, SMALL)
    assert (segment["status"], segment["outcome"], segment["bytes"]) == (200, "ok", 40_000)


def test_who_takes_their_time_uses_up_the_connections_there_are(visited: Visited) -> None:
    full = Stack(stations={}, client_timeout=20.0, connection_limit=2)

    async def visit(testbed: Testbed) -> None:
        halves = [await testbed.connect() for _ in range(2)]
        for half in halves:
            half.send("POST", "/sign-in", None, "Content-Length: 100")
        while (await testbed.ask("GET", "/home")).status == 200:
            pass  # they are not both there yet
        for half in halves:
            await half.close()
        while (await testbed.ask("GET", "/home")).status == 503:
            pass

    outcomes = {(line["step"], line["outcome"]) for line in visited(visit, full)}
    assert outcomes == {("sign_in", "client_error"), ("home", "ok"), ("home", "overload")}


def test_a_head_that_takes_its_time_is_refused_where_no_connection_is_left(
    visited: Visited,
) -> None:
    full = Stack(stations={}, client_timeout=20.0, connection_limit=1)

    async def visit(testbed: Testbed) -> None:
        body = await testbed.connect()
        body.send("POST", "/sign-in", None, "Content-Length: 100")
        while (await testbed.ask("GET", "/live/master.m3u8")).status == 200:
            pass  # it is not there yet
        head = await testbed.connect()
        head.writer.write(b"GET /home HTTP/1.1\r\n")
        assert (await head.reader.read()).startswith(b"HTTP/1.1 503 ")

    (home,) = (line for line in visited(visit, full) if line["step"] == "home")
    assert (home["status"], home["outcome"], home["bytes"]) == (503, "overload", 0)


def test_a_client_that_hangs_up_in_the_middle_of_a_head_made_a_bad_request(
    visited: Visited,
) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.writer.write(b"GET /home HTTP/1.1\r\nHo")
        await connection.close()
        await testbed.ask("GET", "/live/master.m3u8")

    first = visited(visit)[0]
    assert (first["path"], first["status"], first["outcome"]) == ("/home", 400, "client_error")


def test_half_a_first_line_is_no_request(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.writer.write(b"GET /ho")
        await connection.close()
        await testbed.ask("GET", "/home")

    assert [line["step"] for line in visited(visit)] == ["home"]


def test_an_idle_connection_and_a_slow_service_are_nobody_s_slowness(visited: Visited) -> None:
    slow = Stack(
        stations={Step.SIGN_IN: Station(servers=1, service_time=3 * LIMIT, queue=1)},
        client_timeout=LIMIT,
    )

    async def visit(testbed: Testbed) -> None:
        idle, busy = await testbed.connect(), await testbed.connect()
        assert (await busy.send("POST", "/sign-in", SIGN_IN).receive()).status == 200
        for connection in (idle, busy):
            assert (await connection.send("GET", "/home").receive()).status == 200

    assert [line["outcome"] for line in visited(visit, slow)] == ["ok"] * 3


def test_a_request_in_pieces_counts_from_its_first_byte(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.writer.write(b"GET /home HTTP/1.1\r\n")
        await testbed.ask("GET", "/live/master.m3u8")  # so that the testbed has read half of it
        await testbed.ask("POST", "/sign-in", SIGN_IN)
        connection.writer.write(b"Host: testbed\r\n\r\n")
        assert (await connection.receive()).status == 200

    _, sign_in, home = visited(visit)
    assert home["duration"] >= sign_in["duration"] >= 0.02


async def all_that_came(connection: Connection) -> bytes:
    """What was read until the testbed hung up.

    Whoever is still sending then may be reset before they have read it all (RFC 9112 section 9.6).
    """
    came = b""
    with suppress(ConnectionError):
        while part := await connection.reader.read(len(REFUSED)):
            came += part
    return came


async def dripping(connection: Connection, data: bytes) -> None:
    """Until it is canceled or has sent all of it, or nobody listens."""
    for byte in data:
        connection.writer.write(bytes([byte]))
        await asyncio.sleep(LIMIT / 100)
