"""The shipped profile of the embedded stack says, byte for byte, what that stack was built for."""

import pytest
from scripted import Diary, Said, arrival, scenario
from speaking import do, lines, sent

from loadtests.behavior.session import Session
from loadtests.behavior.target import Target
from loadtests.vocabulary import Outcome, Step

DEVICE = "X-Device: 0000123;tv;;"
AUTHORIZED = "Authorization: Bearer one"
JSON = "Content-Type: application/json"
BINARY = "Content-Type: application/octet-stream"
TOKENS = b'{"access_token": "one", "refresh_token": "r", "expires_in": 60}'
NAME = "viewer-0000123"


def session() -> Session:
    return Session(arrival(index=123), scenario(), Target.parse("http://t.invalid"), 0.0, Diary())


def signed_in() -> Session:
    made = session()
    do(made, Step.SIGN_IN, Said(body=TOKENS))
    do(made, Step.SESSION, Said(status=201, body=b'{"session": "s1", "master": "/live/m.m3u8"}'))
    return made


@pytest.mark.parametrize(
    ("step", "told", "method", "path", "content", "body"),
    [
        (Step.WEBSITE, {}, "GET", "/www", None, b""),
        (Step.BOOT, {"box": "7"}, "POST", "/boot", JSON, b'{"box": "7"}'),
        (Step.REGISTER, {"box": "7", "platform": "b"}, "POST", "/register", JSON,
         b'{"box": "7", "platform": "b"}'),
        (Step.HOME, {}, "GET", "/home", None, b""),
        (Step.SIGN_UP, {}, "POST", "/sign-up", JSON,
         b'{"account": "viewer-90000123", "password": "password-of-viewer-90000123"}'),
        (Step.SIGN_IN, {}, "POST", "/sign-in", JSON,
         b'{"account": "viewer-0000123", "password": "password-of-viewer-0000123"}'),
        (Step.REFRESH, {}, "POST", "/token", JSON, b'{"refresh_token": "r"}'),
        (Step.CATALOG, {}, "GET", "/catalog", None, b""),
        (Step.ACCOUNT, {}, "GET", "/account", None, b""),
        (Step.HOUSEHOLD_CODE, {}, "POST", "/household/code", None, b""),
        (Step.HOUSEHOLD, {"code": "1"}, "POST", "/household", JSON, b'{"code": "1"}'),
        (Step.CANCEL, {}, "POST", "/cancel", None, b""),
        (Step.SUPPORT, {"patience": ""}, "POST", "/support", JSON, b'{"patience": null}'),
        (Step.SUPPORT, {"patience": "9.5"}, "POST", "/support", JSON, b'{"patience": 9.5}'),
        (Step.ENTITLEMENT, {}, "GET", "/entitlement", None, b""),
        (Step.SESSION, {}, "POST", "/session", JSON, b"{}"),
        (Step.LICENSE, {}, "POST", "/license", BINARY, bytes(range(64))),
        (Step.DOWNLOAD, {"title": "t"}, "POST", "/download", JSON, b'{"title": "t"}'),
        (Step.RENEWAL, {"title": "t", "license": "l"}, "POST", "/renewal", JSON,
         b'{"title": "t", "license": "l"}'),
        (Step.HEARTBEAT, {}, "POST", "/heartbeat", JSON, b'{"session": "s1", "position": 0.0}'),
        (Step.LEAVE, {}, "POST", "/leave", JSON, b'{"session": "s1"}'),
    ],
)  # fmt: skip
def test_each_step_is_said_as_the_embedded_stack_reads_it(
    step: Step, told: dict[str, str], method: str, path: str, content: str | None, body: bytes
) -> None:
    fetch = sent(signed_in(), step, told)
    assert (fetch.method, fetch.url, fetch.body) == (method, f"http://t.invalid{path}", body)
    assert lines(fetch.headers) == [DEVICE, AUTHORIZED, *([content] if content else [])]
    assert (fetch.keep, fetch.span, fetch.attempt) == (True, None, 1)


def test_before_there_is_a_token_none_is_sent() -> None:
    assert lines(session().headers) == [DEVICE]
    assert lines(sent(session(), Step.SIGN_IN).headers) == [DEVICE, JSON]


def test_a_token_of_another_day_is_refreshed() -> None:
    assert sent(session(), Step.REFRESH).body == f'{{"refresh_token": "refresh-{NAME}"}}'.encode()


def test_tokens_and_the_playback_session_are_kept() -> None:
    made = signed_in()
    assert made.kept == {
        "access_token": "one",
        "refresh_token": "r",
        "session": "s1",
        "master": "http://t.invalid/live/m.m3u8",
    }
    assert lines(made.headers) == [DEVICE, AUTHORIZED]


@pytest.mark.parametrize(
    ("step", "status", "body", "outcome", "value"),
    [
        (Step.HOME, 200, b"<html>", Outcome.GARBAGE, None),
        (Step.SIGN_IN, 200, b'{"access_token": "a\\nb", "refresh_token": ""}',
         Outcome.GARBAGE, None),
        (Step.SIGN_IN, 200, b'{"access_token": "", "refresh_token": ""}', Outcome.GARBAGE, None),
        (Step.SIGN_IN, 200, b'{"access_token": "a"}', Outcome.GARBAGE, None),
        (Step.ENTITLEMENT, 200, b'{"entitled": false}', Outcome.POLICY, "not_entitled"),
        (Step.ENTITLEMENT, 200, b'{"entitled": 1}', Outcome.GARBAGE, None),
        (Step.ENTITLEMENT, 403, b'{"error": "policy", "code": "account_on_hold"}',
         Outcome.POLICY, "account_on_hold"),
        (Step.SESSION, 201, b'{"session": "s", "master": "ftp://a"}', Outcome.GARBAGE, None),
        (Step.SESSION, 201, b'{"session": "s"}', Outcome.GARBAGE, None),
        (Step.LICENSE, 200, b"", Outcome.GARBAGE, None),
        (Step.HOME, 200, b'{"queue": {"retry_after": 7}}', Outcome.QUEUED, 7.0),
        (Step.SUPPORT, 503, b'{"error": "busy"}', Outcome.OVERLOAD, None),
        (Step.LEAVE, 204, b"", Outcome.OK, None),
    ],
)  # fmt: skip
def test_answers_mean_what_they_always_did(
    step: Step, status: int, body: bytes, outcome: Outcome, value: object
) -> None:
    reply, _ = do(signed_in(), step, Said(status=status, body=body), once=True,
                  told={"patience": ""})  # fmt: skip
    assert reply.outcome is outcome
    if outcome is not Outcome.GARBAGE:
        assert reply.value == value


def test_the_testbed_has_no_blind_spot() -> None:
    assert Target.parse("http://t.invalid").blind_spots == ()
