import json
from collections.abc import Mapping, Sequence

import pytest

from loadtests.behavior.steps import Fetch, Reply, Slow, Timeouts
from loadtests.behavior.target import Target
from loadtests.collect.edge.counting import STARVED_AFTER
from loadtests.collect.edge.funnel import KNOWN_AFTER
from loadtests.collect.edge.samples import Samples
from loadtests.collect.edge.sighting import Attempt, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic, merged
from loadtests.vocabulary import Outcome, Step

START = 1_700_000_000.0
BASE = "http://stack.invalid"
PHRASES = Target.parse(BASE).language.phrases
TIMEOUTS = Timeouts(1.0, 1.0, 1.0)


def reply(  # noqa: PLR0913 - what is known of a request has this many parts
    step: Step,
    *,
    path: str = "/here",
    viewer: int = 1,
    at: float = 0.0,
    took: float = 0.25,
    token: str = "",
    body: bytes = b"",
    method: str = "GET",
) -> Reply:
    phrase = PHRASES[step][0] if step in PHRASES else None
    lines = f"X-Device: {viewer:07d};tv;brussels;\r\n"
    lines += f"Authorization: Bearer {token}\r\n" if token else ""
    fetch = Fetch(
        step, BASE + path, TIMEOUTS, headers=lines.encode(), phrase=phrase, body=body, method=method
    )
    made = Reply(fetch, START + at, viewer)
    made.id, made.status, made.size, made.done = 1, 200, 100, made.sent + took
    return made


def window(*replies: Reply, outcome: Outcome = Outcome.OK, retry: bool = False) -> EdgeWindow:
    samples = Samples(b"key")
    samples.ended(replies[0].fetch.step, outcome, retry=retry, replies=replies)
    return samples.close(0, START + 1)


def traffic(*replies: Reply, outcome: Outcome = Outcome.OK, retry: bool = False) -> Traffic:
    (only,) = window(*replies, outcome=outcome, retry=retry).steps.values()
    return only


def access(account: str) -> str:
    return f"access.{account}.1800000000"


def test_a_request_counts_as_the_target_s_edge_would_have_seen_it() -> None:
    one = reply(Step.CATALOG, viewer=1, token=access("viewer-0000001"))
    other = reply(Step.CATALOG, viewer=2, token=access("viewer-0000002"), path="/here?x=1")
    seen = traffic(one, other, retry=True)
    assert seen.said == {(Said.OK, Attempt.RETRY): 2}
    assert (seen.bytes, seen.busy, seen.times.count) == (200, 0.5, 2)
    assert (seen.clients.count, seen.accounts.count) == (2, 2)
    assert (seen.targets.count, seen.paths.count) == (2, 1)
    assert (seen.shared, seen.regions) == ({1: 2}, {("brussels", False): 2})


@pytest.mark.parametrize(
    ("outcome", "body", "took", "said"),
    [
        (Outcome.DENIED, b'{"error": "bad_credentials"}', 0.1, Said.BAD_CREDENTIALS),
        (Outcome.DENIED, b'{"error": "unknown_user"}', 0.1, Said.UNKNOWN_USER),
        (Outcome.DENIED, b'{"error": "invalid_token"}', 0.1, Said.EXPIRED),
        (Outcome.DENIED, b"go away", 0.1, Said.DENIED),
        (Outcome.CLIENT_ERROR, b'{"error": "invalid_grant"}', 0.1, Said.BAD_CREDENTIALS),
        (Outcome.CLIENT_ERROR, b"", 0.1, Said.CLIENT_ERROR),
        (Outcome.OVERLOAD, b'{"error": "blocked"}', 0.1, Said.BLOCKED),
        (Outcome.OVERLOAD, b'{"error": "overload"}', 0.1, Said.OVERLOAD),
        (Outcome.GARBAGE, b"what?", 0.1, Said.OK),
        (Outcome.TRUNCATED, b"", 0.1, Said.BROKEN),
        (Outcome.TIMEOUT, b"", 3.0, Said.GIVEN_UP),
        (Outcome.CANCELED, b"", 2.9, Said.GONE),
    ],
)
def test_what_became_of_a_request_is_what_the_application_states_or_its_connection(
    outcome: Outcome, body: bytes, took: float, said: Said
) -> None:
    made = reply(Step.SIGN_IN, took=took)
    made.body = body
    assert traffic(made, outcome=outcome).said == {(said, Attempt.FIRST): 1}


def test_a_refusal_by_policy_has_its_code() -> None:
    made = reply(Step.ENTITLEMENT)
    made.value = "not_in_plan"
    assert traffic(made, outcome=Outcome.POLICY).codes == {"not_in_plan": 1}


def test_what_never_reached_the_target_its_edge_did_not_see() -> None:
    made = reply(Step.HOME)
    made.id = 0
    assert window(made, outcome=Outcome.REFUSED) == EdgeWindow(0)


def test_a_path_no_profile_names_is_no_step_whatever_we_take_it_for() -> None:
    probe = reply(Step.WEBSITE, path="/.env")
    probe.fetch.phrase = None
    seen = window(probe, reply(Step.WEBSITE, path="/www"), outcome=Outcome.NOT_FOUND)
    assert (seen.of(None).requests, seen.of(None).probes) == (1, 1)
    assert (seen.of(Step.WEBSITE).requests, seen.of(Step.WEBSITE).probes) == (1, 0)


@pytest.mark.parametrize(
    ("step", "body"),
    [
        (Step.SIGN_IN, {"account": "viewer-0000007", "password": "x"}),
        (Step.SIGN_IN, {"Username": "viewer-0000007", "password": "y"}),
        (Step.REFRESH, {"refresh_token": "refresh-viewer-0000007"}),
    ],
)
def test_a_sign_in_is_the_account_s_it_names_and_so_is_what_its_token_asks_for(
    step: Step, body: Mapping[str, str]
) -> None:
    samples = Samples(b"key")
    named = reply(step, body=json.dumps(body).encode())
    carried = reply(Step.CATALOG, token=access("viewer-0000007"))
    samples.ended(step, Outcome.OK, retry=False, replies=[named])
    samples.ended(Step.CATALOG, Outcome.OK, retry=False, replies=[carried])
    seen = samples.close(0, START + 1)
    assert seen.of(step).accounts == seen.of(Step.CATALOG).accounts
    assert seen.total.accounts.count == 1


def test_open_for_long_without_one_byte_of_an_answer_is_starved_if_the_client_did_it() -> None:
    starved, taken, waiting = (reply(Step.HOME, took=STARVED_AFTER + 1) for _ in range(3))
    starved.fetch.slow = taken.fetch.slow = Slow(writes=1.0)
    starved.size = waiting.size = 0
    assert traffic(starved, taken, waiting, outcome=Outcome.TIMEOUT).starved == 1


def play(samples: Samples, seconds: Sequence[Sequence[tuple[Outcome, Reply]]]) -> EdgeWindow:
    """The night merged, second by second and until all is decided."""
    windows = []
    for second in range(len(seconds) + KNOWN_AFTER + 2):
        # the later step first: within a second nothing depends on the order
        for outcome, made in reversed(seconds[second]) if second < len(seconds) else ():
            samples.ended(made.fetch.step, outcome, retry=False, replies=[made])
        windows.append(samples.close(second, START + second + 1))
    return merged(windows)


def test_who_goes_on_within_the_same_second_has_gone_on_and_who_streams_has_too() -> None:
    ok = Outcome.OK
    first = [
        (ok, reply(Step.SIGN_IN, viewer=1, at=0.1)),
        (ok, reply(Step.CATALOG, viewer=1, at=0.5)),
        (ok, reply(Step.SIGN_IN, viewer=2, at=0.1)),
        (ok, reply(Step.SIGN_IN, viewer=3, at=0.1)),
    ]
    later = [(ok, reply(Step.PLAYLIST, viewer=2, at=1.5))]
    of = play(Samples(b"key"), [first, later]).of(Step.SIGN_IN)
    assert (of.settled, of.continued) == (3, 2)


def test_who_gets_in_after_all_was_refused_by_mistake() -> None:
    refused = [(Outcome.DENIED, reply(Step.SIGN_IN, viewer=n, at=0.1)) for n in (1, 2)]
    for _, made in refused:
        made.body = b'{"error": "bad_credentials"}'
    after = [(Outcome.OK, reply(Step.SIGN_IN, viewer=1, at=2.1))]
    of = play(Samples(b"key"), [refused, [], after]).of(Step.SIGN_IN)
    assert (of.denied, of.returned) == (2, 1)


def test_a_form_answered_with_a_redirect_has_moved_its_sender() -> None:
    moved, page = reply(Step.SIGN_IN, method="POST"), reply(Step.SIGN_IN, method="POST")
    moved.status = 302
    seen = traffic(moved, page)
    assert (seen.posts, seen.moved) == (2, 1)


def test_workers_of_one_run_tell_one_token_from_two_and_runs_do_not_share_their_names() -> None:
    made = [reply(Step.CATALOG, token=access("viewer-0000007"))]
    told = []
    for key in (b"key", b"key", b"another run"):
        samples = Samples(key)
        samples.ended(Step.CATALOG, Outcome.OK, retry=False, replies=made)
        told.append(samples.close(0, START + 1).of(Step.CATALOG).accounts)
    assert told[0] == told[1] != told[2]
