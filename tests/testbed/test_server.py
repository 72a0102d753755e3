"""The testbed over real sockets: what it answers, and each request exactly once in its log."""

import asyncio
import json
import socket
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest
from served import ACCOUNT, SIGN_IN, Connection, Testbed, Visited, lines

from loadtests.errors import MatchnightError
from loadtests.stack.defaults import DEFAULT
from loadtests.stack.exchange import Request
from loadtests.stack.model import Stack, Station, Stream, WaitingRoom
from loadtests.stack.service import Service
from loadtests.testbed.access_log import Logs
from loadtests.testbed.incoming import Server
from loadtests.testbed.server import Handler
from loadtests.testbed.serving import Options, serve
from loadtests.vocabulary import Step

FOREVER = Stack(stations={Step.SIGN_IN: Station(servers=1, service_time=3600.0, queue=100)})


def test_a_request_is_answered_and_logged_with_everything_known_of_it(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect(source="127.0.0.9")
        headers = ("X-Request-Id: 3-77", "X-Matchnight-Attempt: 2")
        answer = await connection.send("POST", "/sign-in?x=1", SIGN_IN, *headers).receive()
        assert answer.status == 200
        assert json.loads(answer.body)["refresh_token"] == f"refresh-{ACCOUNT}"

    (line,) = visited(visit)
    time, duration, size = line.pop("time"), line.pop("duration"), line.pop("bytes")
    assert line == {
        "request_id": "3-77",
        "client": "127.0.0.9",
        "account": ACCOUNT,
        "step": "sign_in",
        "method": "POST",
        "path": "/sign-in?x=1",
        "status": 200,
        "outcome": "ok",
        "cache": None,
        "attempt": 2,
    }
    assert time > 1.7e9
    assert duration >= 0.02  # the station's service time
    assert size > 80


def test_a_token_names_the_account_on_segments_and_the_cache_is_logged(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        token = f"Authorization: Bearer access.{ACCOUNT}.1"
        playlist = await connection.send("GET", "/live/v0/playlist.m3u8", None, token).receive()
        newest = playlist.body.decode().split()[-1]
        for part in ("bytes=0-99", "bytes=39990-"):
            headers = (token, f"Range: {part}")
            answer = await connection.send("GET", f"/live/v0/{newest}", None, *headers).receive()
            assert answer.status == 206

    playlist, first, second = visited(visit)
    assert [line["account"] for line in (playlist, first, second)] == [ACCOUNT] * 3
    assert [line["cache"] for line in (playlist, first, second)] == ["miss", "miss", "hit"]
    assert (first["status"], first["bytes"], second["bytes"]) == (206, 100, 10)


def test_whoever_is_told_to_come_back_is_told_when(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        answers = [await testbed.ask("GET", "/home") for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 429]
        assert answers[1].headers["retry-after"] == "7"

    room = Stack(stations={}, waiting_room=WaitingRoom(admit=0.001, retry_after=7.0))
    assert [line["outcome"] for line in visited(visit, room)] == ["ok", "queued"]


def test_the_ledger_has_every_decision_and_nothing_else(visited: Visited, tmp_path: Path) -> None:
    async def visit(testbed: Testbed) -> None:
        await testbed.ask("POST", "/sign-in", SIGN_IN, "X-Request-Id: a")
        wrong = SIGN_IN.replace(b"password-of", b"not-of")
        await testbed.ask("POST", "/sign-in", wrong, "X-Request-Id: b")
        await testbed.ask("GET", "/live/master.m3u8")

    visited(visit)
    told = [{k: v for k, v in line.items() if k != "time"} for line in lines(tmp_path, "ledger")]
    both = {"account": ACCOUNT, "step": "sign_in"}
    assert told == [
        {"request_id": "a", **both, "verdict": "admitted", "why": "ok"},
        {"request_id": "b", **both, "verdict": "refused", "why": "bad_credentials"},
    ]


def test_one_connection_carries_many_requests_even_sent_ahead(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        for n in range(20):
            connection.send("GET", "/home", None, f"X-Request-Id: {n}")
        assert [(await connection.receive()).status for _ in range(20)] == [200] * 20

    assert [line["request_id"] for line in visited(visit)] == [str(n) for n in range(20)]


def test_a_client_that_goes_away_while_it_waits_is_logged_as_aborted(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await (await testbed.connect()).send("POST", "/sign-in", SIGN_IN).close()
        await testbed.ask("GET", "/home")

    aborted, home = visited(visit, FOREVER)
    assert (aborted["step"], aborted["outcome"]) == ("sign_in", "aborted")
    assert (aborted["account"], aborted["bytes"], aborted["status"]) == (ACCOUNT, 0, 499)
    assert home["outcome"] == "ok"


def test_a_reset_connection_is_logged_as_aborted(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.send("POST", "/sign-in", SIGN_IN)
        await testbed.ask("GET", "/home")  # so that the testbed has read the sign-in
        connection.writer.transport.abort()
        await testbed.ask("GET", "/home")

    outcomes = [(line["step"], line["outcome"]) for line in visited(visit, FOREVER)]
    assert outcomes == [("home", "ok"), ("sign_in", "aborted"), ("home", "ok")]


def test_a_client_that_never_ends_its_body_is_logged_with_its_step(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.send("POST", "/sign-in", None, "Content-Length: 100", "X-Request-Id: half")
        connection.writer.write(b'{"account"')
        await connection.close()
        await testbed.ask("GET", "/home")

    half, _ = visited(visit)
    assert (half["request_id"], half["step"], half["status"]) == ("half", "sign_in", 400)
    assert half["outcome"] == "client_error"


LARGE = Stack(stations={}, stream=Stream(bit_rates=(10_000_000.0,), target_duration=4.0))


def test_an_answer_cut_short_is_aborted(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        playlist = await testbed.ask("GET", "/live/v0/playlist.m3u8")
        newest = playlist.body.decode().split()[-1]
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect(("127.0.0.1", testbed.port))
        streams = await asyncio.open_connection(sock=narrow, limit=1024)
        connection = Connection(*streams).send("GET", f"/live/v0/{newest}")
        await connection.reader.readexactly(100)
        connection.writer.transport.abort()
        await testbed.ask("GET", "/home")

    playlist, cut, home = visited(visit, LARGE)
    assert (cut["step"], cut["outcome"], cut["cache"]) == ("segment", "aborted", "miss")
    assert cut["bytes"] == 0  # nobody can say how many arrived
    assert (playlist["outcome"], home["outcome"]) == ("ok", "ok")


def test_an_answer_larger_than_any_socket_is_complete_when_the_last_byte_is_handed_over(
    visited: Visited,
) -> None:
    async def visit(testbed: Testbed) -> None:
        playlist = await testbed.ask("GET", "/live/v0/playlist.m3u8")
        segment = await testbed.ask("GET", f"/live/v0/{playlist.body.decode().split()[-1]}")
        assert len(segment.body) == 40_000_000

    assert [line["bytes"] for line in visited(visit, LARGE)][1] == 40_000_000


def test_an_answer_in_the_socket_of_a_client_that_never_reads_is_complete(
    visited: Visited,
) -> None:
    async def visit(testbed: Testbed) -> None:
        deaf = await testbed.connect()
        deaf.send("GET", "/home")
        await testbed.ask("GET", "/live/master.m3u8")
        await testbed.ask("POST", "/sign-in", SIGN_IN)  # takes longer than /home
        deaf.writer.transport.abort()

    by_step = {line["step"]: line["outcome"] for line in visited(visit)}
    assert by_step == {"master": "ok", "home": "ok", "sign_in": "ok"}


def test_requests_under_way_at_the_end_are_logged_as_aborted(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        for n in range(50):
            connection = await testbed.connect()
            connection.send("POST", "/sign-in", SIGN_IN, f"X-Request-Id: {n}")
        await testbed.ask("GET", "/home")

    log = visited(visit, FOREVER)
    assert Counter(line["outcome"] for line in log) == {"aborted": 50, "ok": 1}
    assert len({line["request_id"] for line in log}) == 51


def test_every_request_sent_has_one_line_whatever_becomes_of_it(visited: Visited) -> None:
    """Answered, refused, given up before and while: by id, none missing and none twice."""
    stack = Stack(stations={Step.SIGN_IN: Station(servers=2, service_time=0.004, queue=10)})
    sent: dict[str, str] = {}

    async def visit(testbed: Testbed) -> None:
        async def viewer(n: int) -> None:
            connection = await testbed.connect()
            for k in range(6):
                name = f"{n}-{k}"
                sent[name] = "given up" if (n + k) % 5 == 4 else "answered"
                connection.send("POST", "/sign-in", SIGN_IN, f"X-Request-Id: {name}")
                if sent[name] == "given up":
                    await connection.writer.drain()
                    await connection.close()
                    connection = await testbed.connect()
                else:
                    await connection.receive()

        await asyncio.gather(*(viewer(n) for n in range(40)))
        await testbed.ask("GET", "/home")

    log = [line for line in visited(visit, stack) if line["step"] == "sign_in"]
    assert Counter(line["request_id"] for line in log) == Counter(list(sent))
    outcomes = {line["request_id"]: line["outcome"] for line in log}
    answered = {outcomes[name] for name, fate in sent.items() if fate == "answered"}
    assert answered <= {"ok", "overload"}
    assert "aborted" in outcomes.values()


def test_a_body_too_large_is_refused_and_logged(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        answer = await testbed.ask("POST", "/license", bytes(2_000_000))
        assert answer.status == 413

    (line,) = visited(visit)
    assert (line["step"], line["outcome"], line["status"]) == ("license", "client_error", 413)


def test_a_chunked_body_is_read_whole(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.send("POST", "/sign-in", None, "Transfer-Encoding: chunked")
        for part in (SIGN_IN[:10], SIGN_IN[10:], b""):
            connection.writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        assert (await connection.receive()).status == 200

    assert [line["account"] for line in visited(visit)] == [ACCOUNT]


def test_what_is_no_http_is_refused_and_is_no_request(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        connection = await testbed.connect()
        connection.writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert (await connection.reader.read()).startswith(b"HTTP/1.0 400")
        await testbed.ask("GET", "/home")

    assert [line["step"] for line in visited(visit)] == ["home"]


def test_the_agreement_is_served_where_one_is_given(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        answer = await testbed.ask("GET", "/.well-known/matchnight")
        assert (answer.status, answer.body) == (200, b"sha256:abc\n")

    (line,) = visited(visit, agreement="sha256:abc")
    assert (line["step"], line["outcome"]) == (None, "ok")


def test_without_an_agreement_there_is_none(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        assert (await testbed.ask("GET", "/.well-known/matchnight")).status == 404

    assert [line["outcome"] for line in visited(visit)] == ["not_found"]


def test_metrics_count_what_the_log_says(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        for _ in range(3):
            await testbed.ask("GET", "/home")
        await testbed.ask("GET", "/nowhere")
        text = (await testbed.ask("GET", "/metrics")).body.decode()
        name = "matchnight_testbed_requests_total"
        assert f'{name}{{endpoint="home",outcome="ok"}} 3.0' in text
        assert f'{name}{{endpoint="other",outcome="not_found"}} 1.0' in text
        assert 'matchnight_testbed_waiting{station="origin"} 0.0' in text

    assert len(visited(visit)) == 5


def test_strange_texts_of_clients_stay_one_line_of_json(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        headers = ('X-Request-Id: a"b\\c', "X-Matchnight-Attempt: many")
        await testbed.ask("GET", '/home?"\\', None, *headers)

    (line,) = visited(visit)
    assert (line["request_id"], line["path"], line["attempt"]) == ('a"b\\c', '/home?"\\', 1)


def test_a_mistake_of_ours_is_a_server_error_with_its_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(asked: Request, now: float) -> NoReturn:  # noqa: ARG001 - a `Page`
        raise ZeroDivisionError

    async def run() -> None:
        service = Service(DEFAULT)
        handler = Handler(service, logs, {"/broken": broken})
        server = Server(handler, service=service, tell=handler.unfinished)
        listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        testbed = Testbed(listener.sockets[0].getsockname()[1])
        assert (await testbed.ask("GET", "/broken")).status == 500
        listener.close()
        server.stop()
        await server.shutdown(0.01)
        await testbed.opened[0].close()

    logs = Logs.into(tmp_path)
    asyncio.run(run())
    logs.close()
    (line,) = lines(tmp_path)
    assert (line["outcome"], line["status"]) == ("server_error", 500)
    assert "ZeroDivisionError" in caplog.text  # for whoever mends it


def test_a_port_in_use_is_said_so(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        with pytest.raises(MatchnightError, match=f"port {testbed.port} of 127.0.0.1 is in use"):
            await serve(DEFAULT, Options(port=testbed.port), asyncio.Event(), print)

    visited(visit)


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MatchnightError, match="cannot make"):
        asyncio.run(serve(DEFAULT, Options(log=tmp_path / "file" / "x"), asyncio.Event(), print))


def test_a_number_that_is_no_port_is_said_so() -> None:
    with pytest.raises(MatchnightError, match="65536 is no port"):
        asyncio.run(serve(DEFAULT, Options(port=65536), asyncio.Event(), print))
