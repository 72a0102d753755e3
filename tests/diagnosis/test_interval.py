import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.diagnosis.interval import wilson

TRIALS = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_it_is_the_interval_of_the_literature(
    hits: int, trials: int, low: float, high: float
) -> None:
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-5)


@given(TRIALS)
def test_it_holds_the_share_and_stays_between_nothing_and_all(counts: tuple[int, int]) -> None:
    hits, trials = counts
    low, high = wilson(hits, trials)
    assert 0.0 <= low <= hits / trials <= high <= 1.0
    assert (low == 0.0) == (hits == 0)


@given(TRIALS)
def test_hits_and_misses_mirror_each_other(counts: tuple[int, int]) -> None:
    hits, trials = counts
    low, high = wilson(trials - hits, trials)
    assert wilson(hits, trials) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_of_no_trials_anything_may_be_true() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
