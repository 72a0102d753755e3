"""Estimating throughput and choosing a rendition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.behavior.bandwidth import Adaptation, Bandwidth, first_rung, ladder, next_rung
from loadtests.behavior.playlist import Variant

RULE = Adaptation(fast=3.0, slow=9.0, down=0.95, up=0.7)


def variants(*rates: float, seen: bool = True) -> list[Variant]:
    return [Variant(rate, f"http://t.invalid/{rate}", None, seen) for rate in rates]


def test_before_any_download_the_default_counts() -> None:
    assert Bandwidth().estimate(RULE, 77.0) == 77.0


@given(rate=st.floats(1e3, 1e8), count=st.integers(1, 30), took=st.floats(0.06, 20))
def test_a_steady_throughput_is_estimated_exactly_from_the_first_sample_on(
    rate: float, count: int, took: float
) -> None:
    meter = Bandwidth()
    for _ in range(count):
        meter.add(rate * took, took, RULE)
    assert meter.estimate(RULE, 0.0) == pytest.approx(rate)


def test_half_lives_are_seconds_of_downloading_and_the_lower_mean_counts() -> None:
    meter = Bandwidth()
    meter.add(100.0 * 900, 900.0, RULE)
    meter.add(0.0, 3.0, RULE)
    assert meter.estimate(RULE, 0.0) == pytest.approx(50.0)
    meter.add(400.0 * 9, 9.0, RULE)  # the fast mean is past 300, the slow one at 240
    assert meter.estimate(RULE, 0.0) == pytest.approx(200 + 0.25 * 2 ** (2 / 3) * 100, rel=0.02)


def test_a_very_short_download_counts_as_fifty_milliseconds() -> None:
    meter = Bandwidth()
    meter.add(1000.0, 0.0, RULE)
    assert meter.estimate(RULE, 0.0) == pytest.approx(20_000.0)


def test_the_ladder_is_what_the_device_plays_lowest_first() -> None:
    everything = variants(300.0, 100.0, 200.0)
    assert [v.bit_rate for v in ladder(everything, None)] == [100.0, 200.0, 300.0]
    assert [v.bit_rate for v in ladder(everything, 250.0)] == [100.0, 200.0]
    assert [v.bit_rate for v in ladder(everything, 1.0)] == [100.0]
    with_sound_only = [*everything, *variants(10.0, seen=False)]
    assert [v.bit_rate for v in ladder(with_sound_only, None)] == [100.0, 200.0, 300.0]


@pytest.mark.parametrize(
    ("current", "estimate", "chosen"),
    [
        (1, 200 / 0.95 + 1, 1),  # just fits
        (1, 200 / 0.95 - 1, 0),  # just does not
        (1, 300 / 0.7 - 1, 1),  # the next one does not fit easily
        (1, 300 / 0.7 + 1, 2),
        (2, 10.0, 0),  # down as far as it takes
        (0, 10.0, 0),
        (0, 1e9, 2),
    ],
)
def test_down_at_95_percent_of_the_estimate_and_up_at_70(
    current: int, estimate: float, chosen: int
) -> None:
    assert next_rung(variants(100.0, 200.0, 300.0), current, estimate, RULE) == chosen


@given(
    rates=st.lists(st.floats(1, 1e6), min_size=1, max_size=8).map(sorted),
    estimate=st.floats(0, 1e7),
    current=st.integers(0, 7),
)
def test_a_choice_is_settled_an_unchanged_estimate_changes_nothing(
    rates: list[float], estimate: float, current: int
) -> None:
    rungs = variants(*rates)
    chosen = next_rung(rungs, min(current, len(rungs) - 1), estimate, RULE)
    assert next_rung(rungs, chosen, estimate, RULE) == chosen


def test_playback_begins_with_what_one_would_step_up_to() -> None:
    rungs = variants(100.0, 200.0, 300.0)
    assert first_rung(rungs, 300.0, RULE) == 1
    assert first_rung(rungs, 1.0, RULE) == 0
