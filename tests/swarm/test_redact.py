"""What a person may see of a request holds no secret, and everything else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from loadtests.swarm.redact import Redactor, outline

PHRASE = "correct horse"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            '{"account": "ann", "password": "correct horse"}',
            '{"account": "ann", "password": "… (13 characters)"}',
        ),
        ('{"note": "correct horse"}', '{"note": "… (13 characters)"}'),
        ('{"accessToken":"short"}', '{"accessToken":"… (5 characters)"}'),
        ('{"refresh_token": ""}', '{"refresh_token": ""}'),
        (
            '{"error": "policy", "code": "not_in_plan"}',
            '{"error": "policy", "code": "not_in_plan"}',
        ),
        ('{"code": "123456"}', '{"code": "… (6 characters)"}'),
        ("grant_type=refresh_token&refresh_token=abc", None),
        ("/callback?code=SplxlOBeZQQY&state=x", "/callback?code=… (12 characters)&state=x"),
        (f"sub {JWT} end", f"sub eyJh… ({len(JWT)} characters) end"),
        ("0123456789abcdef0123456789abcdef", "0123… (32 characters)"),
        ("http://127.0.0.1:28001/live/video/1500/segment-1234.m4s", None),
        ("GET /live/master.m3u8", None),
    ],
)
def test_secrets_are_outlined_wherever_they_stand(text: str, shown: str | None) -> None:
    if text.startswith("grant_type"):
        shown = "grant_type=refresh_token&refresh_token=… (3 characters)"
    assert Redactor([PHRASE]).redacted(text) == (shown or text)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", f"Bearer {JWT}", f"Bearer eyJh… ({len(JWT)} characters)"),
        ("Authorization", "something else", "… (14 characters)"),
        ("X-Api-Key", "k1", "… (2 characters)"),
        ("Set-Cookie", "sid=abcdefgh; Path=/", "sid=… (8 characters); Path=/"),
        ("Content-Type", "application/json", "application/json"),
        (
            "Location",
            "https://id.example/cb?code=abc",
            "https://id.example/cb?code=… (3 characters)",
        ),
    ],
)
def test_headers_that_promise_a_secret_show_none(name: str, value: str, shown: str) -> None:
    assert Redactor().header(name, value) == shown


@given(
    some.text(some.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40),
    some.sampled_from(["{}", '{{"anything": {}}}', "x={}&y=1", "a {} b"]),
)
def test_a_password_never_comes_through_whatever_it_is(password: str, form: str) -> None:
    text = form.format(json.dumps(password) if "any" in form else password)
    shown = Redactor([password, json.dumps(password)[1:-1]]).redacted(text)
    assert password not in shown


def test_learned_tokens_show_their_beginning_only() -> None:
    redactor = Redactor()
    session = "session.viewer-0000001.1"
    redactor.learn([session])
    assert redactor.redacted(f"/heartbeat/{session}") == "/heartbeat/sess… (24 characters)"
    assert outline("short") == "… (5 characters)"
