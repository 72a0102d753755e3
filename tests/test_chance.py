"""Chance is seeded, small, and has the distributions it says."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.chance import Chance


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
