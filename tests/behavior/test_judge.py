"""From a complete answer to its outcome."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.behavior.judge import MAX_HOPS, RETRY_DEFAULT, RETRY_LIMITS, judge
from loadtests.behavior.steps import Fetch, Reply, Timeouts
from loadtests.vocabulary import Outcome, Step

HERE = "http://t.invalid/live/here"


def answer(
    status: int, body: bytes = b"", *, fetch: Fetch | None = None, **headers: bytes
) -> Reply:
    reply = Reply(fetch or get(), 100.0)
    reply.done = 100.0
    reply.status, reply.body, reply.size = status, body, len(body)
    reply.headers = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    reply.outcome = judge(reply)
    return reply


def get(method: str = "GET", trail: tuple[str, ...] = ()) -> Fetch:
    return Fetch(Step.HOME, HERE, Timeouts(1.0, 1.0, 1.0), method=method, trail=trail)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"", Outcome.OK),
        (204, b"", Outcome.OK),
        (206, b"x", Outcome.OK),
        (200, b'{"queue": {"position": 7, "retry_after": 3}}', Outcome.QUEUED),
        (200, b'{"queue": 7}', Outcome.OK),
        (300, b"", Outcome.BAD_REDIRECT),
        (302, b"", Outcome.BAD_REDIRECT),
        (304, b"", Outcome.BAD_REDIRECT),
        (400, b"", Outcome.CLIENT_ERROR),
        (401, b'{"error": "expired"}', Outcome.DENIED),
        (403, b"", Outcome.DENIED),
        (403, b'{"error": "policy"}', Outcome.DENIED),
        (403, b'{"error": "policy", "code": "not_in_plan"}', Outcome.POLICY),
        (404, b"", Outcome.NOT_FOUND),
        (410, b"", Outcome.NOT_FOUND),
        (418, b"", Outcome.CLIENT_ERROR),
        (429, b"", Outcome.OVERLOAD),
        (500, b"", Outcome.SERVER_ERROR),
        (503, b"", Outcome.OVERLOAD),
        (504, b"", Outcome.SERVER_ERROR),
        (999, b"", Outcome.GARBAGE),
    ],
)
def test_status_and_body_decide(status: int, body: bytes, outcome: Outcome) -> None:
    assert answer(status, body).outcome is outcome


def test_a_success_is_judged_by_the_step_that_asked() -> None:
    def read(reply: Reply) -> Outcome:
        reply.value = reply.body.decode()
        return Outcome.GARBAGE

    asked = get()
    asked.read = read
    reply = answer(200, b"page", fetch=asked)
    assert (reply.outcome, reply.value) == (Outcome.GARBAGE, "page")
    assert answer(500, b"page", fetch=asked).value is None


def test_a_policy_refusal_carries_its_code() -> None:
    assert answer(403, b'{"error": "policy", "code": "household"}').value == "household"


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (b"7", 7.0),
        (b"0", RETRY_LIMITS[0]),
        (b"99999999", RETRY_LIMITS[1]),
        (b"-3", RETRY_DEFAULT),
        (b"soon", RETRY_DEFAULT),
        (b"", RETRY_DEFAULT),
        (b"\xff", RETRY_DEFAULT),
        (b"1" * 5000, RETRY_LIMITS[1]),
        (b"Thu, 01 Jan 1970 00:02:00 GMT", 20.0),
        (b"Thu, 01 Jan 1970 00:00:00 GMT", RETRY_LIMITS[0]),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_seconds_or_a_date_within_sane_limits(
    status: int, said: bytes, wait: float
) -> None:
    reply = answer(status, retry_after=said)
    assert (reply.outcome, reply.value) == (Outcome.QUEUED, wait)


def test_a_date_to_come_back_at_counts_from_the_targets_own_clock() -> None:
    reply = answer(
        503,
        retry_after=b"Tue, 06 Sep 2022 21:00:30 GMT",
        date=b"Tue, 06 Sep 2022 21:00:00 GMT",
    )
    assert reply.value == 30.0


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [("4.5", 4.5), ("0", RETRY_LIMITS[0]), ("NaN", RETRY_LIMITS[0]), ('"x"', RETRY_DEFAULT)],
)
def test_a_queue_answer_says_when_to_come_back(wait: str, seconds: float) -> None:
    reply = answer(200, f'{{"queue": {{"position": 9, "retry_after": {wait}}}}}'.encode())
    assert (reply.outcome, reply.value) == (Outcome.QUEUED, seconds)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_to_an_absolute_url(status: int) -> None:
    reply = answer(status, location=b"../there?x=a b")
    assert (reply.outcome, reply.value) == (Outcome.OK, "http://t.invalid/there?x=a%20b")


@pytest.mark.parametrize(
    "location", [b"", b"ftp://t.invalid/", b"http://[::1", b"mailto:x", b"#top"]
)
def test_a_location_nobody_can_follow_is_a_bad_redirect(location: bytes) -> None:
    assert answer(302, location=location).outcome is Outcome.BAD_REDIRECT


def test_a_loop_and_too_many_hops_are_bad_redirects() -> None:
    trail = tuple(f"http://t.invalid/{n}" for n in range(MAX_HOPS))
    assert answer(302, location=HERE.encode()).outcome is Outcome.BAD_REDIRECT
    assert answer(302, fetch=get(trail=trail[:3]), location=b"/2").outcome is Outcome.BAD_REDIRECT
    assert answer(302, fetch=get(trail=trail[:-1]), location=b"/x").outcome is Outcome.OK
    assert answer(302, fetch=get(trail=trail), location=b"/x").outcome is Outcome.BAD_REDIRECT


def test_a_post_sent_back_to_its_own_url_becomes_a_get_and_is_no_loop() -> None:
    assert answer(303, fetch=get("POST"), location=HERE.encode()).outcome is Outcome.OK


@given(
    st.integers(100, 999),
    st.binary(max_size=60) | st.sampled_from([b'{"queue": []}', b"[" * 3000, b'{"queue":{}}']),
    st.dictionaries(st.sampled_from(["retry_after", "location", "date"]), st.binary(max_size=30)),
)
def test_whatever_is_answered_gets_one_outcome(
    status: int, body: bytes, headers: dict[str, bytes]
) -> None:
    assert answer(status, body, fetch=None, **headers).outcome in Outcome
