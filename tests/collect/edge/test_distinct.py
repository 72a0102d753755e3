from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.chance import Chance
from loadtests.collect.edge.distinct import ERROR, FEW, Distinct


def hashes(count: int, seed: int = 0) -> list[int]:
    chance = Chance(seed)
    return [int(chance.uniform() * 2**53) << 11 for _ in range(count)]


@st.composite
def sketches(draw: st.DrawFn) -> Distinct:
    """Few or many, drawn from the same ones: two of them have some in common."""
    known = hashes(600)
    begin = draw(st.integers(0, 500))
    return Distinct(known[begin : begin + draw(st.sampled_from([0, 1, 7, FEW, FEW + 1, 90]))])


def merged(*parts: Distinct) -> Distinct:
    made = Distinct()
    for part in parts:
        made.merge(part)
    return made


@given(sketches(), sketches(), sketches())
def test_merging_is_associative_and_commutative_and_has_a_zero(
    a: Distinct, b: Distinct, c: Distinct
) -> None:
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert all(merged(*order) == merged(a, b, c) for order in permutations((a, b, c)))
    assert merged(a) == a == merged(a, Distinct()) == merged(a, a)


@given(st.integers(0, 500), st.integers(0, 500))
def test_two_workers_make_the_sketch_that_one_alone_would_have_made(
    begin: int, length: int
) -> None:
    known = hashes(700)
    one, other = known[: begin + 20], known[begin : begin + length]
    assert merged(Distinct(one), Distinct(other)) == Distinct(one + other)


@pytest.mark.parametrize("count", [0, 1, FEW])
def test_a_few_are_counted_one_by_one(count: int) -> None:
    sketch = Distinct(hashes(count) * 3)
    assert sketch.count == count
    assert bool(sketch) is (count > 0)


@pytest.mark.parametrize("count", [FEW + 1, 300, 3_000])
def test_many_are_counted_within_three_standard_errors(count: int) -> None:
    assert Distinct(hashes(count)).count == pytest.approx(count, rel=3 * ERROR)


def test_a_hash_is_cut_short_and_hundreds_of_thousands_are_counted_all_the_same() -> None:
    many = 300_000
    assert Distinct(hashes(many)).count == pytest.approx(many, rel=3 * ERROR)


def test_numbers_in_a_row_are_told_apart_as_well_as_hashes() -> None:
    assert Distinct(range(FEW)).count == FEW


@given(sketches())
def test_json_brings_back_the_same_sketch(sketch: Distinct) -> None:
    told = sketch.to_json()
    assert Distinct.from_json(told) == sketch
    assert Distinct.from_json(told).to_json() == told


def test_what_was_merged_stays_as_it_was() -> None:
    few, many = Distinct(hashes(3)), Distinct(hashes(500, seed=1))
    before = few.to_json(), many.to_json()
    merged(few, many)
    assert (few.to_json(), many.to_json()) == before


@pytest.mark.parametrize("told", ["AA==", "A", "~", "~AAAA", "A" * 4 * (FEW + 1), "~eJwDAAAAAAE="])
def test_what_is_no_sketch_is_an_error_not_a_guess(told: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Distinct.from_json(told)
