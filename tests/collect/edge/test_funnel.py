from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.funnel import FOLLOWS_WITHIN, KNOWN_AFTER, Funnel
from loadtests.vocabulary import Step

LATER = 10.0 * KNOWN_AFTER


def outcome(funnel: Funnel, step: Step = Step.SIGN_IN) -> tuple[int, int]:
    """(successes, those continued) in the end."""
    decided = funnel.settle(LATER)
    went_on = sum(n for (_, of, on), n in decided.items() if of is step and on)
    return sum(n for (_, of, _), n in decided.items() if of is step), went_on


def test_who_asks_for_a_later_step_in_time_has_gone_on_by_account_or_by_client() -> None:
    funnel = Funnel()
    funnel.succeeded(Step.SIGN_IN, 1, 10, 0.0)
    funnel.succeeded(Step.SIGN_IN, None, 20, 0.0)
    funnel.succeeded(Step.SIGN_IN, 3, 30, 0.0)  # its later requests say nothing of the account
    funnel.succeeded(Step.SIGN_IN, 4, 40, 0.0)
    funnel.asked(Step.CATALOG, 1, 99, 5.0)
    funnel.asked(Step.CATALOG, None, 20, 5.0)
    funnel.asked(Step.PLAYLIST, None, 30, 5.0)
    assert outcome(funnel) == (4, 3)


def test_too_late_too_early_or_for_an_earlier_step_is_not_going_on() -> None:
    funnel = Funnel()
    for account in (1, 2, 3):
        funnel.succeeded(Step.SIGN_IN, account, None, 100.0)
    funnel.asked(Step.CATALOG, 1, None, 100.0 + FOLLOWS_WITHIN + 1)
    funnel.asked(Step.CATALOG, 2, None, 99.0)
    funnel.asked(Step.HOME, 3, None, 101.0)
    assert outcome(funnel) == (3, 0)


@given(st.integers(0, 20), st.integers(0, 30))
def test_behind_one_address_each_has_to_go_on_for_themselves(granted: int, asked: int) -> None:
    funnel = Funnel()
    for _ in range(granted):
        funnel.succeeded(Step.SIGN_IN, None, 7, 0.0)
    for _ in range(asked):
        funnel.asked(Step.CATALOG, None, 7, 1.0)
    assert outcome(funnel) == (granted, min(granted, asked))


def test_one_who_is_too_late_keeps_nobody_behind_the_same_address_from_going_on() -> None:
    funnel = Funnel()
    funnel.succeeded(Step.SIGN_IN, None, 7, 0.0)
    funnel.succeeded(Step.SIGN_IN, None, 7, 20.0)
    funnel.asked(Step.CATALOG, None, 7, 40.0)
    assert outcome(funnel) == (2, 1)


def test_an_account_goes_on_from_all_it_was_granted_at_once() -> None:
    funnel = Funnel()
    funnel.succeeded(Step.SIGN_IN, 1, 10, 0.0)
    funnel.succeeded(Step.SIGN_IN, 1, 11, 1.0)
    funnel.asked(Step.LICENSE, 1, 11, 2.0)
    assert outcome(funnel) == (2, 2)


def test_both_are_counted_when_it_is_known_whoever_goes_on_at_once_no_sooner() -> None:
    funnel = Funnel()
    for account in (1, 2):
        funnel.succeeded(Step.SIGN_IN, account, None, 3.5)
    funnel.asked(Step.CATALOG, 1, None, 4.0)
    assert not funnel.settle(3.0 + KNOWN_AFTER)
    assert funnel.settle(4.0 + KNOWN_AFTER) == {
        (3 + KNOWN_AFTER, Step.SIGN_IN, True): 1,
        (3 + KNOWN_AFTER, Step.SIGN_IN, False): 1,
    }
    assert not funnel.settle(LATER)


def test_the_stream_itself_and_whoever_is_unknown_are_not_followed() -> None:
    funnel = Funnel()
    funnel.succeeded(Step.SEGMENT, 1, 10, 0.0)
    funnel.succeeded(Step.SIGN_IN, None, None, 0.0)
    assert not funnel.settle(LATER)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Step.HOME, Step.SIGN_IN, Step.CATALOG, Step.PLAYLIST]),
            st.none() | st.integers(1, 3),
            st.none() | st.integers(1, 3),
            st.integers(0, 90),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_every_success_that_was_followed_is_decided_once(
    told: list[tuple[Step, int | None, int | None, int, bool]],
) -> None:
    funnel, followed, decided = Funnel(), 0, 0
    for step, account, client, at, granted in sorted(told, key=lambda one: one[3]):
        decided += sum(funnel.settle(at).values())
        funnel.asked_all(step, [account], [client or 0], [at])
        if granted:
            funnel.succeeded(step, account, client, at)
            followed += step is not Step.PLAYLIST and (account, client) != (None, None)
    decided += sum(funnel.settle(LATER).values())
    assert decided == followed
