"""Which titles are taken: Zipf's law, held against its own distribution."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.behavior.journeys.titles import title

TITLES = st.integers(1, 300)
POPULARITY = st.floats(0, 3)
RANK = st.floats(0, 1, exclude_max=True)


def upto(titles: int, popularity: float) -> list[float]:
    """The distribution as the law states it: P(number <= k) = H(k) / H(titles)."""
    weights = [1 / number**popularity for number in range(1, titles + 1)]
    return [part / sum(weights) for part in accumulate(weights)]


@given(TITLES, POPULARITY, RANK)
def test_a_rank_falls_to_the_title_whose_part_of_the_distribution_it_is_in(
    titles: int, popularity: float, rank: float
) -> None:
    number = int(title(rank, titles, popularity).removeprefix("title-"))
    bounds = [0.0, *upto(titles, popularity)]
    assert bounds[number - 1] - 1e-12 <= rank <= bounds[number] + 1e-12


@given(TITLES, POPULARITY, RANK, RANK)
def test_a_higher_rank_never_falls_to_a_more_popular_title(
    titles: int, popularity: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert title(low, titles, popularity) <= title(high, titles, popularity)


@pytest.mark.parametrize("rank", [0.0, 1 - 2**-53])
def test_the_ends_of_the_ranks_are_the_ends_of_the_catalog(rank: float) -> None:
    assert title(rank, 40, 1.0) == ("title-0001" if rank == 0 else "title-0040")


def test_without_popularity_all_titles_are_alike() -> None:
    drawn = [title((n + 0.5) / 400, 40, 0.0) for n in range(400)]
    assert {drawn.count(one) for one in drawn} == {10}
