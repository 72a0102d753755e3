"""Whoever mistypes a password comes back with the right one; whoever tries stolen ones does not."""

from collections import Counter

from loadtests.collect.edge.funnel import FOLLOWS_WITHIN, KNOWN_AFTER
from loadtests.collect.edge.returns import TYPED_WRONG, Returns
from loadtests.vocabulary import Step

FAN, BOT, ACCOUNT = 1, 2, 77
LATER = 1000.0


def told(returns: Returns) -> Counter[bool]:
    made: Counter[bool] = Counter()
    for (_, _, back), n in returns.settle(LATER).items():
        made[back] += n
    return made


def test_who_is_let_in_soon_after_has_returned_and_nobody_else_has() -> None:
    returns = Returns()
    returns.refused(Step.SIGN_IN, None, FAN, 10.0)
    returns.refused(Step.SIGN_IN, None, BOT, 10.0)
    returns.let_in(None, FAN, 14.0)
    assert returns.settle(10.0 + KNOWN_AFTER) == {}
    assert returns.settle(LATER) == {
        (10 + KNOWN_AFTER, Step.SIGN_IN, True): 1,
        (10 + KNOWN_AFTER, Step.SIGN_IN, False): 1,
    }


def test_who_is_let_in_before_or_too_late_has_not_returned() -> None:
    returns = Returns()
    returns.refused(Step.SIGN_IN, None, FAN, 10.0)
    returns.let_in(None, FAN, 9.0)
    returns.let_in(None, FAN, 10.5 + FOLLOWS_WITHIN)
    assert told(returns) == {False: 1}


def test_one_success_takes_back_no_more_than_a_person_mistypes_of_an_address() -> None:
    returns = Returns()
    for number in range(20):
        returns.refused(Step.SIGN_IN, None, BOT, 10.0 + number / 10)
    returns.let_in(None, BOT, 13.0)
    assert told(returns) == {True: TYPED_WRONG, False: 20 - TYPED_WRONG}


def test_an_account_that_gets_in_takes_back_its_own_and_nobody_elses_refusals() -> None:
    returns = Returns()
    returns.refused(Step.SIGN_IN, ACCOUNT, FAN, 10.0)
    returns.refused(Step.SIGN_IN, ACCOUNT + 1, FAN, 10.0)
    returns.let_in(ACCOUNT, FAN, 12.0)
    assert told(returns) == {True: 1, False: 1}
