"""Web site, account pages, a new account: what people come for beside the stream."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ALWAYS, Said, arrival, device
from visits import NEAR, START, answering, come, facts, in_turn, refusal, since

from loadtests.behavior.journeys.website import MOST_PAGES
from loadtests.behavior.steps import Fetch
from loadtests.behavior.target import Target
from loadtests.scenario.habits import AccountPages, Calls, Downloads, HumanRetry
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Outcome, Purpose, Step

EXPIRED = Said(status=401, body=b'{"error": "expired"}')
DOWN = Said(status=500)
ERRANDS = [Purpose.DOWNLOAD, Purpose.ACCOUNT, Purpose.WEBSITE, Purpose.SUPPORT]
FIRST = {
    Purpose.DOWNLOAD: Step.DOWNLOAD,
    Purpose.ACCOUNT: Step.ACCOUNT,
    Purpose.WEBSITE: Step.WEBSITE,
    Purpose.SUPPORT: Step.SUPPORT,
}


def test_people_look_at_one_to_three_pages_of_the_web_site() -> None:
    pages = set()
    for index in range(30):
        world, diary = come(arrival(index=index, purpose=Purpose.WEBSITE))
        assert set(world.steps()) == {Step.WEBSITE}
        assert diary.ends == [(End.SERVED, world.times(Step.WEBSITE)[-1])]
        pages.add(len(world.sent))
    assert pages == set(range(1, MOST_PAGES + 1))


def test_account_pages_are_read_one_after_the_other_and_some_cancel() -> None:
    habits = AccountPages(pages=3, reading=5.0, cancel=1.0)
    world, diary = come(arrival(purpose=Purpose.ACCOUNT), account_pages=habits)
    assert world.steps() == [Step.REFRESH, *[Step.ACCOUNT] * 3, Step.CANCEL]
    assert diary.ends == [(End.SERVED, world.sent[-1].done)]
    assert diary.facts == [(Fact.CANCELED, world.sent[-1].done)]
    times = [r.due for r in world.sent[1:]]
    assert all(later > earlier for earlier, later in pairwise(times))


def test_pages_are_read_for_as_long_as_the_scenario_says_on_average() -> None:
    habits, gaps = AccountPages(pages=2, reading=5.0), []
    for index in range(400):
        world, _ = come(arrival(index=index, purpose=Purpose.ACCOUNT), account_pages=habits)
        first, last = world.times(Step.ACCOUNT)
        gaps.append(last - first)
    assert sum(gaps) / len(gaps) == NEAR(5.0, abs=4 * 5.0 / 400**0.5)


def test_nobody_cancels_where_no_share_does() -> None:
    world, diary = come(arrival(purpose=Purpose.ACCOUNT))
    assert Step.CANCEL not in world.steps()
    assert diary.ends[0][0] is End.SERVED


def test_a_token_that_expires_while_reading_is_renewed_and_the_page_asked_for_again() -> None:
    new = ALWAYS[Step.REFRESH][1].replace(b"one", b"two")

    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        if fetch.step is Step.REFRESH and now > START:
            return Said(body=new)
        old = b"two" not in fetch.headers
        return EXPIRED if fetch.step is Step.ACCOUNT and now > START and old else None

    world, diary = come(arrival(purpose=Purpose.ACCOUNT), twist)
    assert world.steps() == [
        Step.REFRESH,
        Step.ACCOUNT,
        Step.ACCOUNT,
        Step.REFRESH,
        Step.ACCOUNT,
    ]
    assert diary.ends[0][0] is End.SERVED


def test_a_cancellation_refused_by_policy_turns_the_viewer_away() -> None:
    _, diary = come(
        arrival(purpose=Purpose.ACCOUNT),
        answering(Step.CANCEL, refusal("account_on_hold")),
        account_pages=AccountPages(pages=1, cancel=1.0),
    )
    assert diary.ends[0][0] is End.TURNED_AWAY
    assert facts(diary) == []


@pytest.mark.parametrize("purpose", [Purpose.WEBSITE, Purpose.ACCOUNT, Purpose.DOWNLOAD])
def test_an_errand_that_fails_is_tried_again_as_often_as_people_do(purpose: Purpose) -> None:
    eight = device(retry=HumanRetry(times=7, after=4.0, spread=0.0))
    world, diary = come(
        arrival(eight, purpose=purpose), answering(FIRST[purpose], DOWN), until=100.0
    )
    assert since(world, FIRST[purpose]) == [4.0 * n for n in range(8)]
    assert diary.ends == [(End.UNSERVED, START + 28.0)]
    assert world.results == [(None, START + 28.0)]


@pytest.mark.parametrize("purpose", [Purpose.WEBSITE, Purpose.ACCOUNT, Purpose.DOWNLOAD])
def test_patience_runs_out_before_the_first_answer(purpose: Purpose) -> None:
    viewer = arrival(purpose=purpose, patience=3.0)
    world, diary = come(viewer, delays={FIRST[purpose]: 8.0})
    assert diary.ends == [(End.UNSERVED, START + 3.0)]
    assert [r.fetch.step for r in world.canceled] == [FIRST[purpose]]


def test_after_the_first_page_people_have_time() -> None:
    _, diary = come(
        arrival(purpose=Purpose.ACCOUNT, patience=3.0),
        account_pages=AccountPages(pages=6, reading=60.0),
        until=9_999.0,
    )
    assert diary.ends[0][0] is End.SERVED
    assert diary.ends[0][1] > START + 3.0


@pytest.mark.parametrize("purpose", [Purpose.WEBSITE, Purpose.ACCOUNT, Purpose.DOWNLOAD])
def test_whoever_an_errand_failed_may_call(purpose: Purpose) -> None:
    _, diary = come(
        arrival(purpose=purpose),
        answering(FIRST[purpose], DOWN),
        calls=Calls(after_failure=1.0, after=10.0),
    )
    assert diary.ends == [(End.UNSERVED, START + 24.0)]
    assert facts(diary) == [Fact.CALLED, Fact.CALL_ANSWERED]
    assert diary.facts[0][1] > START + 24.0


@pytest.mark.parametrize("purpose", [Purpose.ACCOUNT, Purpose.DOWNLOAD])
def test_whoever_was_turned_away_calls_as_after_a_refusal(purpose: Purpose) -> None:
    _, diary = come(
        arrival(purpose=purpose),
        answering(FIRST[purpose], refusal("account_on_hold")),
        calls=Calls(after_refusal=1.0, after=10.0),
    )
    assert diary.ends == [(End.TURNED_AWAY, START)]
    assert facts(diary) == [Fact.CALLED, Fact.CALL_ANSWERED]


def test_a_new_account_is_signed_in_and_watched() -> None:
    world, diary = come(arrival(signs_in=True, purpose=Purpose.SIGN_UP), until=1.0)
    assert world.steps()[:4] == [Step.HOME, Step.SIGN_UP, Step.ENTITLEMENT, Step.SESSION]
    assert b"Bearer one" in world.sent[2].fetch.headers
    assert diary.facts == [(Fact.SIGNED_UP, START)]
    assert diary.ends == [(End.IN_TIME, START)]


def test_who_could_not_sign_up_tries_again_and_signs_up_once() -> None:
    world, diary = come(
        arrival(purpose=Purpose.SIGN_UP), in_turn(Step.SIGN_UP, DOWN, DOWN), until=60.0
    )
    assert since(world, Step.SIGN_UP) == [0.0, 8.0, 16.0]
    assert facts(diary) == [Fact.SIGNED_UP]
    assert diary.ends == [(End.IN_TIME, START + 16.0)]


def test_who_has_signed_up_and_starts_the_app_again_refreshes_the_new_token() -> None:
    world, _ = come(
        arrival(signs_in=True, purpose=Purpose.SIGN_UP), in_turn(Step.SESSION, DOWN), until=30.0
    )
    assert [len(world.times(s)) for s in (Step.SIGN_UP, Step.SIGN_IN, Step.REFRESH)] == [1, 0, 1]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_what_a_target_does_not_have_is_skipped_and_nothing_is_told_of_it(purpose: Purpose) -> None:
    stream = Target.parse("http://t.invalid/live/master.m3u8")
    world, diary = come(
        arrival(purpose=purpose),
        until=9_999.0,
        target=stream,
        downloads=Downloads(unfinished=1.0, renew=1.0, first_play=1.0),
        account_pages=AccountPages(cancel=1.0),
        speed=3600.0,
    )
    of_the_stream = {Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT}
    assert set(world.steps()) == (set() if purpose in ERRANDS else of_the_stream)
    end = End.SERVED if purpose in ERRANDS else End.IN_TIME
    assert [end for end, _ in diary.ends] == [end]
    assert facts(diary) == []


ANSWERS = st.sampled_from(
    [
        Said(status=401),
        Said(status=403),
        Said(status=503),
        Said(status=503, headers={b"retry-after": b"1"}),
        Said(status=500),
        Said(status=302, headers={b"location": b"/elsewhere"}),
        Said(body=b"<html>"),
        Said(outcome=Outcome.RESET),
        Said(after=30.0),
        refusal("not_in_household"),
        None,
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    said=st.lists(ANSWERS, max_size=25),
    purpose=st.sampled_from(list(Purpose)),
    patience=st.floats(0.5, 60) | st.just(inf),
    share=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_whatever_is_answered_everybody_ends_once_in_an_end_of_their_kind(
    said: list[Said | None], purpose: Purpose, patience: Seconds, share: float
) -> None:
    left = iter(said)

    def twist(_fetch: Fetch, _now: Seconds) -> Said | None:
        return next(left, None)

    calls = Calls(after_failure=share, after_refusal=share, redial=share, redial_after=2.0)
    viewer = arrival(purpose=purpose, patience=patience)
    world, diary = come(viewer, twist, until=3_000.0, calls=calls)
    assert [end.is_of_a_watcher for end, _ in diary.ends] == [purpose not in ERRANDS]
    called = [f for f in facts(diary) if f is Fact.CALLED]
    assert len(called) == sum(
        r.fetch.step is Step.SUPPORT and not r.fetch.trail for r in world.sent
    )
    assert len(called) <= 20
    assert len(diary.left_at) <= 1
