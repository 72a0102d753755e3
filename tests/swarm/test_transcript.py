"""A probe reads well: narrow, in order, and without a secret."""

import pytest

from loadtests.behavior.players import PROFILES
from loadtests.behavior.steps import Fetch, Reply
from loadtests.scenario.targets import parse_profile
from loadtests.swarm.advice import advice, expectation
from loadtests.swarm.redact import Redactor
from loadtests.swarm.transcript import WIDTH, Transcript, size
from loadtests.vocabulary import Outcome, Player, Step

BASE = "https://api.example"


def replied(  # noqa: PLR0913 - what a reply is made of
    step: Step,
    path: str,
    *,
    outcome: Outcome = Outcome.OK,
    status: int = 200,
    body: bytes = b"",
    sent: bytes = b"",
    headers: bytes = b"",
    content_type: bytes = b"application/json",
) -> Reply:
    timeouts = PROFILES[Player.HLS_JS].manners[step].timeouts
    method = "POST" if sent else "GET"
    fetch = Fetch(step, BASE + path, timeouts, method=method, headers=headers, body=sent)
    reply = Reply(fetch, 10.0)
    reply.id, reply.done, reply.status = 1, 10.0124, status
    reply.outcome, reply.body, reply.size = outcome, body, len(body)
    if status:
        reply.headers = {b"content-type": content_type}
    return reply


def told(*replies: Reply) -> list[str]:
    said: list[str] = []
    transcript = Transcript(said.append, BASE, Redactor(["hush hush"]))
    for reply in replies:
        transcript.request(reply)
    return "".join(said).splitlines()


def test_a_request_is_a_line_with_what_was_sent_and_came_below() -> None:
    reply = replied(
        Step.SIGN_IN,
        "/login",
        sent=b'{"who": "ann", "what": "hush hush"}',
        headers=b"X-Device: tv\r\nContent-Type: application/json\r\n",
        body=b'{"access_token": "0123456789abcdefgh"}',
    )
    reply.value = {"access_token": "0123456789abcdefgh", "plan": "", "region": "north"}
    line, *parts = told(reply)
    assert line.split() == ["1", "sign_in", "POST", "/login", "200", "12", "ms", "ok"]
    assert len(line) <= WIDTH
    assert parts == [
        "      sent  X-Device: tv",
        "            Content-Type: application/json",
        '            {"who": "ann", "what": "… (9 characters)"}',
        "      came  content-type: application/json",
        '            {"access_token": "0123… (18 characters)"}',
        "      kept  access_token = 0123… (18 characters)",
        "            plan = (empty)",
        "            region = north",
    ]


def test_headers_that_were_shown_are_not_shown_again() -> None:
    home = replied(Step.HOME, "/", headers=b"X-Device: tv\r\n", body=b"{}")
    assert told(home, home)[4:] == [
        told(home)[0].replace("  1 ", "  2 "),
        "      sent  X-Device as before",
        "      came  content-type: application/json",
        "            {}",
    ]


def test_segments_take_one_line_unless_they_fail() -> None:
    good = replied(Step.SEGMENT, "/1.m4s", body=b"x" * 1500, content_type=b"video/mp4")
    bad = replied(Step.SEGMENT, "/2.m4s", outcome=Outcome.NOT_FOUND, status=404, body=b"gone")
    lines = told(good, bad)
    assert " ".join(lines[0].split()) == "1 segment GET /1.m4s 1.5 kB 200 12 ms ok"
    assert len(lines) > 2
    assert "not_found" in lines[1]


def test_of_a_long_body_the_first_lines_are_shown_and_of_a_binary_one_its_size() -> None:
    playlist = b"\n".join(b"#LINE:%d" % n for n in range(20))
    text = replied(Step.MASTER, "/m", body=playlist, content_type=b"application/vnd.apple.mpegurl")
    binary = replied(Step.LICENSE, "/l", body=bytes(range(256)), content_type=b"application/octet")
    assert told(text)[-2:] == [f"{' ' * 12}#LINE:5", f"{' ' * 12}… and 14 more lines"]
    assert told(binary)[-1] == f"{' ' * 12}256 B of application/octet"


@pytest.mark.parametrize("path", ["/a" * 200, "/x?token=" + "t" * 300])
def test_no_line_is_wider_than_a_terminal(path: str) -> None:
    lines = told(replied(Step.PLAYLIST, path, body=b"word " * 500))
    assert max(map(len, lines)) <= WIDTH


def test_no_answer_is_told_as_that() -> None:
    lines = told(replied(Step.HOME, "/", outcome=Outcome.TIMEOUT, status=0))
    assert lines[-1] == "      came  nothing"
    assert size(999) == "999 B"


def test_what_a_good_answer_is_like_is_said_in_the_profile_s_words() -> None:
    profile = parse_profile(
        """
title: a stack
steps:
  home: {url: /}
  entitlement:
    url: /e
    expect: {status: [200, 206-207], json: {at: $.ok, equals: true}, header: {name: ETag}}
    keep: {id: {json: $.id}, more: {json: $.more, optional: true}}
  catalog:
    url: /c
    expect: {json: {at: $.a, missing: true}, body: x+, size: 10 B}
""",
        file="p.yaml",
    )
    said = [expectation(*profile.exchanges(s)) for s in (Step.HOME, Step.ENTITLEMENT, Step.CATALOG)]
    assert said == [
        "status 2xx",
        "status 200 or 206-207; JSON with $.ok = true; header ETag; to be kept: id",
        "status 2xx; JSON with $.a missing; a body with 'x+'; a body of at least 10 bytes",
    ]


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OK])
def test_there_is_advice_for_every_way_to_fail(outcome: Outcome) -> None:
    assert len(advice(replied(Step.HOME, "/", outcome=outcome, status=0))) > 20


def test_a_refusal_asks_first_whether_anybody_asked() -> None:
    nobody = replied(Step.HOME, "/", outcome=Outcome.DENIED, status=401)
    somebody = replied(
        Step.HOME, "/", outcome=Outcome.DENIED, status=401, headers=b"Authorization: Bearer x\r\n"
    )
    assert advice(nobody).startswith("nothing in the request says who asks")
    assert advice(somebody).startswith("who asks is not believed")
    wrong_method = replied(Step.HOME, "/", outcome=Outcome.CLIENT_ERROR, status=405)
    assert advice(wrong_method) == "not with GET: correct `method`"
