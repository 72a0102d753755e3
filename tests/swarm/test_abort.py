"""What of a run's own figures stops it: over the last so many seconds, from all workers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.window import Tally, Window
from loadtests.scenario.stopping import Abort, AbortMetric
from loadtests.swarm.abort import Tripwire
from loadtests.vocabulary import End, Outcome, Step

ERRORS = Abort(metric=AbortMetric.ERROR_RATIO, at_most=0.1, lasting=3.0)
BLACK = Abort(metric=AbortMetric.BLACK_SCREENS, at_most=0.5, lasting=1.0)


def second(number: int, *, ok: int, failed: int, step: Step = Step.PLAYLIST) -> Window:
    window = Window(number, workers=1)
    window.ended[step, Outcome.OK, False] = Tally(ok)
    window.ended[step, Outcome.SERVER_ERROR, False] = Tally(failed)
    window.ended[step, Outcome.POLICY, False] = Tally(0)
    return window


def told(condition: Abort, *windows: Window) -> Tripwire:
    tripwire = Tripwire(condition, [End.NEVER_STARTED])
    for window in windows:
        tripwire.add(window)
    return tripwire


def test_it_strikes_over_its_whole_length_and_not_before() -> None:
    bad = [second(number, ok=8, failed=2) for number in range(3)]
    tripwire = told(ERRORS, *bad)
    assert [tripwire.struck(seconds) for seconds in (0, 1, 2)] == [None] * 3
    assert tripwire.struck(3) == "error_ratio was 20.0 % over the last 3s, above 10 %"


def test_a_bad_second_among_good_ones_does_not_strike_and_is_forgotten() -> None:
    tripwire = told(
        ERRORS, second(0, ok=9, failed=1), *(second(n, ok=10, failed=0) for n in (1, 2))
    )
    assert tripwire.struck(3) is None


def test_what_is_exactly_at_the_bound_holds() -> None:
    assert told(ERRORS, *(second(n, ok=9, failed=1) for n in range(3))).struck(3) is None


def test_nothing_ended_is_nothing_wrong() -> None:
    assert told(ERRORS).struck(100) is None


def test_only_the_step_it_is_about_counts() -> None:
    condition = Abort(metric=AbortMetric.ERROR_RATIO, at_most=0.1, lasting=1.0, step=Step.SIGN_IN)
    fine = second(0, ok=10, failed=0, step=Step.SIGN_IN)
    bad = second(0, ok=0, failed=99)
    assert told(condition, fine, bad).struck(1) is None
    worse = told(condition, second(0, ok=0, failed=1, step=Step.SIGN_IN)).struck(1)
    assert worse == "error_ratio of sign_in was 100.0 % over the last 1s, above 10 %"


def test_black_screens_are_counted_among_watchers_by_the_ends_the_scenario_names() -> None:
    window = Window(0, workers=1)
    window.ends[0, End.NEVER_STARTED] = 2
    window.ends[0, End.IN_TIME] = 1
    window.ends[0, End.SERVED] = 90
    assert told(BLACK, window).struck(1) == "black_screens was 66.7 % over the last 1s, above 50 %"


@given(
    windows=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20), st.integers(0, 20))),
    order=st.randoms(use_true_random=False),
)
def test_the_order_in_which_workers_deliver_changes_nothing(
    windows: list[tuple[int, int, int]], order: Random
) -> None:
    made = [second(number, ok=ok, failed=failed) for number, ok, failed in windows]
    shuffled = list(made)
    order.shuffle(shuffled)
    assert [told(ERRORS, *made).struck(n) for n in range(11)] == [
        told(ERRORS, *shuffled).struck(n) for n in range(11)
    ]


@pytest.mark.parametrize("lasting", [0.2, 1.0])
def test_the_shortest_length_is_a_second(lasting: float) -> None:
    condition = Abort(metric=AbortMetric.ERROR_RATIO, at_most=0.0, lasting=lasting)
    assert told(condition, second(0, ok=0, failed=1)).struck(1) is not None
