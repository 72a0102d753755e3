"""Target profiles read: what is wrong with one, all of it, with what to write instead."""

import pytest

from loadtests.errors import InvalidFile
from loadtests.scenario.answering import Statuses
from loadtests.scenario.profile import TargetProfile
from loadtests.scenario.targets import parse_profile
from loadtests.vocabulary import Step


def read(text: str) -> TargetProfile:
    return parse_profile(f"title: t\n{text}", file="p.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidFile) as refusal:
        read(text)
    return refusal.value.problems


def test_every_problem_of_a_profile_is_told_at_once_in_file_order() -> None:
    assert problems(
        "heders: {}\n"
        "steps:\n"
        "  sign_in:\n"
        "    url: /a\n"
        "    method: FETCH\n"
        "    json: {a: '{'}\n"
        "    keep:\n"
        "      token: {json: access_token}\n"
        "      other: {}\n"
        "  sing_up: {url: /}\n"
    ) == [
        "p.yaml:2:1: heders: unknown key; did you mean 'headers'?",
        "p.yaml:6:13: steps.sign_in.method: 'FETCH' is not known; did you mean 'PATCH'?",
        (
            "p.yaml:9:21: steps.sign_in.keep.token.json: 'access_token' does not begin with $; "
            "write a JSON path such as $.tokens[0].access"
        ),
        "p.yaml:10:14: steps.sign_in.keep.other: missing; write one of json, header, cookie, fixed",
        "p.yaml:11:3: steps.sing_up: unknown key; did you mean 'sign_up'?",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: {home: {url: /, json: {a: '{'}}}",
         "steps.home.json: '{': a brace is not closed; write {{ for one"),
        ("steps: {home: {url: '/{acount}'}}",
         "steps.home.url: no name {acount}; did you mean 'account'?"),
        ("steps: {home: {url: /, json: {a: ['{zzzzzz}']}}}",
         ("steps.home.json.a[0]: no name {zzzzzz}; "
         "keep it of an answer, or write it under `names`")),
        ("headers: {X: '{secret.key}'}",
         "headers.X: no name {secret.key}; keep it of an answer, or write it under `names`"),
        ("headers: {'X Y': a}", "headers.'X Y': 'X Y' is no name of a header"),
        ("steps: {home: {url: '/{signature}'}}",
         ("steps.home.url: no name {signature}; "
         "keep it of an answer, or write it under `names`")),
        ("names: {a: '{b}', b: c}", "names.a: {b} is not written above it; move it up"),
        ("names: {a: '{a}'}", "names.a: {a} is not written above it; move it up"),
        ("secrets: {a: {env: A, file: b}}",
         "secrets.a.file: env and file are both written; keep one"),
        ("secrets: {a: {}}", "secrets.a: missing; write one of env, file"),
        ("secrets: {a-b: {env: A}}",
         "secrets.a-b: 'a-b' can be no name; write letters, digits, _"),
        ("hosts: ['https://cdn.example']",
         "hosts[0]: 'https://cdn.example' is no host; write such as cdn.example:8443"),
        ("url: api.example", ("url: 'api.example' is not an absolute http or https URL; "
         "write such as https://api.example")),
        ("steps: {master: {url: /}}",
         "steps.master: playlists say where it is; leave it out, see `stream`"),
        ("steps: {home: []}", "steps.home: found an empty list; write what it sends"),
        ("steps: {home: {url: /, json: {}, text: a}}",
         "steps.home.text: json and text are both written; keep one"),
        ("steps: {home: {url: /, sign: mine}}",
         "steps.home.sign: no signature 'mine'; leave it out"),
        ("steps: {home: [{url: /}, {url: /, keep: {'a b': {header: X}}}]}",
         "steps.home[1].keep.'a b': 'a b' can be no name; write letters, digits and _"),
        ("steps: {home: {url: /, keep: {a: {regex: 'a'}}}}",
         "steps.home.keep.a.regex: the expression needs exactly one group: `(...)`"),
        ("steps: {home: {url: /, keep: {a: {regex: '('}}}}",
         ("steps.home.keep.a.regex: '(' is no regular expression: "
         "missing ), unterminated subpattern at position 0")),
        ("steps: {home: {url: /, keep: {a: {json: $.a, header: X}}}}",
         "steps.home.keep.a.header: json and header are both written; keep one"),
        ("steps: {home: {url: /, expect: {}}}",
         "steps.home.expect: says nothing of the answer; write status, json, header, body or size"),
        ("steps: {home: {url: /, expect: {status: 302}}}",
         "steps.home.expect.status: a redirect is followed; write `follow: false` too"),
        ("steps: {home: {url: /, expect: {status: 2x}}}",
         "steps.home.expect.status: '2x' is no status; write a status such as 200, 200-204 or 2xx"),
        ("steps: {home: {url: /, expect: {json: {at: $.a, equals: 1, missing: true}}}}",
         "steps.home.expect.json: equals, matches and missing exclude each other; keep one"),
        ("steps: {home: {url: /, means: [{status: 404, outcome: refused}]}}",
         ("steps.home.means[0].outcome: no answer can mean refused; write one of ok, queued, "
         "policy, denied, overload, server_error, not_found, client_error, garbage")),
        ("steps: {home: {url: /, means: [{status: 404, outcome: ok, code: {fixed: a}}]}}",
         ("steps.home.means[0].code: only a policy has a code; leave it out, "
         "or write `outcome: policy`")),
        (("steps: {home: {url: /, means: [{status: 4xx, outcome: policy, "
         "code: {fixed: '{index}'}}]}}"),
         "steps.home.means[0].code.fixed: no name can stand here; write a plain text"),
        ("steps: {home: {url: /, means: [{outcome: ok}]}}",
         ("steps.home.means[0]: says nothing of the answer; "
         "write status, json, header, body or size")),
        ("steps: {home: {url: /, repeat: {while: {status: 400}, every: soon}}}",
         "steps.home.repeat.every: 'soon' is no duration; write such as 5s, or {interval}"),
        ("steps: {home: {url: /, devices: [tv], other_devices: [tv]}}",
         "steps.home.other_devices: a device is in `devices` too; keep one"),
        ("signatures: {a: {by: hmac_sha256, key: k, headers: {}}}",
         "signatures.a: missing; write one of text, json"),
        ("accounts: {streams: 0}",
         "accounts.streams: '0' is out of range; write at least 1"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_what_to_write(text: str, said: str) -> None:
    (problem,) = problems(text)
    assert problem.partition(": ")[2] == said


def test_a_position_is_that_of_the_value_that_is_wrong() -> None:
    (problem,) = problems("steps:\n  home:\n    - url: /\n      json:\n        a: [1, '{no}']\n")
    assert problem.startswith("p.yaml:6:16: steps.home[0].json.a[1]: no name {no}")


@pytest.mark.parametrize(
    ("text", "first", "last"), [("200", 200, 200), ("2xx", 200, 299), ("400 - 404", 400, 404)]
)
def test_statuses_are_one_or_a_range(text: str, first: int, last: int) -> None:
    assert Statuses.from_text(text) == Statuses(first, last)


@pytest.mark.parametrize("text", ["", "20", "6xx", "204-200", "200,201", "2XX", "-1"])
def test_what_is_no_status_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        Statuses.from_text(text)


def test_one_status_or_several_can_be_written() -> None:
    for written in ("200", "[200]", "200-200"):
        profile = read(f"steps: {{home: {{url: /, expect: {{status: {written}}}}}}}")
        (exchange,) = profile.exchanges(Step.HOME)
        assert exchange.expect is not None
        assert exchange.expect.codes == {200}


def test_side_effects_are_those_of_the_vocabulary_and_those_a_profile_marks() -> None:
    profile = read(
        "steps:\n  cancel: {url: /}\n  register: {url: /, side_effect: false}\n"
        "  home: {url: /}\n  heartbeat: {url: /, side_effect: true}\n"
    )
    assert profile.side_effects == {Step.CANCEL, Step.HEARTBEAT}
