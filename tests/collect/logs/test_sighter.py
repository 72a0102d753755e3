import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said, Sighting
from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.field_map import FieldMap
from loadtests.collect.logs.routes import step_of
from loadtests.collect.logs.sighter import Sighter
from loadtests.vocabulary import Step

KEY = b"0123456789abcdef"
LOGIN = Entry(1000.0, "198.51.100.7", method="POST", target="/login", status=200, size=5)
PAGE = LOGIN._replace(method="GET", target="/a?b=1")


def sight(entry: Entry, *, fields: FieldMap | None = None, key: bytes = KEY) -> Sighting:
    return Sighter(fields or FieldMap(), step_of(), key).sight(entry)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, Said.OK),
        (304, Said.OK),
        (401, Said.DENIED),
        (403, Said.DENIED),
        (404, Said.NOT_FOUND),
        (408, Said.CLIENT_ERROR),
        (429, Said.OVERLOAD),
        (444, Said.BLOCKED),
        (499, Said.GONE),
        (500, Said.SERVER_ERROR),
        (503, Said.OVERLOAD),
        (524, Said.SERVER_ERROR),
        (None, Said.BROKEN),
        (999, Said.BROKEN),
    ],
)
def test_a_status_says_what_became_of_a_request(status: int | None, said: Said) -> None:
    assert sight(PAGE._replace(status=status)).said is said


@pytest.mark.parametrize(("duration", "said"), [(2.9, Said.GONE), (3.0, Said.GIVEN_UP)])
def test_who_went_away_after_a_wait_gave_up(duration: float, said: Said) -> None:
    assert sight(PAGE._replace(status=499, duration=duration)).said is said
    assert sight(PAGE._replace(outcome="aborted", duration=duration)).said is said


@pytest.mark.parametrize(
    ("outcome", "said", "code"),
    [
        ("bad_credentials", Said.BAD_CREDENTIALS, ""),
        ("unknown_user", Said.UNKNOWN_USER, ""),
        ("expired", Said.EXPIRED, ""),
        ("invalid_grant", Said.EXPIRED, ""),
        ("blocked", Said.BLOCKED, ""),
        ("policy:not_in_plan", Said.POLICY, "not_in_plan"),
        ("E_PASSWORD", Said.BAD_CREDENTIALS, ""),
        ("something else", Said.DENIED, ""),
    ],
)
def test_what_the_application_states_counts_before_the_status(
    outcome: str, said: Said, code: str
) -> None:
    fields = FieldMap(outcomes={"e_password": Said.BAD_CREDENTIALS})
    found = sight(LOGIN._replace(status=401, outcome=outcome), fields=fields)
    assert (found.said, found.code) == (said, code)


def test_what_the_targets_own_defense_refused_was_blocked() -> None:
    assert sight(PAGE._replace(status=403, action="BLOCK")).said is Said.BLOCKED
    assert sight(PAGE._replace(status=403, action="allow")).said is Said.DENIED


def test_a_code_of_its_own_is_a_refusal_by_policy() -> None:
    found = sight(PAGE._replace(status=403, code="not_in_household"))
    assert (found.said, found.code) == (Said.POLICY, "not_in_household")


def test_wordpress_refuses_a_password_with_200_and_takes_one_with_a_redirect() -> None:
    login = LOGIN._replace(target="/blog/wp-login.php")
    assert sight(login).said is Said.DENIED
    taken = sight(login._replace(status=302))
    assert (taken.said, taken.moved) == (Said.OK, True)


def test_credentials_that_come_with_a_page_and_are_refused_are_a_sign_in() -> None:
    refused = PAGE._replace(status=401, account="admin")
    assert sight(refused).step is Step.SIGN_IN
    assert sight(refused._replace(account=None)).step is Step.WEBSITE


def test_a_stated_step_counts_and_an_unknown_one_is_none() -> None:
    assert sight(PAGE._replace(step="sign_in")).step is Step.SIGN_IN
    assert sight(PAGE._replace(step="checkout")).step is None


@pytest.mark.parametrize(
    ("text", "first", "attempt"),
    [
        (None, 1, Attempt.UNKNOWN),
        ("1", 1, Attempt.FIRST),
        ("2", 1, Attempt.RETRY),
        ("0", 0, Attempt.FIRST),
        ("1", 0, Attempt.RETRY),
        ("True", 1, Attempt.RETRY),
        ("?", 1, Attempt.UNKNOWN),
    ],
)
def test_an_attempt_is_the_first_or_another(text: str | None, first: int, attempt: Attempt) -> None:
    assert (
        sight(PAGE._replace(attempt=text), fields=FieldMap(first_attempt=first)).attempt is attempt
    )


@pytest.mark.parametrize(
    ("text", "cache"),
    [
        ("HIT", CacheSaid.HIT),
        ("RefreshHit", CacheSaid.HIT),
        ("TCP_MEM_HIT", CacheSaid.HIT),
        ("STALE", CacheSaid.HIT),
        ("MISS", CacheSaid.MISS),
        ("EXPIRED", CacheSaid.MISS),
        ("BYPASS", None),
        ("dynamic", None),
    ],
)
def test_a_cache_answered_or_did_not_or_was_not_asked(text: str, cache: CacheSaid | None) -> None:
    assert sight(PAGE._replace(cache=text)).cache is cache


def test_a_request_counts_when_it_ended() -> None:
    assert sight(PAGE._replace(duration=2.5)).at == 1000.0
    assert sight(PAGE._replace(duration=2.5, is_start=True)).at == 1002.5


def test_a_request_that_was_not_sent_in_time_is_said_to_be_so() -> None:
    assert sight(Entry(1000.0, "198.51.100.7", status=408, size=0)) == Sighting(
        1000.0,
        None,
        Said.CLIENT_ERROR,
        client=sight(PAGE).client,
        size=0,
        timed_out=True,
    )


def test_the_whole_url_of_a_proxys_request_is_its_path_and_query() -> None:
    whole = sight(PAGE._replace(target="http://tv.example/a?b=1"))
    assert whole == sight(PAGE)
    assert sight(PAGE._replace(target="/a")).path == whole.path != whole.target


def test_what_scanners_ask_for_is_a_probe() -> None:
    assert sight(PAGE._replace(target="/.git/config")).probe
    assert not sight(PAGE).probe


@pytest.mark.parametrize(("status", "probes"), [(200, 0), (302, 0), (404, 1)])
def test_a_wordpress_is_only_asked_for_by_people_where_there_is_one(
    status: int, probes: int
) -> None:
    asked = PAGE._replace(target="/wp-login.php", status=status)
    assert sight(asked).probe == probes


@given(who=st.text(min_size=1, max_size=30))
def test_an_identity_is_the_same_number_under_one_key_and_another_under_another(who: str) -> None:
    entry = PAGE._replace(client=who, account=who)
    one, other = sight(entry), sight(entry, key=b"another key")
    assert one == sight(entry)
    assert (one.client, one.account, one.target) != (other.client, other.account, other.target)
    assert one.account is not None
    assert 0 <= one.account < 1 << 64
