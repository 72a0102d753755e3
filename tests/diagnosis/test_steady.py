from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.chance import Chance
from loadtests.diagnosis.steady import steady


def poisson(chance: Chance, mean: float) -> int:
    """So many of a hundred times as many, each with a hundredth of a chance: close enough."""
    trials = 1000
    return sum(chance.uniform() < mean / trials for _ in range(trials))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 20))
def test_stretches_cover_everything_once_and_none_is_too_short(
    counts: list[int], least: int
) -> None:
    found = steady(counts, least)
    assert found[0][0] == 0
    assert found[-1][1] == len(counts)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert len(found) == 1 or all(stop - start >= least for start, stop in found)


@pytest.mark.parametrize("mean", [0.0, 0.2, 3.0, 40.0])
def test_one_rate_is_one_stretch(mean: float) -> None:
    chance = Chance(1)
    for _ in range(5):
        assert len(steady([poisson(chance, mean) for _ in range(200)], 1)) == 1


@pytest.mark.parametrize(("low", "high"), [(0.2, 2.0), (3.0, 9.0), (30.0, 50.0)])
def test_a_wave_is_a_stretch_of_its_own(low: float, high: float) -> None:
    chance = Chance(2)
    means = [low] * 60 + [high] * 40 + [low] * 60
    found = steady([poisson(chance, mean) for mean in means], 5)
    assert [(start, stop) for start, stop in found] == [
        (0, pytest.approx(60, abs=4)),
        (pytest.approx(60, abs=4), pytest.approx(100, abs=4)),
        (pytest.approx(100, abs=4), 160),
    ]


def test_the_last_place_for_a_cut_is_tried_too() -> None:
    assert steady([0] * 10 + [50] * 10, 10) == [(0, 10), (10, 20)]


def test_no_room_for_two_stretches_is_one() -> None:
    assert steady([0, 0, 0, 9], 3) == [(0, 4)]
    assert steady([5], 30) == [(0, 1)]
