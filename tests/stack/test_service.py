"""The whole dialect, answered on paper."""

import json
from dataclasses import replace
from typing import Any

import pytest

from loadtests.stack.accounts import household_code
from loadtests.stack.defaults import DEFAULT
from loadtests.stack.exchange import JOINING, Answer, Request, Stated
from loadtests.stack.model import JOIN_STEPS, Stack, Station, WaitingRoom
from loadtests.stack.service import Service
from loadtests.vocabulary import Step

NOW = 1.8e9
ACCOUNT = "viewer-0000123"
FRESH = f"access.{ACCOUNT}.{int(NOW) + 100}"
STALE = f"access.{ACCOUNT}.{int(NOW) - 100}"
NEWEST = int(NOW // 4) - 1
SESSION = {"session": f"session.{ACCOUNT}.1", "position": 12.5}


def request(
    method: str, target: str, fields: object = None, *, token: str | None = FRESH
) -> Request:
    body = b"" if fields is None else json.dumps(fields).encode()
    return Request(method, target, token=token, body=body)


def answered(asked: Request, stack: Stack = DEFAULT) -> Answer:
    return Service(stack).answer(asked, NOW)


def fields(answer: Answer) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(answer.body)
    return read


SIGN_IN = request(
    "POST", "/sign-in", {"account": ACCOUNT, "password": f"password-of-{ACCOUNT}"}, token=None
)
SIGN_UP = request(
    "POST", "/sign-up", {"account": ACCOUNT, "password": f"password-of-{ACCOUNT}"}, token=None
)
CODE = {"code": household_code(ACCOUNT)}
JOURNEY = [
    (request("GET", "/www"), Step.WEBSITE, 200, None),
    (request("POST", "/boot", {"box": "box-7"}), Step.BOOT, 200, None),
    (request("POST", "/register", {"box": "box-7", "platform": "b"}), Step.REGISTER, 200, None),
    (request("GET", "/home"), Step.HOME, 200, None),
    (SIGN_UP, Step.SIGN_UP, 201, None),
    (SIGN_IN, Step.SIGN_IN, 200, None),
    (request("POST", "/token", {"refresh_token": f"refresh-{ACCOUNT}"}), Step.REFRESH, 200, None),
    (request("GET", "/catalog"), Step.CATALOG, 200, None),
    (request("GET", "/account"), Step.ACCOUNT, 200, None),
    (request("POST", "/household/code"), Step.HOUSEHOLD_CODE, 202, None),
    (request("POST", "/household", CODE), Step.HOUSEHOLD, 200, None),
    (request("POST", "/cancel"), Step.CANCEL, 200, None),
    (request("POST", "/support", {"patience": None}), Step.SUPPORT, 200, None),
    (request("GET", "/entitlement"), Step.ENTITLEMENT, 200, None),
    (request("POST", "/session", {}), Step.SESSION, 201, None),
    (Request("POST", "/license", token=FRESH, body=b"\x00\x01"), Step.LICENSE, 200, None),
    (request("POST", "/download", {"title": "title-0001"}), Step.DOWNLOAD, 200, None),
    (request("POST", "/renewal", {"title": "title-0001"}), Step.RENEWAL, 200, None),
    (request("GET", "/live/master.m3u8"), Step.MASTER, 200, "miss"),
    (request("GET", "/live/v1/playlist.m3u8"), Step.PLAYLIST, 200, "miss"),
    (request("GET", "/live/v1/init.mp4"), Step.INIT, 200, "miss"),
    (request("GET", f"/live/v1/{NEWEST}.m4s"), Step.SEGMENT, 200, "miss"),
    (request("POST", "/heartbeat", SESSION), Step.HEARTBEAT, 204, None),
    (request("POST", "/leave", SESSION), Step.LEAVE, 204, None),
]


def test_the_journey_takes_every_step_there_is() -> None:
    assert [step for _, step, _, _ in JOURNEY] == list(Step)


@pytest.mark.parametrize("number", range(len(JOURNEY)))
def test_each_step_is_answered_in_the_name_of_its_account(number: int) -> None:
    service = Service(DEFAULT)
    answers = [service.answer(asked, NOW + k) for k, (asked, *_) in enumerate(JOURNEY)]
    (_, step, status, cache), answer = JOURNEY[number], answers[number]
    assert (answer.step, answer.status, answer.cache) == (step, status, cache)
    assert (answer.outcome, answer.account) == (Stated.OK, ACCOUNT)
    station = DEFAULT.origin if cache else DEFAULT.stations.get(step)
    assert answer.at == NOW + number + (station.service_time if station else 0.0)


def test_the_step_of_a_target_is_known_before_it_is_answered() -> None:
    service = Service(DEFAULT)
    assert [service.step(asked.target + "?x") for asked, *_ in JOURNEY] == list(Step)
    assert service.step("/nowhere") is None


def test_what_a_step_gives_is_good_for_the_next() -> None:
    service = Service(DEFAULT)
    tokens = fields(service.answer(SIGN_IN, NOW))
    renewed = fields(
        service.answer(request("POST", "/token", {"refresh_token": tokens["refresh_token"]}), NOW)
    )
    assert tokens["expires_in"] == DEFAULT.token_life
    token = renewed["access_token"]
    play = fields(service.answer(request("POST", "/session", token=token), NOW))
    assert play["master"] == "/live/master.m3u8"
    beat = request("POST", "/heartbeat", {"session": play["session"]}, token=None)
    assert service.answer(beat, NOW)[5:7] == (Stated.OK, ACCOUNT)


REFUSALS = [
    (request("POST", "/sign-in", {"account": ACCOUNT, "password": "1234"}), 401, "bad_credentials"),
    (request("POST", "/sign-in", {"account": "root", "password": "x"}), 401, "unknown_user"),
    (request("POST", "/sign-in", {"account": ACCOUNT}), 400, "client_error"),
    (request("POST", "/sign-in", {"account": 7, "password": 7}), 400, "client_error"),
    (Request("POST", "/sign-in", body=b"\xff{"), 400, "client_error"),
    (Request("POST", "/sign-in", body=b"[]"), 400, "client_error"),
    (Request("POST", "/sign-in", body=b"[" * 100_000), 400, "client_error"),
    (request("POST", "/token", {"refresh_token": "refresh-root"}), 401, "expired"),
    (request("POST", "/token", {}), 400, "client_error"),
    (request("GET", "/entitlement", token=None), 401, "bad_credentials"),
    (request("GET", "/entitlement", token=f"made.{FRESH}"), 401, "bad_credentials"),
    (request("GET", "/entitlement", token=STALE), 401, "expired"),
    (request("POST", "/session", token=STALE), 401, "expired"),
    (request("POST", "/license", token=STALE), 401, "expired"),
    (request("POST", "/heartbeat", {"session": "x"}), 400, "client_error"),
    (request("GET", "/sign-in"), 405, "client_error"),
    (request("POST", "/live/master.m3u8"), 405, "client_error"),
    (request("GET", "/nowhere"), 404, "not_found"),
    (request("GET", "/live/v9/playlist.m3u8"), 404, "not_found"),
    (request("GET", f"/live/v0/{NEWEST + 5}.m4s"), 404, "not_found"),
    (request("GET", f"/live/v0/{NEWEST - 500}.m4s"), 404, "not_found"),
]


@pytest.mark.parametrize(("asked", "status", "outcome"), REFUSALS)
def test_what_cannot_be_had_is_refused_with_its_reason(
    asked: Request, status: int, outcome: str
) -> None:
    answer = answered(asked)
    assert (answer.status, answer.outcome) == (status, outcome)
    assert fields(answer) == {"error": outcome}


def test_a_wrong_method_is_told_the_right_one() -> None:
    assert (b"allow", b"POST") in answered(request("GET", "/sign-in")).headers


def test_a_token_is_good_until_the_server_gets_to_it() -> None:
    slow = Stack(stations={Step.ENTITLEMENT: Station(servers=1, service_time=101.0, queue=0)})
    assert answered(request("GET", "/entitlement"), slow).outcome is Stated.EXPIRED


def test_a_policy_refuses_by_account_with_its_code_whatever_the_load() -> None:
    answer = answered(request("GET", "/entitlement"), replace(DEFAULT, refused_accounts=1.0))
    assert (answer.status, answer.outcome) == (403, "policy:not_in_plan")
    assert fields(answer) == {"error": "policy", "code": "not_in_plan"}


def test_a_full_station_sheds_at_once_and_invites_nobody_back() -> None:
    one = Stack(stations={Step.SIGN_IN: Station(servers=1, service_time=1.0, queue=1)})
    service = Service(one)
    answers = [service.answer(SIGN_IN, NOW) for _ in range(3)]
    assert [a.at - NOW for a in answers] == [1.0, 2.0, 0.0]
    assert (answers[2].status, answers[2].outcome) == (503, Stated.OVERLOAD)
    assert b"retry-after" not in dict(answers[2].headers)
    assert service.waiting(NOW) == {"sign_in": 1, "origin": 0}


def test_one_full_station_leaves_the_others_alone() -> None:
    none = Station(servers=1, service_time=9.0, queue=0)
    service = Service(Stack(stations={Step.SIGN_IN: none, Step.SESSION: none}))
    asked = (SIGN_IN, SIGN_IN, request("POST", "/session"))
    assert [service.answer(each, NOW).status for each in asked] == [200, 503, 201]


def test_the_waiting_room_stands_before_home_and_costs_it_nothing() -> None:
    home = Station(servers=1, service_time=0.1, queue=9)
    room = WaitingRoom(admit=1.0, retry_after=3.0)
    service = Service(Stack(stations={Step.HOME: home}, waiting_room=room))
    answers = [service.answer(request("GET", "/home"), NOW) for _ in range(3)]
    assert [a.outcome for a in answers] == [Stated.OK, Stated.QUEUED, Stated.QUEUED]
    assert dict(answers[1].headers)[b"retry-after"] == b"3"
    assert service.waiting(NOW) == {"home": 0, "origin": 0, "waiting_room": 2}
    assert answered(SIGN_IN, replace(DEFAULT, waiting_room=room)).outcome is Stated.OK


def test_an_edge_station_and_a_fill_go_on_side_by_side() -> None:
    edge = Station(servers=1, service_time=0.010, queue=0)
    service = Service(Stack(stations={Step.PLAYLIST: edge}))
    asked = request("GET", "/live/v0/playlist.m3u8")
    answers = [service.answer(asked, NOW), service.answer(asked, NOW)]
    assert [(a.at - NOW, a.status) for a in answers] == [
        (pytest.approx(0.010), 200),
        (0.0, 503),
    ]


def test_a_full_origin_is_overload_at_the_edge() -> None:
    none = Stack(stations={}, origin=Station(servers=1, service_time=1.0, queue=0))
    service = Service(none)
    targets = ("/live/v0/playlist.m3u8", "/live/v1/playlist.m3u8")
    answers = [service.answer(request("GET", target), NOW) for target in targets]
    assert [a.outcome for a in answers] == [Stated.OK, Stated.OVERLOAD]


@pytest.mark.parametrize(
    ("span", "status", "size", "said"),
    [
        ((0, 999), 206, 1000, b"bytes 0-999/100000"),
        ((99_999, 10**15), 206, 1, b"bytes 99999-99999/100000"),
        ((100_000, 100_001), 416, None, None),
        ((5, 4), 416, None, None),
    ],
)
def test_a_range_of_a_segment_is_that_part_of_it(
    span: tuple[int, int], status: int, size: int | None, said: bytes | None
) -> None:
    answer = answered(Request("GET", f"/live/v1/{NEWEST}.m4s", span=span))
    assert answer.status == status
    assert dict(answer.headers).get(b"content-range") == said
    if size is not None:
        assert len(answer.body) == size


def test_a_range_of_a_playlist_is_all_of_it() -> None:
    answer = answered(Request("GET", "/live/master.m3u8", span=(0, 9)))
    assert (answer.status, answer.body[:7]) == (200, b"#EXTM3U")


def test_the_ledger_is_of_the_joining_steps() -> None:
    chores = {Step.WEBSITE, Step.ACCOUNT, Step.HOUSEHOLD_CODE, Step.CANCEL, Step.SUPPORT}
    assert JOIN_STEPS - chores - {Step.MASTER, Step.LEAVE} == JOINING
    assert answered(SIGN_IN).is_decision
    assert not answered(request("GET", "/live/master.m3u8")).is_decision
    assert not answered(request("GET", "/nowhere")).is_decision


def test_one_stack_asked_the_same_twice_answers_the_same() -> None:
    def told() -> list[Answer]:
        service = Service(DEFAULT)
        return [service.answer(asked, NOW + i / 100) for i, (asked, *_) in enumerate(JOURNEY * 20)]

    assert told() == told()
