"""Chance is seeded, small, and has the distributions it says."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.chance import Chance, Spread


@given(st.integers(), st.floats(0.001, 1e6))
def test_an_exponential_draw_is_the_inverse_of_its_distribution(seed: int, mean: float) -> None:
    drawn, rank = Chance(seed).exponential(mean), Chance(seed).uniform()
    assert 1 - exp(-drawn / mean) == pytest.approx(rank, abs=1e-12)


def test_exponential_draws_have_the_mean_and_the_spread_they_should() -> None:
    chance = Chance(1)
    drawn = [chance.exponential(5.0) for _ in range(10_000)]
    assert min(drawn) >= 0
    assert sum(drawn) / 10_000 == pytest.approx(5.0, abs=4 * 5.0 / 100)
    assert sum(one > 5.0 for one in drawn) / 10_000 == pytest.approx(exp(-1), abs=0.02)


@given(st.integers(0, 2**53), st.floats(0.05, 0.95), st.integers(0, 5_000))
def test_of_any_streams_that_follow_each_other_the_right_share_is_spread(
    seed: int, share: float, first: int
) -> None:
    behind = 0.0
    for stream in range(first, first + 200):
        behind += share - (Spread(seed, stream).uniform() < share)
        assert abs(behind) < 4


def test_the_numbers_of_one_spread_stream_do_not_go_together() -> None:
    """In every quarter of the square of any two of them lies a quarter of the streams."""
    drawn = [[spread.uniform() for _ in range(8)] for spread in (Spread(5, i) for i in range(2000))]
    for a in range(8):
        for b in range(a):
            quarter = sum(row[a] < 0.5 and row[b] < 0.5 for row in drawn)
            assert abs(quarter - 500) < 50
