"""Every session forgotten at once: who has not signed in since is told to."""

import json
from typing import Any

import pytest
from evening import NOW, Evening

from loadtests.stack.accounts import access_token, password, refresh_token
from loadtests.stack.device import Device
from loadtests.stack.exchange import Answer, Request, Stated
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.sessions_invalidated import SessionsInvalidated
from loadtests.stack.faults.whom import Whom
from loadtests.stack.model import Station
from loadtests.units import Offset
from loadtests.vocabulary import Step

LIFE = 3600.0
AT = 100.0
ACCOUNT = "viewer-0000123"
OTHER = "viewer-0000124"
SESSION = {"session": f"session.{ACCOUNT}.1", "position": 1.0}


def evening(whom: Whom | None = None, **parts: Any) -> Evening:  # noqa: ANN401 - as `Evening`
    plan = SessionsInvalidated(at=AT, whom=whom or Whom())
    return Evening(faults=(Fault(sessions_invalidated=plan),), token_life=LIFE, **parts)


def issued(at: Offset, account: str = ACCOUNT) -> str:
    return access_token(account, NOW + at + LIFE)


def ask(
    stack: Evening,
    target: str,
    fields: object = None,
    *,
    token: str | None = None,
    at: Offset = AT,
    number: int = 1,
) -> Answer:
    method = "GET" if fields is None else "POST"
    body = b"" if fields is None else json.dumps(fields).encode()
    device = Device(number, "web", "", frozenset())
    request = Request(method, target, token=token, body=body, device=device)
    return stack.service.answer(request, NOW + at)


def sign_in(stack: Evening, at: Offset, account: str = ACCOUNT) -> str:
    said = ask(stack, "/sign-in", {"account": account, "password": password(account)}, at=at)
    token: str = json.loads(said.body)["access_token"]
    return token


def refresh(stack: Evening, at: Offset, account: str = ACCOUNT) -> Answer:
    return ask(stack, "/token", {"refresh_token": refresh_token(account)}, at=at)


def test_a_token_of_before_is_good_until_then_and_expired_after() -> None:
    stack, token = evening(), issued(50)
    statuses = [ask(stack, "/entitlement", token=token, at=at).status for at in (99, 100, 2000)]
    assert statuses == [200, 401, 401]
    assert ask(stack, "/entitlement", token=token, at=2000).outcome is Stated.EXPIRED


@pytest.mark.parametrize("gap", [0.0, 0.3, 0.999, 7.0])
def test_a_fresh_sign_in_makes_good_again(gap: float) -> None:
    stack = evening()
    token = sign_in(stack, AT + gap)
    assert ask(stack, "/entitlement", token=token, at=AT + gap).status == 200
    assert refresh(stack, AT + gap + 1).status == 200


def test_a_refresh_token_is_expired_until_its_account_has_signed_in() -> None:
    stack = evening()
    assert refresh(stack, 99).status == 200
    assert refresh(stack, 100).outcome is Stated.EXPIRED
    sign_in(stack, 101, OTHER)
    assert refresh(stack, 102).outcome is Stated.EXPIRED
    assert refresh(stack, 102, OTHER).status == 200
    sign_in(stack, 103)
    renewed = json.loads(refresh(stack, 104).body)["access_token"]
    assert ask(stack, "/session", {}, token=renewed, at=105).status == 201


def test_signing_up_is_signing_in() -> None:
    stack = evening()
    ask(stack, "/sign-up", {"account": ACCOUNT, "password": password(ACCOUNT)}, at=101)
    assert refresh(stack, 102).status == 200


def test_another_token_of_an_account_that_has_signed_in_stays_expired() -> None:
    stack, old = evening(), issued(50)
    sign_in(stack, 101)
    assert ask(stack, "/entitlement", token=old, at=102).outcome is Stated.EXPIRED


def test_a_sign_in_that_failed_makes_nothing_good() -> None:
    stack = evening()
    ask(stack, "/sign-in", {"account": ACCOUNT, "password": "wrong"}, at=101)
    assert refresh(stack, 102).outcome is Stated.EXPIRED


def test_who_watches_is_told_with_the_next_heartbeat() -> None:
    stack, token = evening(), issued(50)
    beats = [ask(stack, "/heartbeat", SESSION, token=token, at=at).status for at in (99, 101)]
    assert beats == [204, 401]
    assert ask(stack, "/heartbeat", SESSION, token=sign_in(stack, 102), at=103).status == 204


def test_what_asks_for_no_token_is_answered_as_ever() -> None:
    stack, token = evening(), issued(50)
    for target in ("/home", "/www", "/live/master.m3u8"):
        answer = ask(stack, target, token=token, at=101)
        assert (answer.status, answer.account) == (200, ACCOUNT)
    assert ask(stack, "/entitlement", at=101).outcome is Stated.BAD_CREDENTIALS


def test_the_refusal_costs_the_station_what_an_answer_costs() -> None:
    slow = Station(servers=1, service_time=2.0, queue=9)
    stack = evening(stations={Step.ENTITLEMENT: slow, Step.REFRESH: slow})
    refused = ask(stack, "/entitlement", token=issued(50), at=101)
    assert [refused.at, refresh(stack, 101).at] == [NOW + 103, NOW + 103]


def test_some_may_be_spared() -> None:
    stack, token = evening(Whom(share=0.5)), issued(50)
    statuses = [ask(stack, "/account", token=token, at=101, number=n).status for n in range(400)]
    assert set(statuses) == {200, 401}
    assert statuses.count(401) / 400 == pytest.approx(0.5, abs=0.1)
