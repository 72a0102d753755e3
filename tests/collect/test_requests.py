from collections import Counter

import pytest

from loadtests.collect import requests
from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Tally, Window
from loadtests.vocabulary import Outcome, Step


def tally(*times: float) -> Tally:
    spread = Distribution()
    for time in times:
        spread.add(time)
    return Tally(len(times), 10 * len(times), spread)


WINDOW = Window(
    0,
    sent=Counter({(Step.HOME, False): 4, (Step.HOME, True): 2, (Step.LICENSE, False): 2}),
    ended={
        (Step.HOME, Outcome.OK, False): tally(0.1, 0.2),
        (Step.HOME, Outcome.OVERLOAD, False): tally(0.3),
        (Step.HOME, Outcome.OVERLOAD, True): tally(0.4, 0.5),
        (Step.HOME, Outcome.CANCELED, False): tally(9.0),
        (Step.LICENSE, Outcome.POLICY, False): tally(0.6),
    },
)


def test_figures_are_those_of_one_step_or_of_all() -> None:
    assert [requests.sent(WINDOW, step) for step in (None, Step.HOME, Step.LEAVE)] == [8, 6, 0]
    assert [requests.retries(WINDOW, step) for step in (None, Step.LICENSE)] == [2, 0]
    assert [requests.ended(WINDOW, step) for step in (None, Step.HOME)] == [7, 6]
    assert requests.outcomes(WINDOW, Step.HOME) == {
        Outcome.OK: 2, Outcome.OVERLOAD: 3, Outcome.CANCELED: 1,
    }  # fmt: skip


def test_policy_and_the_viewers_own_will_are_no_failures() -> None:
    assert [requests.failures(WINDOW, step) for step in (None, Step.LICENSE)] == [3, 0]


def test_response_times_leave_out_what_the_viewer_gave_up() -> None:
    assert requests.response_times(WINDOW, Step.HOME).count == 5
    assert requests.response_times(WINDOW).max == 0.6


def test_amplification_is_requests_sent_for_each_intended() -> None:
    assert requests.amplification(WINDOW) == pytest.approx(8 / 6)
    assert requests.amplification(Window(0)) is None
