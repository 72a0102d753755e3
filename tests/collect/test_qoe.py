from collections import Counter

import pytest

from loadtests.collect import qoe
from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Window
from loadtests.vocabulary import End


def times(*values: float) -> Distribution:
    made = Distribution()
    for value in values:
        made.add(value)
    return made


def test_the_stalled_ratio_is_stalled_time_of_all_time_played() -> None:
    assert qoe.stalled_ratio(Window(0, watched=9.0, stalled=1.0)) == 0.1
    assert qoe.stalled_ratio(Window(0)) is None


def test_the_bit_rate_is_in_bits_and_weighed_by_time_watched() -> None:
    # 10 s at 1,000 B/s and 30 s at 5,000 B/s
    window = Window(0, watched=40.0, bits_watched=10 * 1000.0 + 30 * 5000.0)
    assert qoe.bit_rate(window) == pytest.approx(32_000.0)
    assert qoe.bit_rate(Window(0, stalled=5.0)) is None


def test_startup_times_are_those_of_all_join_minutes() -> None:
    window = Window(0, startup={-1: times(1.0), 4: times(2.0, 3.0)})
    assert qoe.startup_times(window) == times(1.0, 2.0, 3.0)


def test_who_started_and_has_not_left_is_watching() -> None:
    ends = Counter({(0, End.IN_TIME): 5, (1, End.STARTED_LATE): 2, (1, End.NEVER_STARTED): 4})
    window = Window(0, arrived=Counter({0: 9, 1: 8}), ends=ends, left=3)
    assert qoe.watching(window) == 4
    assert qoe.still_starting(window) == 6
    assert qoe.ended(window, End.NEVER_STARTED) == 4
