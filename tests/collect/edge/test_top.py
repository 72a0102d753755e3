from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.top import KEPT, Top

CAME = st.lists(st.integers(0, 40), max_size=120)


def top(keys: list[int]) -> Top:
    made = Top()
    made.update(keys)
    return made


def merged(*parts: Top) -> Top:
    made = Top()
    for part in parts:
        made.merge(part)
    return made


@given(CAME, CAME, CAME)
def test_in_whatever_order_they_are_merged_counts_are_too_low_by_what_was_missed_at_most(
    a: list[int], b: list[int], c: list[int]
) -> None:
    came = Counter(a + b + c)
    for made in (
        merged(merged(top(a), top(b)), top(c)),
        merged(top(a), merged(top(c), top(b))),
        top(c + a + b),
    ):
        assert made.missed * (KEPT + 1) <= came.total()
        assert len(made.counts) <= KEPT
        for key, n in came.items():
            assert n - made.missed <= made.counts.get(key, 0) <= n


@given(st.lists(st.integers(0, KEPT - 1)), st.lists(st.integers(0, KEPT - 1)))
def test_a_few_are_counted_exactly(a: list[int], b: list[int]) -> None:
    assert merged(top(a), top(b)).counts == Counter(a + b)
    assert merged(top(a), top(b)) == merged(top(b), top(a)) == top(a + b)


def test_who_makes_more_than_a_ninth_of_all_is_among_them_for_certain() -> None:
    crowd = Top()
    for number in range(4_000):
        crowd.add(number + 1)
        if number % 6 == 0:
            crowd.add(0)
    assert max(crowd.counts, key=crowd.counts.__getitem__) == 0


def test_where_nobody_comes_more_often_than_others_there_is_nothing_to_tell() -> None:
    assert top([*range(1_000)]).counts == {}


@given(CAME)
def test_json_brings_back_the_same(keys: list[int]) -> None:
    assert Top.from_json(top(keys).to_json()) == top(keys)


@pytest.mark.parametrize("parts", [[0, 1], [0, 1, "A"], ["x"], [0, 1, 7]])
def test_what_is_no_top_is_an_error_not_a_guess(parts: list[object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Top.from_json(parts)
