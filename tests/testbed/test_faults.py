"""Every fault once over a real socket: what the client meets, and what the log says of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from served import ACCOUNT, SIGN_IN, Answer, Connection, Line, Testbed, Visited, lines

from loadtests.stack.faults.cache_node_lost import CacheNodeLost
from loadtests.stack.faults.cut_off import Cut, CutOff
from loadtests.stack.faults.dependency import Broken, Dependency
from loadtests.stack.faults.gateway_rule import GatewayRule
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.resets import Resets
from loadtests.stack.faults.room_in_use import RoomInUse
from loadtests.stack.faults.servers_removed import ServersRemoved
from loadtests.stack.faults.sessions_invalidated import SessionsInvalidated
from loadtests.stack.faults.shedding import Shedding
from loadtests.stack.faults.stale_playlists import StalePlaylists
from loadtests.stack.faults.truncated import Truncated
from loadtests.stack.faults.whom import Whom
from loadtests.stack.model import Stack, Station, WaitingRoom
from loadtests.testbed import clock
from loadtests.vocabulary import Step

HOUR = 3600.0
HOME = (Step.HOME,)
PLANS: dict[str, Callable[..., Any]] = {
    "dependency": Dependency,
    "cut_off": CutOff,
    "servers_removed": ServersRemoved,
    "cache_node_lost": CacheNodeLost,
    "stale_playlists": StalePlaylists,
    "shedding": Shedding,
    "room_in_use": RoomInUse,
    "resets": Resets,
    "truncated": Truncated,
    "gateway_rule": GatewayRule,
}
TOKEN = f"Authorization: Bearer access.{ACCOUNT}.99999999999"


def during(kind: str, **plan: object) -> Fault:
    """A fault of the evening's first hour."""
    return Fault(**{kind: PLANS[kind](start=0.0, stop=HOUR, **plan)})


def stack(*faults: Fault, **parts: object) -> Stack:
    return Stack(**{"stations": {}, **parts}, faults=faults)  # type: ignore[arg-type] # as a test says


async def begin(testbed: Testbed, *, ago: float = 60.0) -> None:
    """The evening began so many seconds ago."""
    body = json.dumps({"start": clock.now() - ago}).encode()
    told = await testbed.ask("POST", "/.well-known/matchnight-start", body)
    assert told.status == 204


async def closed(connection: Connection) -> str:
    """How a connection ends that gives no answer."""
    try:
        return "closed" if await connection.reader.read() == b"" else "answered"
    except ConnectionResetError:
        return "reset"


def of_step(log: list[Line], step: Step) -> list[tuple[str, int]]:
    return [(line["outcome"], line["status"]) for line in log if line["step"] == step]


def test_a_reset_reaches_the_client_as_one_and_nothing_is_answered(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        connection = await testbed.connect()
        assert await closed(connection.send("GET", "/home")) == "reset"
        posted = await testbed.connect()
        assert await closed(posted.send("POST", "/sign-in", SIGN_IN)) == "reset"

    log = visited(visit, stack(during("resets", steps=(Step.HOME, Step.SIGN_IN))))
    assert of_step(log, Step.HOME) + of_step(log, Step.SIGN_IN) == [("reset", 444)] * 2
    assert [line["bytes"] for line in log[1:]] == [0, 0]


def test_a_reset_ends_a_connection_that_was_good_before(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        connection = await testbed.connect()
        assert (await connection.send("GET", "/www").receive()).status == 200
        assert await closed(connection.send("GET", "/home")) == "reset"

    visited(visit, stack(during("resets", steps=HOME)))


def test_a_truncated_answer_announces_all_and_sends_half(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        connection = (await testbed.connect()).send("GET", "/live/v0/init.mp4")
        head = (await connection.reader.readuntil(b"\r\n\r\n")).decode()
        assert head.startswith("HTTP/1.1 200 OK\r\n")
        assert "content-length: 640\r\n" in head.lower()
        assert len(await connection.reader.read()) == 320

    (line,) = visited(visit, stack(during("truncated", steps=(Step.INIT,))))[1:]
    assert (line["outcome"], line["status"], line["bytes"]) == ("truncated", 200, 320)


def test_the_ledger_has_what_was_decided_not_what_arrived(visited: Visited, tmp_path: Path) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        for target in ("/home", "/entitlement"):
            await closed((await testbed.connect()).send("GET", target, None, TOKEN))
        await closed((await testbed.connect()).send("POST", "/session", b"{}", TOKEN))

    faults = (
        during("resets", steps=HOME),
        during("truncated", steps=(Step.ENTITLEMENT, Step.SESSION)),
    )
    log = visited(visit, stack(*faults, refused_accounts=1.0))
    assert [line["outcome"] for line in log[1:]] == ["reset", "truncated", "truncated"]
    told = [(line["step"], line["verdict"], line["why"]) for line in lines(tmp_path, "ledger")]
    assert told == [
        ("entitlement", "refused", "policy:not_in_plan"),
        ("session", "admitted", "ok"),
    ]


def test_silence_lasts_until_the_client_goes_away(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        silent = (await testbed.connect()).send("GET", "/home")
        assert (await testbed.ask("GET", "/www")).status == 200
        await silent.close()
        assert (await testbed.ask("GET", "/www")).status == 200

    down = during("dependency", steps=HOME, answer=Broken.SILENCE)
    assert of_step(visited(visit, stack(down)), Step.HOME) == [("silent", 499)]


def test_the_testbed_ends_while_it_is_silent(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        for _ in range(20):
            (await testbed.connect()).send("GET", "/home")
        assert (await testbed.ask("POST", "/support", b"{}")).status == 200  # not by network

    log = visited(visit, stack(during("cut_off", by=Cut.SILENCE)))
    assert of_step(log, Step.HOME) == [("silent", 499)] * 20


def test_who_is_cut_off_is_told_by_what_the_device_says_of_itself(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        said = ("X-Device: 0000007;web;brussels;", "X-Device: 0000007;web;liege;")
        there = [(await testbed.connect()).send("GET", "/home", None, each) for each in said]
        assert await closed(there[0]) == "reset"
        assert (await there[1].receive()).status == 200
        assert (await testbed.ask("GET", "/home")).status == 200

    cut = during("cut_off", whom=Whom(share=0.0, regions={"brussels": 1.0}))
    assert [outcome for outcome, _ in of_step(visited(visit, stack(cut)), Step.HOME)] == [
        "reset",
        "ok",
        "ok",
    ]


def test_what_is_down_says_so_and_what_is_shed_is_told_when_to_come_back(
    visited: Visited,
) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        down, shed = await testbed.ask("GET", "/catalog"), await testbed.ask("GET", "/home")
        assert (down.status, json.loads(down.body)) == (500, {"error": "server_error"})
        assert (shed.status, shed.headers["retry-after"]) == (503, "9")

    faults = (
        during("dependency", steps=(Step.CATALOG,)),
        during("shedding", steps=HOME, share=1.0, retry_after=9.0),
    )
    log = visited(visit, stack(*faults))
    assert [line["outcome"] for line in log[1:]] == ["server_error", "queued"]


def test_a_rule_takes_all_behind_a_gateway_for_one(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        statuses = [
            (await testbed.ask("GET", "/home", None, f"X-Device: {n:07d};web;;gateway")).status
            for n in range(3)
        ]
        assert statuses == [200, 429, 429]
        assert (await testbed.ask("GET", "/home", None, "X-Device: 0000009;web;;")).status == 200

    rule = during("gateway_rule", steps=HOME, rate=0.001)
    log = visited(visit, stack(rule))
    assert [outcome for outcome, _ in of_step(log, Step.HOME)] == ["ok", *["blocked"] * 2, "ok"]


def test_playlists_are_those_of_when_it_began(visited: Visited) -> None:
    sequences: list[int] = []

    async def visit(testbed: Testbed) -> None:
        await begin(testbed, ago=3000.0)
        began = clock.now() - 3000.0
        for track in ("v0", "v1"):
            answer = await testbed.ask("GET", f"/live/{track}/playlist.m3u8")
            assert answer.status == 200
            sequences.append(int(answer.body.split()[-1].removesuffix(b".m4s")))
        assert sequences[0] == pytest.approx(began / 4 - 1.5, abs=0.6)

    visited(visit, stack(during("stale_playlists")))
    assert sequences[0] == sequences[1]


def test_a_lost_node_asks_the_origin_each_time(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        for ago in (2 * HOUR, 60.0):
            await begin(testbed, ago=ago)
            for _ in range(2):
                await testbed.ask("GET", "/live/v0/init.mp4")

    log = visited(visit, stack(during("cache_node_lost", nodes=1, lost=1)))
    cached = [line["cache"] for line in log if line["step"] == "init"]
    assert cached == ["miss", "hit", "miss", "miss"]


def test_without_servers_a_station_sheds(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        assert (await testbed.ask("GET", "/home")).status == 200
        await begin(testbed)
        assert (await testbed.ask("GET", "/home")).status == 503

    stations = {Step.HOME: Station(servers=2, service_time=0.001, queue=0)}
    visited(visit, stack(during("servers_removed", step=Step.HOME, share=1.0), stations=stations))


def test_the_waiting_room_is_in_use_while_it_is(visited: Visited) -> None:
    async def statuses(testbed: Testbed) -> list[int]:
        return [(await testbed.ask("GET", "/home")).status for _ in range(2)]

    async def visit(testbed: Testbed) -> None:
        assert await statuses(testbed) == [200, 200]
        await begin(testbed)
        assert await statuses(testbed) == [200, 429]

    visited(visit, stack(during("room_in_use"), waiting_room=WaitingRoom(admit=0.001)))


def test_everybody_signs_in_again(visited: Visited) -> None:
    async def check(testbed: Testbed, token: str) -> Answer:
        return await testbed.ask("GET", "/entitlement", None, token)

    async def visit(testbed: Testbed) -> None:
        assert (await check(testbed, TOKEN)).status == 200
        await begin(testbed)
        refused = await check(testbed, TOKEN)
        assert (refused.status, json.loads(refused.body)) == (401, {"error": "expired"})
        refresh = json.dumps({"refresh_token": f"refresh-{ACCOUNT}"}).encode()
        assert (await testbed.ask("POST", "/token", refresh)).status == 401
        tokens = json.loads((await testbed.ask("POST", "/sign-in", SIGN_IN)).body)
        fresh = f"Authorization: Bearer {tokens['access_token']}"
        assert (await check(testbed, fresh)).status == 200
        assert (await testbed.ask("POST", "/token", refresh)).status == 200

    visited(visit, stack(Fault(sessions_invalidated=SessionsInvalidated(at=0.0))))


def test_nothing_goes_wrong_before_the_evening_has_begun(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        assert (await testbed.ask("GET", "/home")).status == 200
        await begin(testbed, ago=-5.0)  # the barrier lies ahead
        assert (await testbed.ask("GET", "/home")).status == 200
        await begin(testbed)
        assert (await testbed.ask("GET", "/home")).status == 500

    visited(visit, stack(during("dependency", steps=HOME)))


@pytest.mark.parametrize(
    "body",
    [b"", b"soon", b"[]", b"{}", b'{"start": "1"}', b'{"start": true}', b'{"start": NaN}',
     b'{"start": 1e999}', b"[" * 100_000],
)  # fmt: skip
def test_who_does_not_say_when_it_begins_is_told_so(visited: Visited, body: bytes) -> None:
    async def visit(testbed: Testbed) -> None:
        start = "/.well-known/matchnight-start"
        assert (await testbed.ask("POST", start, body)).status == 400
        assert (await testbed.ask("GET", start)).status == 405
        assert (await testbed.ask("GET", "/home")).status == 200

    log = visited(visit, stack(during("dependency", steps=HOME)))
    assert [line["step"] for line in log] == [None, None, "home"]


def test_a_crowd_met_by_resets_and_silence_leaves_one_line_each(visited: Visited) -> None:
    async def visit(testbed: Testbed) -> None:
        await begin(testbed)
        connections = [await testbed.connect() for _ in range(60)]
        for n, connection in enumerate(connections):
            device = f"X-Device: {n:07d};web;;"
            connection.send("GET", "/home", None, f"X-Request-Id: {n}", device)
        await testbed.ask("POST", "/support", b"{}")  # so that the testbed has read them all
        for connection in connections:
            connection.writer.transport.abort()
        await testbed.ask("POST", "/support", b"{}")

    faults = (
        during("cut_off", whom=Whom(share=0.5)),
        during("dependency", steps=HOME, answer=Broken.SILENCE),
    )
    log = [line for line in visited(visit, stack(*faults)) if line["step"] == "home"]
    assert sorted(int(line["request_id"]) for line in log) == list(range(60))
    assert {line["outcome"] for line in log} == {"reset", "silent"}
