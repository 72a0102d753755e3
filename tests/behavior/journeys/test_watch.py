"""The way to the stream, step by step as the device does it, and what being refused leads to."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ALWAYS, Diary, Said, Stack, World, arrival, device, scenario
from visits import NEAR, START, TARGET, answering, come, facts, in_turn, refusal, since

from loadtests.behavior.steps import Fetch
from loadtests.behavior.viewer import visit
from loadtests.scenario.habits import Calls, Refusals
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Step

OUTSIDE = refusal("not_in_household")
EVERYBODY_VERIFIES = Refusals(verify=1.0, code_after=10.0)
EVERYBODY_SIGNS_UP = Refusals(sign_up=1.0)
EXPIRED = Said(status=401, body=b'{"error": "expired"}')


def test_the_steps_are_those_of_the_device_in_its_order() -> None:
    box = replace(device(), join=(Step.CATALOG, Step.HOME, Step.SESSION, Step.SIGN_IN))
    world, diary = come(arrival(box), until=1.0)
    assert world.steps()[:5] == [
        Step.CATALOG,
        Step.HOME,
        Step.SESSION,
        Step.REFRESH,
        Step.MASTER,
    ]
    assert diary.ends == [(End.IN_TIME, START)]


def test_a_device_that_asks_for_nothing_beside_the_stream_goes_straight_to_it() -> None:
    world, _ = come(arrival(replace(device(), join=())), until=1.0)
    assert world.steps()[0] is Step.MASTER


def test_a_code_entered_ten_seconds_later_proves_the_household_and_the_viewer_goes_on() -> None:
    world, diary = come(
        arrival(), in_turn(Step.ENTITLEMENT, OUTSIDE), until=20.0, refusals=EVERYBODY_VERIFIES
    )
    assert world.steps()[2:8] == [
        Step.ENTITLEMENT,
        Step.HOUSEHOLD_CODE,
        Step.HOUSEHOLD,
        Step.ENTITLEMENT,
        Step.SESSION,
        Step.LICENSE,
    ]
    assert (since(world, Step.HOUSEHOLD_CODE), since(world, Step.HOUSEHOLD)) == ([0.0], [10.0])
    entered = next(r for r in world.sent if r.fetch.step is Step.HOUSEHOLD)
    assert b"123456" in entered.fetch.body
    assert diary.facts == [(Fact.VERIFIED, START + 10.0)]
    assert diary.ends == [(End.IN_TIME, START + 10.0)]


def test_patience_rests_while_a_code_is_read() -> None:
    slow = {Step.HOUSEHOLD_CODE: 1.0, Step.HOUSEHOLD: 3.0}
    for patience, end in ((3.9, End.LEFT_WAITING), (4.1, End.IN_TIME)):
        _, diary = come(
            arrival(patience=patience),
            in_turn(Step.ENTITLEMENT, OUTSIDE),
            delays=slow,
            refusals=EVERYBODY_VERIFIES,
        )
        assert diary.ends == [(end, START + min(patience, 4.0) + 10.0)]


def test_a_code_that_is_refused_is_final() -> None:
    def twist(fetch: Fetch, _now: Seconds) -> Said | None:
        return OUTSIDE if fetch.step in {Step.ENTITLEMENT, Step.HOUSEHOLD} else None

    world, diary = come(arrival(), twist, refusals=EVERYBODY_VERIFIES)
    assert len(world.times(Step.HOUSEHOLD)) == 1
    assert (facts(diary), diary.ends) == ([], [(End.REFUSED, START + 10.0)])


def test_a_subscription_of_ones_own_is_signed_in_at_once_and_asks_again() -> None:
    new = Said(status=201, body=ALWAYS[Step.SIGN_UP][1].replace(b"one", b"own"))

    def twist(fetch: Fetch, _now: Seconds) -> Said | None:
        if fetch.step is Step.SIGN_UP:
            return new
        return OUTSIDE if fetch.step is Step.ENTITLEMENT and b"own" not in fetch.headers else None

    world, diary = come(arrival(), twist, until=1.0, refusals=EVERYBODY_SIGNS_UP)
    assert world.steps()[2:6] == [Step.ENTITLEMENT, Step.SIGN_UP, Step.ENTITLEMENT, Step.SESSION]
    assert diary.facts == [(Fact.SIGNED_UP, START)]
    assert diary.ends == [(End.IN_TIME, START)]


@pytest.mark.parametrize("code", ["not_in_plan", "account_on_hold"])
def test_a_refusal_for_another_reason_is_final(code: str) -> None:
    world, diary = come(
        arrival(), answering(Step.ENTITLEMENT, refusal(code)), refusals=EVERYBODY_VERIFIES
    )
    assert world.steps()[-1] is Step.ENTITLEMENT
    assert diary.ends == [(End.REFUSED, START)]


@settings(max_examples=20, deadline=None)
@given(verify=st.floats(0, 1), sign_up=st.floats(0, 1))
def test_what_people_do_who_are_outside_has_the_shares_the_scenario_says(
    verify: float, sign_up: float
) -> None:
    habits = Refusals(verify=verify, sign_up=min(sign_up, 1 - verify), code_after=1.0)
    crowd, done = 60, {Fact.VERIFIED: 0, Fact.SIGNED_UP: 0}
    for index in range(crowd):
        _, diary = come(
            arrival(index=index), in_turn(Step.ENTITLEMENT, OUTSIDE), until=1.5, refusals=habits
        )
        for fact in facts(diary):
            done[fact] += 1
    # four standard deviations of a share are at most 2 / sqrt(crowd)
    assert done[Fact.VERIFIED] / crowd == NEAR(habits.verify, abs=0.26)
    assert done[Fact.SIGNED_UP] / crowd == NEAR(habits.sign_up, abs=0.26)


def test_a_person_who_starts_the_app_again_does_the_same_about_a_refusal() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        if fetch.step is Step.HOUSEHOLD_CODE and now < START + 5:
            return Said(status=500)
        return OUTSIDE if fetch.step is Step.ENTITLEMENT else None

    half = Refusals(verify=0.5, sign_up=0.5, code_after=1.0)
    kinds = set()
    for index in range(20):
        world, _ = come(arrival(index=index), twist, refusals=half)
        kinds.add((len(world.times(Step.HOUSEHOLD_CODE)), len(world.times(Step.SIGN_UP))))
    assert kinds == {(2, 0), (0, 1)}


def test_who_has_a_refresh_token_that_is_no_good_any_more_signs_in_again() -> None:
    world, diary = come(arrival(), answering(Step.REFRESH, EXPIRED), until=1.0)
    assert world.steps()[1:3] == [Step.REFRESH, Step.SIGN_IN]
    assert diary.facts == [(Fact.SIGNED_IN_AGAIN, START)]


def test_the_first_sign_in_of_somebody_without_a_token_is_none_again() -> None:
    world, diary = come(arrival(signs_in=True), until=1.0)
    assert (len(world.times(Step.SIGN_IN)), diary.facts) == (1, [])


def test_a_session_invalidated_while_watching_means_the_password_again() -> None:
    """All tokens given out before 10 s are refused from then on."""

    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        if now < START + 10:
            return None
        if fetch.step is Step.SIGN_IN:
            return Said(body=ALWAYS[Step.SIGN_IN][1].replace(b"one", b"two"))
        old = b"two" not in fetch.headers
        refused = fetch.step is Step.REFRESH or (fetch.step is Step.PLAYLIST and old)
        return EXPIRED if refused else None

    world, diary = come(arrival(signs_in=True), twist, until=60.0)
    assert [len(world.times(step)) for step in (Step.SIGN_IN, Step.REFRESH)] == [2, 1]
    assert diary.facts == [(Fact.SIGNED_IN_AGAIN, world.times(Step.SIGN_IN)[1])]
    assert (diary.left_at, diary.total("stalled")) == ([], 0.0)


def test_a_refresh_token_once_refused_is_not_tried_again() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        if fetch.step is Step.REFRESH:
            return EXPIRED
        return Said(status=500) if fetch.step is Step.SIGN_IN and now < START + 20 else None

    world, diary = come(arrival(), twist, until=60.0)
    assert len(world.times(Step.REFRESH)) == 1
    assert since(world, Step.SIGN_IN) == [0.0, 8.0, 16.0, 24.0]
    assert facts(diary) == [Fact.SIGNED_IN_AGAIN]


CALLING = Calls(after_failure=1.0, after_refusal=1.0, after=10.0)


def test_a_black_screen_makes_people_call_after_their_end_is_known() -> None:
    world, diary = come(
        arrival(), answering(Step.HOME, Said(status=500)), until=600.0, calls=CALLING
    )
    assert diary.ends == [(End.NEVER_STARTED, START + 24.0)]
    assert world.times(Step.SUPPORT)[0] > START + 24.0
    assert facts(diary) == [Fact.CALLED, Fact.CALL_ANSWERED]
    assert (diary.left_at, diary.total("watched")) == ([], 0.0)


def test_who_loses_the_picture_for_good_leaves_and_then_calls() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        broken = fetch.step in {Step.PLAYLIST, Step.HOME} and now > START + 3
        return Said(status=403) if broken else None

    world, diary = come(arrival(), twist, until=600.0, calls=CALLING)
    assert diary.ends == [(End.IN_TIME, START)]
    assert world.steps()[-2:] == [Step.LEAVE, Step.SUPPORT]
    assert diary.left_at == [world.times(Step.LEAVE)[0]]
    played = diary.total("watched") + diary.total("stalled")
    assert played == NEAR(diary.left_at[0] - START)


def test_the_end_of_the_run_on_the_telephone_changes_nothing_told_before() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        broken = fetch.step in {Step.PLAYLIST, Step.HOME} and now > START + 3
        return Said(status=403) if broken else None

    world, diary = come(
        arrival(), twist, until=500.0, calls=CALLING, delays={Step.SUPPORT: 9_999.0}
    )
    assert world.steps()[-1] is Step.SUPPORT
    assert (len(diary.ends), len(diary.left_at)) == (1, 1)
    assert [r.fetch.step for r in world.canceled] == [Step.SUPPORT]
    played = diary.total("watched") + diary.total("stalled")
    assert played == NEAR(diary.left_at[0] - START)


def test_a_refusal_makes_another_share_of_people_call() -> None:
    refused = answering(Step.ENTITLEMENT, refusal("not_in_plan"))
    for calls, count in ((Calls(after_refusal=1.0), 1), (Calls(after_failure=1.0), 0)):
        world, _ = come(arrival(), refused, calls=calls)
        assert len(world.times(Step.SUPPORT)) == count


def test_nobody_calls_who_went_when_the_stay_was_over() -> None:
    world, diary = come(arrival(stay=30.0), calls=CALLING)
    assert (world.steps()[-1], diary.left_at) == (Step.LEAVE, [START + 30.0])


def test_who_still_watches_at_the_end_of_the_run_can_be_asked_to_leave_later() -> None:
    world, diary = World(Stack(), START), Diary()
    walk = world.start(visit(arrival(), scenario(), TARGET, START, diary))
    world.run(START + 30.0)
    farewell = walk.finish(START + 30.0)
    assert diary.left_at == []
    world.start(farewell, START + 33.0)
    world.run()
    assert (since(world, Step.LEAVE), world.steps()[-1]) == ([33.0], Step.LEAVE)


def test_who_has_no_playback_session_at_the_end_of_the_run_has_nothing_to_say() -> None:
    world = World(Stack(delays={Step.ENTITLEMENT: 9.0}), START)
    walk = world.start(visit(arrival(), scenario(), TARGET, START, Diary()))
    world.run(START + 5.0)
    assert walk.finish(START + 5.0) is None
