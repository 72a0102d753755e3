"""The shipped OAuth template, walked through by an app and by a TV."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from scripted import Diary, Said, arrival, scenario
from speaking import do, lines

from loadtests.behavior.session import Session
from loadtests.behavior.signing import s256
from loadtests.behavior.target import Target
from loadtests.scenario.targets import shipped
from loadtests.vocabulary import Outcome, Step

FORM = Said(
    body=b'<input type="hidden" name="csrf" value="c-1">',
    headers={b"set-cookie": b"theme=1, login_session=ls-1; Path=/; HttpOnly"},
)
BACK = Said(
    status=302, headers={b"location": b"https://app.example/signed-in?code=a%2Fb&state=whatever"}
)
TOKENS = Said(body=b'{"access_token": "one", "refresh_token": "r1", "token_type": "Bearer"}')


def session(device: str) -> Session:
    profile, _ = shipped("oauth")
    target = Target.parse("https://api.example", profile, secrets={"allowed": "let-me-in"})
    one = arrival(index=7)
    object.__setattr__(one, "device_name", device)
    return Session(one, scenario(), target, 0.0, Diary())


def test_an_app_signs_in_by_authorization_code_with_pkce() -> None:
    app = session("phone")
    reply, world = do(app, Step.SIGN_IN, FORM, BACK, TOKENS)
    asked, login, token = (r.fetch for r in world.sent)
    query, form = parse_qs(urlsplit(asked.url).query), parse_qs(token.body.decode())
    assert reply.ok
    assert urlsplit(asked.url)[:3] == ("https", "id.example", "/authorize")
    assert query["code_challenge"] == [s256(form["code_verifier"][0])]
    assert query["redirect_uri"] == form["redirect_uri"] == ["https://app.example/signed-in"]
    assert query["scope"] == ["openid offline_access"]
    assert parse_qs(login.body.decode()) == {
        "csrf": ["c-1"],
        "username": ["viewer-0000007"],
        "password": ["password-of-viewer-0000007"],
    }
    # the provider is another host: it sees its own cookie, and nothing that is the base's
    assert lines(login.headers) == [
        "Cookie: login_session=ls-1",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    assert form["code"] == ["a/b"]
    assert lines(app.headers) == ["X-Load-Test: let-me-in", "Authorization: Bearer one"]


def test_a_wrong_password_is_denied() -> None:
    reply, _ = do(session("phone"), Step.SIGN_IN, FORM, Said(body=b"<form>try again"), once=True)
    assert reply.outcome is Outcome.DENIED


def test_a_tv_asks_again_until_its_code_is_entered() -> None:
    tv = session("smart_tv")
    codes = {"device_code": "d-1", "user_code": "WDJB-MJHT", "verification_uri": "https://id"}
    pending, slow_down = (
        Said(status=400, body=json.dumps({"error": error}).encode())
        for error in ("authorization_pending", "slow_down")
    )
    reply, world = do(
        tv, Step.SIGN_IN, Said(body=json.dumps(codes).encode()), Said(), pending, slow_down, TOKENS
    )
    assert reply.ok
    assert [re.sub(r"https://id\.example", "", r.fetch.url) for r in world.sent] == [
        "/device_authorization", "/test/approve", "/token", "/token", "/token",
    ]  # fmt: skip
    # five seconds, and five more after slow_down (RFC 8628, 3.5)
    assert world.times(Step.SIGN_IN) == [1000.0, 1000.0, 1000.0, 1005.0, 1015.0]
    assert tv.held("refresh_token") == "r1"


def test_a_refresh_token_is_rotated_or_stays_and_a_dead_one_is_denied() -> None:
    app = session("phone")
    do(app, Step.REFRESH, TOKENS)
    assert app.held("refresh_token") == "r1"
    do(app, Step.REFRESH, Said(body=b'{"access_token": "two"}'))
    assert (app.held("access_token"), app.held("refresh_token")) == ("two", "r1")
    dead = Said(status=400, body=b'{"error": "invalid_grant"}')
    assert do(app, Step.REFRESH, dead, once=True)[0].outcome is Outcome.DENIED
