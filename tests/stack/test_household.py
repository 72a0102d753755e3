"""The household rule, as the stack's entitlement applies it."""

import pytest
from evening import DAY, HOUR, Asker, Evening, device, told
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.exchange import Stated
from loadtests.stack.policies import HouseholdRule
from loadtests.vocabulary import Trait

ACCOUNT = "viewer-0000123"
RULE = HouseholdRule(start=1 * HOUR)
INSIDE = Asker(ACCOUNT, device(1))
OUTSIDE = Asker(ACCOUNT, device(2, Trait.OUTSIDE))


def may_watch(evening: Evening, by: Asker, at: float) -> bool:
    answer = evening.get("/entitlement", by=by, at=at)
    assert answer.outcome in {Stated.OK, Stated.NOT_IN_HOUSEHOLD}
    return answer.outcome is Stated.OK


def code(evening: Evening, by: Asker, at: float) -> str:
    answer = evening.post("/household/code", by=by, at=at)
    assert answer.status == 202
    said: str = told(answer)["code"]
    return said


@given(st.floats(-10 * DAY, 10 * DAY))
def test_inside_the_household_nothing_changes(at: float) -> None:
    assert may_watch(Evening(household=RULE), INSIDE, at)


@given(st.floats(-2 * DAY, 2 * DAY).filter(lambda at: abs(at - RULE.start) > 1))
def test_outside_it_the_rule_holds_from_its_start_on(at: float) -> None:
    assert may_watch(Evening(household=RULE), OUTSIDE, at) == (at < RULE.start)


def test_a_refusal_is_a_policy_with_its_code() -> None:
    answer = Evening(household=RULE).get("/entitlement", by=OUTSIDE, at=2 * HOUR)
    assert answer.status == 403
    assert told(answer) == {"error": "policy", "code": "not_in_household"}


def test_without_the_rule_or_before_the_run_devices_may_be_anywhere() -> None:
    assert may_watch(Evening(), OUTSIDE, 9 * DAY)
    assert may_watch(Evening(household=RULE, begun=False), OUTSIDE, 9 * DAY)


@given(st.floats(0, 60 * DAY), st.floats(0, 30 * DAY), st.sampled_from([1.0, 1600.0]))
def test_a_code_lets_a_device_in_for_its_life(entered: float, later: float, speed: float) -> None:
    evening = Evening(household=RULE, speed=speed)
    answer = evening.post(
        "/household", code=code(evening, OUTSIDE, entered), by=OUTSIDE, at=entered
    )
    assert (answer.status, told(answer)) == (200, {"verified": True})
    at = entered + later
    if abs(later - RULE.code_life) > 1:
        assert may_watch(evening, OUTSIDE, at) == (at < RULE.start or later < RULE.code_life)


def test_a_code_is_for_one_device_of_one_account() -> None:
    evening = Evening(household=RULE)
    evening.post("/household", code=code(evening, OUTSIDE, HOUR), by=OUTSIDE, at=HOUR)
    assert not may_watch(evening, Asker(ACCOUNT, device(3, Trait.OUTSIDE)), 2 * HOUR)
    assert not may_watch(evening, Asker("viewer-0000124", OUTSIDE.device), 2 * HOUR)


@pytest.mark.parametrize("wrong", ["", "12345", "viewer"])
def test_a_wrong_code_is_refused_by_policy(wrong: str) -> None:
    evening = Evening(household=RULE)
    answer = evening.post("/household", code=wrong, by=OUTSIDE, at=HOUR)
    assert (answer.status, answer.outcome) == (403, Stated.NOT_IN_HOUSEHOLD)
    assert not may_watch(evening, OUTSIDE, HOUR)


def test_a_second_code_counts_from_when_it_is_entered() -> None:
    evening = Evening(household=RULE)
    said = code(evening, OUTSIDE, HOUR)
    for day in (1, 10):
        evening.post("/household", code=said, by=OUTSIDE, at=day * DAY)
    assert may_watch(evening, OUTSIDE, 23 * DAY)
    assert not may_watch(evening, OUTSIDE, 25 * DAY)


def test_an_account_of_its_own_makes_a_household_where_its_device_is() -> None:
    evening = Evening(household=RULE, refused_accounts=1.0, accounts_on_hold=1.0)
    name = "viewer-90000002"
    fields = {"account": name, "password": f"password-of-{name}"}
    asker = Asker(None, OUTSIDE.device)
    assert evening.answer("POST", "/sign-up", fields, by=asker, at=HOUR).status == 201
    mine = Asker(name, OUTSIDE.device)
    evening.post("/household", code=code(evening, mine, HOUR), by=mine, at=HOUR)
    assert may_watch(evening, mine, 400 * DAY)
    assert not may_watch(evening, Asker(name, device(3, Trait.OUTSIDE)), 400 * DAY)
