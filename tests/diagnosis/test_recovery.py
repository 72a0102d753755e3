from collections.abc import Mapping

import pytest

from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.failing import failing_spans
from loadtests.diagnosis.recovery import Recovery, recovery
from loadtests.vocabulary import Outcome, Step

Shares = Mapping[int, float]
ASKED = 50


def run(shares: Shares, *, step: Step = Step.HOME, length: int = 100) -> list[Window]:
    """50 first attempts a second, of which a share fails: that of the last second named."""
    windows, share = [], 0.0
    for second in range(length):
        share = shares.get(second, share)
        failed = round(ASKED * share)
        window = Window(second)
        for outcome, n in ((Outcome.OK, ASKED - failed), (Outcome.SERVER_ERROR, failed)):
            if n:
                times = Distribution()
                times.add(0.01, n)
                window.ended[step, outcome, False] = Tally(n, 0, times)
        windows.append(window)
    return windows


def found(windows: list[Window], *, tries: float = 1.0) -> Recovery:
    made = recovery(windows, failing_spans(windows), tries=tries)
    assert made is not None
    return made


def test_nothing_failed_nothing_recovered() -> None:
    assert recovery(run({}), []) is None


def test_a_repair_at_once_brings_everything_back_at_once() -> None:
    said = found(run({20: 1.0, 60: 0.0}))
    assert (said.step, round(said.began), said.worst) == (Step.HOME, 20, 1.0)
    assert said.last_failure == 60.0
    assert said.half == pytest.approx(60.0, abs=4)
    assert said.most == pytest.approx(60.0, abs=1)


def test_cells_come_back_one_after_the_other() -> None:
    said = found(run({20: 1.0, 40: 0.8, 50: 0.6, 60: 0.4, 70: 0.2, 80: 0.0}))
    assert said.half == pytest.approx(60.0, abs=4)
    assert said.most == pytest.approx(80.0, abs=2)


def test_a_long_tail_of_few_does_not_hide_that_most_is_back() -> None:
    said = found(run({20: 1.0, 60: 0.04}))
    assert said.most == pytest.approx(60.0, abs=2)
    assert said.last_failure == 100.0


def test_what_did_not_come_back_is_not_known_to_have() -> None:
    said = found(run({20: 1.0, 60: 0.7}))
    assert (said.half, said.most) == (None, None)
    half = found(run({20: 1.0, 60: 0.3}))
    assert half.half == pytest.approx(60.0, abs=4)
    assert half.most is None


def test_people_who_start_again_do_not_count_for_several() -> None:
    # of 20 viewers 4 still fail; each of them tries three times: 12 of 28 attempts
    again = found(run({20: 1.0, 60: 12 / 28}), tries=3.0)
    naive = found(run({20: 1.0, 60: 12 / 28 + 0.1}))
    assert again.half == pytest.approx(60.0, abs=4)
    assert naive.half is None


def test_a_second_failing_of_another_day_does_not_put_the_recovery_off() -> None:
    said = found(run({20: 1.0, 40: 0.0, 80: 0.5}))
    assert said.most == pytest.approx(40.0, abs=1)
    assert said.last_failure == 100.0


def test_the_way_to_the_picture_goes_before_errands() -> None:
    windows = run({20: 0.2, 60: 0.0})
    for window, site in zip(windows, run({10: 1.0}, step=Step.WEBSITE), strict=True):
        window.merge(site)
    assert found(windows).step is Step.HOME
    assert found(run({10: 1.0, 60: 0.0}, step=Step.WEBSITE)).step is Step.WEBSITE


def test_what_watchers_ask_for_is_looked_at_last_since_it_gets_better_as_they_give_up() -> None:
    windows = run({20: 0.2, 60: 0.0})
    for window, others in zip(windows, run({20: 1.0, 30: 0.0}, step=Step.PLAYLIST), strict=True):
        window.merge(others)
    assert found(windows).step is Step.HOME
    assert found(run({20: 1.0, 30: 0.0}, step=Step.PLAYLIST)).step is Step.PLAYLIST


def test_a_trickle_that_goes_on_failing_is_no_recovery() -> None:
    windows = run({20: 1.0})
    for window in windows[60:]:
        del window.ended[Step.HOME, Outcome.SERVER_ERROR, False]
        if window.second % 5 == 0:
            times = Distribution()
            times.add(0.01, 2)
            window.ended[Step.HOME, Outcome.SERVER_ERROR, False] = Tally(2, 0, times)
    said = found(windows)
    assert (said.half, said.most) == (None, None)


def test_retries_of_those_who_still_fail_are_left_out() -> None:
    windows = run({20: 1.0, 60: 0.0})
    for window in windows[60:]:
        times = Distribution()
        times.add(0.01, 40)
        window.ended[Step.HOME, Outcome.SERVER_ERROR, True] = Tally(40, 0, times)
    said = found(windows)
    assert said.most == pytest.approx(60.0, abs=1)
    assert said.last_failure == 100.0
