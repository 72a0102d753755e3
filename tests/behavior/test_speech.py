"""Steps performed as profiles say: what is sent, kept, repeated, and told when it goes wrong."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted import Said, World
from speaking import BASE, answers, do, lines, sent, viewer

from loadtests.behavior.credentials import Invented
from loadtests.behavior.session import Session
from loadtests.behavior.signing import s256
from loadtests.behavior.speech import has, master_url, perform, write
from loadtests.errors import MatchnightError
from loadtests.vocabulary import Outcome, Step

GARBAGE = Outcome.GARBAGE


def step(more: str) -> str:
    """A profile with one step, HOME."""
    return f"steps:\n  home:\n{more}"


def say(more: str, **given: Mapping[str, str]) -> tuple[Session, str]:
    return viewer(step(more), **given), more  # type: ignore[arg-type] # secrets and files only


def ok(body: str = "{}", **headers: str) -> Said:
    told = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return Said(body=body.encode(), headers=told)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("/a/b?c=1", f"{BASE}/a/b?c=1"),
        ("a", f"{BASE}/a"),
        ("?x", f"{BASE}?x"),
        ("https://id.invalid/login", "https://id.invalid/login"),
        ("/u/{account|urlencode}/{index}", f"{BASE}/u/viewer-0000007/0000007"),
        ("'{target}/x'", f"{BASE}/x"),
    ],
)
def test_a_url_is_a_path_below_the_base_or_whole(written: str, url: str) -> None:
    assert sent(viewer(step(f"    url: {written}")), Step.HOME).url == url


@pytest.mark.parametrize(
    ("written", "content", "body"),
    [
        ("json: {a: '{account}', n: 1}", "application/json", b'{"a": "viewer-0000007", "n": 1}'),
        ("form: {a b: 'c&{region}'}", "application/x-www-form-urlencoded", b"a%20b=c%26north"),
        ("text: 'at {device}'", "text/plain; charset=utf-8", b"at tv"),
        ("file: c.bin", "application/octet-stream", b"\x00\xff"),
    ],
)
def test_a_body_brings_its_type_and_makes_it_a_post(
    written: str, content: str, body: bytes
) -> None:
    files = {"c.bin": base64.b64encode(b"\x00\xff").decode()}
    fetch = sent(viewer(step(f"    url: /\n    {written}"), files=files), Step.HOME)
    assert (fetch.method, fetch.body) == ("POST", body)
    assert lines(fetch.headers) == [f"Content-Type: {content}"]


def test_a_type_that_is_written_is_not_written_twice() -> None:
    session = viewer(
        step("    {url: /, json: {}, headers: {content-type: application/vnd.x+json}}")
    )
    assert lines(sent(session, Step.HOME).headers) == ["content-type: application/vnd.x+json"]


@pytest.mark.parametrize(
    ("keep", "said", "kept"),
    [
        ("json: '$.a.b[-1]'", ok('{"a": {"b": [1, "x"]}}'), "x"),
        ("json: $.n", ok('{"n": 12}'), "12"),
        ("json: $.n", ok('{"n": 0.5}'), "0.5"),
        ("json: $.n", ok('{"n": null}'), ""),
        ("json: $.n", ok('{"n": true}'), "true"),
        ("header: X-Id", ok(x_id="  abc "), "abc"),
        ("regex: 'name=\"csrf\" value=\"([^\"]+)\"'", ok('<i name="csrf" value="q1">'), "q1"),
        ("{header: Location, regex: '[?&]code=([^&]+)'}", ok(location="x:/y?code=c%3D&s=1"),
         "c%3D"),
        ("cookie: sid", ok(set_cookie="a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT, sid=s1; Path=/"),
         "s1"),
        ("fixed: 'for {account}'", ok(), "for viewer-0000007"),
        ("{json: $.u, resolve: true}", ok('{"u": "../m.m3u8?a=b"}'),
         "https://t.invalid/m.m3u8?a=b"),
    ],
)  # fmt: skip
def test_an_answer_leaves_what_the_profile_keeps(keep: str, said: Said, kept: str) -> None:
    inner = keep if keep.startswith("{") else f"{{{keep}}}"
    session = viewer(step(f"    url: /x\n    keep:\n      it: {inner}"))
    reply, _ = do(session, Step.HOME, said)
    assert (reply.outcome, session.kept) == (Outcome.OK, {"it": kept})


@pytest.mark.parametrize(
    ("keep", "said", "why"),
    [
        ("json: $.a.b", ok('{"a": {"c": "secret"}}'),
         "$.a.b finds nothing: no 'b' in an object with c"),
        ("json: $.a", ok("<html>"), "the body is no JSON"),
        ("header: X-Token", ok(), "there is no header X-Token"),
        ("cookie: sid", ok(set_cookie="sidx=1"), "no cookie sid is set"),
        ("regex: 'a(b)'", ok("ac"), "nothing matches 'a(b)'"),
        ("{json: $.u, resolve: true}", ok('{"u": "http://["}'), "what is found is no URL"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_garbage_with_its_line(keep: str, said: Said, why: str) -> None:
    inner = keep if keep.startswith("{") else f"{{{keep}}}"
    session = viewer(step(f"    url: /x\n    keep:\n      it: {inner}"))
    reply, _ = do(session, Step.HOME, said, once=True)
    assert reply.outcome is GARBAGE
    assert reply.value == f"p.yaml:6:11: steps.home.keep.it: {why}"
    assert session.kept is None


def test_what_may_be_missing_leaves_what_was_kept_before() -> None:
    session = viewer(step("    url: /\n    keep: {it: {json: $.it, optional: true}}"))
    do(session, Step.HOME, ok('{"it": "first"}'))
    do(session, Step.HOME, ok("{}"))
    assert session.kept == {"it": "first"}


@pytest.mark.parametrize(
    ("expect", "said", "why"),
    [
        ("{status: 201}", ok(), "expect.status: 200 is not among them"),
        ("{json: {at: $.a}}", ok('{"b": 1}'),
         "expect.json: $.a finds nothing: no 'a' in an object with b"),
        ("{json: {at: $.a, equals: true}}", ok('{"a": 1}'), "expect.json: $.a is not true"),
        ("{json: {at: $.a, matches: '^x'}}", ok('{"a": "yx"}'),
         "expect.json: $.a is no text with '^x'"),
        ("{json: {at: $.a, missing: true}}", ok('{"a": 1}'), "expect.json: $.a is there"),
        ("{header: {name: ETag}}", ok(), "expect.header: there is no ETag"),
        ("{header: {name: ETag, matches: W/}}", ok(etag='"1"'), "expect.header: ETag has no 'W/'"),
        ("{header: {name: ETag, matches: .*}}", ok(), "expect.header: ETag has no '.*'"),
        ("{body: '(?i)open'}", ok("closed"), "expect.body: nothing in it matches '(?i)open'"),
        ("{size: 3 B}", ok("{}"), "expect.size: the body has 2 bytes, expected 3"),
    ],
)  # fmt: skip
def test_an_unexpected_answer_is_garbage_with_its_line(expect: str, said: Said, why: str) -> None:
    reply, _ = do(viewer(step(f"    url: /x\n    expect: {expect}")), Step.HOME, said, once=True)
    assert reply.outcome is GARBAGE
    assert reply.value == f"p.yaml:5:13: steps.home.{why}"


def test_an_expected_answer_is_good_whatever_its_status_is_elsewhere() -> None:
    session = viewer(step("    url: /\n    expect: {status: [2xx, 404]}"))
    reply, _ = do(session, Step.HOME, Said(status=404))
    assert reply.ok


@pytest.mark.parametrize(
    ("means", "said", "outcome", "value"),
    [
        ("{status: 451, outcome: policy, code: {json: $.why}}",
         Said(status=451, body=b'{"why": "geo"}'), Outcome.POLICY, "geo"),
        ("{status: 451, outcome: policy}", Said(status=451), Outcome.POLICY, "unnamed"),
        ("{status: 4xx, outcome: policy, code: {fixed: old_app}}",
         Said(status=426), Outcome.POLICY, "old_app"),
        ("{status: 200, json: {at: $.wait}, outcome: queued, wait: {json: $.wait}}",
         ok('{"wait": 9}'), Outcome.QUEUED, 9.0),
        ("{status: 202, outcome: queued}",
         Said(status=202, headers={b"retry-after": b"3"}), Outcome.QUEUED, 3.0),
        ("{status: 202, outcome: queued}", Said(status=202), Outcome.QUEUED, 5.0),
        ("{header: {name: X-Denied}, outcome: denied}", ok(x_denied="1"), Outcome.DENIED, None),
        ("{status: 500-599, outcome: overload}", Said(status=502), Outcome.OVERLOAD, None),
        ("{status: 409, outcome: ok}", Said(status=409), Outcome.OK, None),
    ],
)  # fmt: skip
def test_an_answer_means_what_the_profile_says_before_anything_else(
    means: str, said: Said, outcome: Outcome, value: object
) -> None:
    session = viewer(step(f"    url: /\n    means: [{means}]"))
    reply, _ = do(session, Step.HOME, said, once=True)
    assert (reply.outcome, reply.value) == (outcome, value)


def test_the_first_meaning_that_fits_counts_and_the_rest_is_as_ever() -> None:
    session = viewer(
        step(
            "    url: /\n    means:\n"
            "      - {status: 403, json: {at: $.why, equals: hold}, outcome: policy}\n"
            "      - {status: 403, outcome: not_found}\n"
        )
    )
    said = [
        (Said(status=403, body=b'{"why": "hold"}'), Outcome.POLICY),
        (Said(status=403), Outcome.NOT_FOUND),
        (Said(status=401), Outcome.DENIED),
        (Said(status=503), Outcome.OVERLOAD),
    ]
    for answer, outcome in said:
        assert do(session, Step.HOME, answer, once=True)[0].outcome is outcome


def test_a_redirect_that_is_not_followed_is_an_answer() -> None:
    session = viewer(
        step(
            "    {url: /login, form: {}, follow: false, "
            "keep: {code: {header: Location, regex: 'code=(.+)'}}}"
        )
    )
    away = Said(status=302, headers={b"location": b"app.example:/back?code=abc"})
    reply, world = do(session, Step.HOME, away)
    assert (reply.outcome, session.kept, len(world.sent)) == (Outcome.OK, {"code": "abc"}, 1)


def test_a_redirect_is_followed_and_the_last_answer_counts() -> None:
    session = viewer(step("    {url: /a, keep: {it: {json: $.it}}}"))
    away = Said(status=302, headers={b"location": b"/b"})
    reply, world = do(session, Step.HOME, away, ok('{"it": "x"}'))
    assert (reply.outcome, session.kept) == (Outcome.OK, {"it": "x"})
    assert [r.fetch.url for r in world.sent] == [f"{BASE}/a", "https://t.invalid/b"]


def test_a_name_that_stands_for_nothing_is_recorded_as_a_request_nobody_could_send() -> None:
    session = viewer(
        "steps:\n  home: {url: '/{it}'}\n  catalog: {url: /, keep: {it: {json: $.it}}}\n"
    )
    reply, world = do(session, Step.HOME, ok())
    assert [r.fetch.url for r in world.sent] == ["unsaid:"]
    assert reply.outcome is GARBAGE
    assert reply.value == (
        "p.yaml:3:9: steps.home: {it} stands for nothing here: no answer so far left it"
    )


def test_the_first_request_of_a_step_can_be_written_without_being_sent() -> None:
    session = viewer(
        "steps:\n  home: [{url: /a, text: hello}, {url: /b, keep: {it: {json: $.it}}}]\n"
        "  catalog: {url: '/{it}'}\n"
    )
    fetch = write(session, Step.HOME, 1000.0)
    assert fetch is not None
    assert (fetch.url, fetch.method, fetch.body) == (f"{BASE}/a", "POST", b"hello")
    assert write(session, Step.CATALOG, 1000.0) is None  # nothing left {it} so far
    assert write(session, Step.SIGN_IN, 1000.0) is None  # it has no such step


def test_a_header_of_all_requests_waits_for_its_names() -> None:
    session = viewer(
        "headers: {X-App: tv, Authorization: 'Bearer {access_token}'}\n"
        + step("    {url: /, keep: {access_token: {json: $.t}}}")
    )
    assert lines(session.headers) == ["X-App: tv"]
    do(session, Step.HOME, ok('{"t": "one"}'))
    assert lines(session.headers) == ["X-App: tv", "Authorization: Bearer one"]
    do(session, Step.HOME, ok('{"t": "two"}'))
    assert lines(sent(session, Step.HOME).headers) == ["X-App: tv", "Authorization: Bearer two"]


@pytest.mark.parametrize("token", ["", "a\\nb", "a\\u0000b", "\\u20ac"])
def test_a_token_that_cannot_stand_in_a_header_is_garbage(token: str) -> None:
    session = viewer(
        "headers: {Authorization: '{access_token}'}\n"
        + step("    {url: /, keep: {access_token: {json: $.t}}}")
    )
    reply, _ = do(session, Step.HOME, ok(f'{{"t": "{token}"}}'), once=True)
    assert (reply.outcome, session.headers) == (GARBAGE, b"")


def test_the_stream_may_have_headers_of_its_own() -> None:
    session = viewer(
        "headers: {Authorization: '{access_token}'}\n"
        "stream: {headers: {Cookie: 'cdn={cdn}'}}\n"
        + step("    {url: /, keep: {access_token: {json: $.t}, cdn: {cookie: cdn}}}")
    )
    do(session, Step.HOME, ok('{"t": "one"}', set_cookie="cdn=c1; Secure"))
    assert lines(session.headers) == ["Cookie: cdn=c1"]
    assert lines(sent(session, Step.HOME).headers) == ["Authorization: one"]


PRIVATE = (
    "secrets: {door: {env: DOOR}}\nhosts: [cdn.invalid]\n"
    "headers: {X-App: tv, X-Door: '{secret.door}', Authorization: '{access_token}'}\n"
    "steps:\n  home: {url: /, keep: {access_token: {json: $.t}}}\n"
    "  catalog: {url: 'https://elsewhere.invalid/', headers: {X-Key: k}}\n"
)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"{BASE}/x", True),
        ("https://t.invalid/other", True),
        ("https://cdn.invalid/a.ts", True),
        ("http://cdn.invalid/a.ts", False),  # in the clear
        ("https://cdn.invalid:8443/a.ts", False),
        ("https://cdn.invalid.example/a.ts", False),
        ("https://elsewhere.invalid/a.ts", False),
    ],
)
def test_tokens_and_secrets_are_shown_to_the_hosts_they_are_for(
    url: str,
    shown: bool,  # noqa: FBT001 - a table
) -> None:
    session = viewer(PRIVATE, secrets={"door": "d"})
    do(session, Step.HOME, ok('{"t": "one"}'))
    private = ["X-Door: d", "Authorization: one"] if shown else []
    assert lines(session.headers_for(url)) == ["X-App: tv", *private]
    away = Said(status=302, headers={b"location": url.encode()})
    _, world = do(session, Step.HOME, away, ok('{"t": "one"}'))
    assert lines(world.sent[-1].fetch.headers) == ["X-App: tv", *private]


def test_another_host_is_told_what_its_own_step_says_and_no_token() -> None:
    session = viewer(PRIVATE, secrets={"door": "d"})
    do(session, Step.HOME, ok('{"t": "one"}'))
    assert lines(sent(session, Step.CATALOG).headers) == ["X-App: tv", "X-Key: k"]


def test_the_exchanges_of_a_step_follow_each_other_and_share_what_is_random() -> None:
    session = viewer(
        "steps:\n  sign_in:\n"
        "    - {url: '/a?c={pkce.challenge}&s={state}', keep: {code: {json: $.c}}}\n"
        "    - {url: /t, form: {v: '{pkce.verifier}', s: '{state}', c: '{code}'}}\n"
    )
    reply, world = do(session, Step.SIGN_IN, ok('{"c": "k"}'), ok())
    first, second = (r.fetch for r in world.sent)
    asked, told = parse_qs(urlsplit(first.url).query), parse_qs(second.body.decode())
    assert reply.ok
    assert asked["c"] == [s256(told["v"][0])]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", told["v"][0])
    assert (asked["s"], told["c"]) == (told["s"], ["k"])


def test_what_is_random_is_a_viewers_own_and_the_same_in_every_run() -> None:
    profile = step("    url: '/{pkce.verifier}/{uuid}/{device.id}'")
    urls = [
        sent(viewer(profile, index=index), Step.HOME).url.split("/")[-3:] for index in (1, 1, 2)
    ]
    assert urls[0] == urls[1]
    assert not set(urls[0]) & set(urls[2])
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                        urls[0][1])  # fmt: skip


def test_a_failed_exchange_ends_the_step() -> None:
    session = viewer("steps:\n  sign_in: [{url: /a}, {url: /b}]\n")
    reply, world = do(session, Step.SIGN_IN, Said(status=500), once=True)
    assert (reply.outcome, len(world.sent)) == (Outcome.SERVER_ERROR, 1)


@pytest.mark.parametrize(
    ("device", "paths"), [("tv", ["/tv", "/all"]), ("phone", ["/app", "/all"])]
)
def test_exchanges_are_for_the_devices_they_name(device: str, paths: list[str]) -> None:
    session = viewer(
        "steps:\n  sign_in:\n    - {url: /tv, devices: [tv]}\n"
        "    - {url: /app, other_devices: [tv]}\n    - {url: /all}\n",
        device=device,
    )
    _, world = do(session, Step.SIGN_IN, ok(), ok())
    assert [r.fetch.url.removeprefix(BASE) for r in world.sent] == paths


def test_a_step_that_is_not_there_is_done_without_a_request() -> None:
    session = viewer(step("    url: /"))
    reply, world = do(session, Step.CANCEL)
    assert (reply.ok, reply.id, reply.done, world.sent) == (True, 0, 1000.0, [])
    assert (has(session, Step.HOME), has(session, Step.CANCEL)) == (True, False)


def test_a_step_that_may_not_be_done_is_left_out() -> None:
    session = viewer(step("    url: /"))
    session.target = replace(session.target, permits=lambda step: step is not Step.HOME)
    reply, world = do(session, Step.HOME)
    assert (reply.ok, world.sent, has(session, Step.HOME)) == (True, [], False)


POLLING = step(
    "    url: /token\n    form: {d: '{device_code}'}\n    keep: {t: {json: $.t}}\n    repeat:\n"
    "      while: {status: 400, json: {at: $.error, matches: pending|slow_down}}\n"
    "      every: '{interval}'\n"
    "      slower: {json: {at: $.error, equals: slow_down}}\n      at_most: 60s\n"
).replace("steps:", "names: {device_code: d, interval: '5'}\nsteps:")
PENDING = Said(status=400, body=b'{"error": "authorization_pending"}', after=1.0)
SLOW_DOWN = Said(status=400, body=b'{"error": "slow_down"}', after=1.0)


def test_polling_goes_on_at_its_interval_until_there_is_an_answer() -> None:
    session = viewer(POLLING)
    reply, world = do(session, Step.HOME, PENDING, SLOW_DOWN, PENDING, ok('{"t": "one"}'))
    assert (reply.ok, session.kept) == (True, {"t": "one"})
    assert world.times(Step.HOME) == [1000.0, 1006.0, 1017.0, 1028.0]
    # an answer that says so is no failure, and asking again no further attempt
    assert {r.outcome for r in world.sent} == {Outcome.OK}
    assert world.attempts(Step.HOME) == [1, 1, 1, 1]


def test_polling_that_takes_too_long_leaves_the_viewer_queued() -> None:
    session = viewer(POLLING)
    reply, world = do(session, Step.HOME, *[PENDING] * 11)
    assert (reply.outcome, session.last_answer, len(world.sent)) == (
        Outcome.QUEUED, Outcome.QUEUED, 11,
    )  # fmt: skip


def test_polling_ends_with_any_other_answer() -> None:
    reply, world = do(
        viewer(POLLING), Step.HOME, PENDING, Said(status=400, body=b'{"error": "expired_token"}')
    )
    assert (reply.outcome, len(world.sent)) == (Outcome.CLIENT_ERROR, 2)


SIGNED = (
    "secrets: {k: {env: K}}\nsignatures:\n  mine:\n    by: hmac_sha256\n    key: '{secret.k}'\n"
    '    text: "{method}\\n{host}\\n{path}\\n{query}\\n{now}\\n{uuid}\\n{body.sha256}"\n'
    "    headers: {X-Time: '{now}', X-Nonce: '{uuid}', X-Sig: '{signature}'}\n"
    + step("    {url: '/a?b={index}', json: {x: 1}, sign: mine}")
)  # fmt: skip


def _signature(headers: bytes) -> str:
    """By the plainest means, from what was sent."""
    told = dict(line.split(": ", 1) for line in lines(headers))
    digest = hashlib.sha256(b'{"x": 1}').hexdigest()
    said = "\n".join(
        ("POST", "t.invalid", "/api/a", "b=0000007", told["X-Time"], told["X-Nonce"], digest)
    )
    # HMAC by its definition (RFC 2104, 2)
    key = b"key".ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key) + said.encode()).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner).hexdigest()


def test_a_request_is_signed_over_what_is_sent() -> None:
    headers = sent(viewer(SIGNED, secrets={"k": "key"}), Step.HOME).headers
    assert f"X-Sig: {_signature(headers)}" in lines(headers)
    assert "X-Time: 1000" in lines(headers)


def test_a_repeated_request_is_signed_anew() -> None:
    session = viewer(SIGNED, secrets={"k": "key"})
    busy = Said(status=503, headers={b"retry-after": b"30"})
    _, world = do(session, Step.HOME, busy, ok())
    first, second = (r.fetch.headers for r in world.sent)
    assert "X-Time: 1030" in lines(second)
    assert f"X-Sig: {_signature(second)}" in lines(second)
    assert not {line for line in lines(first) if "Sig" in line or "Nonce" in line} & {
        *lines(second)
    }


def test_a_jws_signs_claims() -> None:
    session = viewer(
        "secrets: {k: {env: K}}\nsignatures:\n  mine:\n    by: jws_hs256\n    key: '{secret.k}'\n"
        "    key_encoding: hex\n    json: {sub: '{account}', iat: '{now|number}'}\n"
        "    headers: {Authorization: 'Bearer {signature}'}\n" + step("    {url: /, sign: mine}"),
        secrets={"k": "6b6579"},
    )
    (line,) = lines(sent(session, Step.HOME).headers)
    payload = line.split(".")[1]
    assert base64.urlsafe_b64decode(payload + "==") == b'{"sub": "viewer-0000007", "iat": 1000}'


def test_a_key_that_is_not_written_as_it_should_be_is_told_without_it() -> None:
    profile = SIGNED.replace("    text:", "    key_encoding: hex\n    text:")
    with pytest.raises(MatchnightError) as refusal:
        viewer(profile, secrets={"k": "canary"})
    assert str(refusal.value) == (
        "a test: p.yaml:5:5: signatures.mine.key: the key is not written in hex"
    )


@pytest.mark.parametrize(
    ("profile", "url"),
    [
        ("stream: {master: /live/all.m3u8}\n" + step("    url: /"), f"{BASE}/live/all.m3u8"),
        ("stream: {master: '{target}'}", BASE),
        (step("    {url: /x, keep: {master: {json: $.m, resolve: true}}}"),
         "https://t.invalid/api/live.m3u8"),
    ],
)  # fmt: skip
def test_the_master_playlist_is_where_the_profile_says(profile: str, url: str) -> None:
    session = viewer(profile)
    if has(session, Step.HOME):
        do(session, Step.HOME, ok('{"m": "live.m3u8"}'))
    assert master_url(session) == url


def test_a_master_playlist_nobody_named_cannot_be_asked_for() -> None:
    assert master_url(viewer(step("    {url: /, keep: {master: {json: $.m}}}"))) == "unsaid:"


class Brought(Invented):
    """Accounts of the user's own."""

    def of(self, viewer: int) -> Mapping[str, str]:
        return {"account": f"ann-{viewer}", "password": "p", "club": "red"}


def test_accounts_that_were_brought_win_over_names_of_the_profile() -> None:
    profile = "names: {account: 'mine-{index}'}\n" + step("    url: '/{account}/{account.club}'")
    session = viewer(profile)
    assert sent(viewer("names: {account: 'mine-{index}'}\n" + step("    url: '/{account}'")),
                Step.HOME).url == f"{BASE}/mine-0000007"  # fmt: skip
    session.target = replace(session.target, credentials=Brought())
    assert sent(session, Step.HOME).url == f"{BASE}/ann-7/red"


def test_no_secret_is_in_the_repr_of_anything_that_knows_it() -> None:
    session = viewer(PRIVATE, secrets={"door": "canary-42"})
    target = session.target
    shown = [repr(each) for each in (target, target.language, session, *target.language.phrases)]
    assert not [each for each in shown if "canary" in each]
    assert target.language.redacted("X-Door: canary-42\r\n") == "X-Door: (secret)\r\n"


def test_a_plain_request_is_repeated_as_it_is() -> None:
    session = viewer(step("    {url: '/{index}', json: {a: '{account}'}}"))
    world = World(answers(Said(status=503, headers={b"retry-after": b"3"}), ok()), 1000.0)
    world.start(perform(session, Step.HOME, 1000.0))
    world.run()
    first, second = (r.fetch for r in world.sent)
    assert (first.url, first.headers, first.body) == (second.url, second.headers, second.body)
