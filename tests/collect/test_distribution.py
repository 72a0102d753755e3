import json
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.distribution import GROWTH, RESOLUTION, Distribution

FINITE = st.floats(-1e9, 1e9, allow_subnormal=False)
# sums of few of these are exact in floats, so that the laws can be held to equality
EXACT = st.integers(-(2**30), 2**30).map(lambda n: n / 2**20)
SHARES = st.sampled_from(["0.001", "0.01", "0.07", "0.25", "0.5", "0.9", "0.95", "0.99", "0.999"])


def distribution(values: list[float]) -> Distribution:
    made = Distribution()
    for value in values:
        made.add(value)
    return made


def merged(*parts: Distribution) -> Distribution:
    made = Distribution()
    for part in parts:
        made.merge(part)
    return made


@given(st.lists(FINITE, min_size=1, max_size=200), SHARES)
def test_a_quantile_is_within_one_percent_of_the_value_of_its_nearest_rank(
    values: list[float], share: str
) -> None:
    rank = max(1, math.ceil(Fraction(share) * len(values)))
    exact = sorted(values)[rank - 1]
    found = distribution(values).quantile(float(share))
    assert abs(found - exact) <= max(0.01 * abs(exact), RESOLUTION)


@given(st.lists(FINITE, min_size=1))
def test_count_sum_least_and_greatest_are_exact(values: list[float]) -> None:
    made = distribution(values)
    assert (made.count, made.min, made.max) == (len(values), min(values), max(values))
    assert made.total == sum(values)
    assert made.mean == sum(values) / len(values)


@given(st.lists(FINITE), st.lists(FINITE))
def test_many_values_at_once_count_as_one_by_one(first: list[float], then: list[float]) -> None:
    made = Distribution()
    made.extend(first)
    made.extend(then)
    one_by_one = distribution(first + then)

    assert (made.buckets, made.count) == (one_by_one.buckets, one_by_one.count)
    assert (made.min, made.max) == (one_by_one.min, one_by_one.max)
    assert made.total == pytest.approx(one_by_one.total, rel=1e-9, abs=1e-3)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_many_values_at_once_are_refused_if_one_is_not_finite(value: float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        Distribution().extend([1.0, value, 2.0])


@given(st.lists(FINITE, min_size=1))
def test_the_ends_of_the_scale_are_the_least_and_the_greatest_value(values: list[float]) -> None:
    made = distribution(values)
    assert (made.quantile(0.0), made.quantile(1.0)) == (min(values), max(values))


def test_of_sixty_values_p99_is_the_greatest() -> None:
    assert distribution([float(n) for n in range(1, 61)]).quantile(0.99) == 60.0


def test_a_rank_that_floats_round_up_is_still_the_nearest() -> None:
    assert math.ceil(0.07 * 100) == 8  # what a careless ceil makes of it
    made = distribution([1.0] * 7 + [2.0] * 93)
    assert made.quantile(0.07) == pytest.approx(1.0, rel=0.01)


def test_the_quantile_of_nothing_is_not_a_number() -> None:
    assert math.isnan(Distribution().quantile(0.5))
    assert math.isnan(Distribution().mean)


@given(EXACT, st.integers(1, 1000))
def test_counting_a_value_many_times_is_adding_it_so_often(value: float, count: int) -> None:
    at_once = Distribution()
    at_once.add(value, count)
    assert at_once == distribution([value] * count)


@given(st.lists(EXACT), st.lists(EXACT), st.lists(EXACT))
def test_merging_is_associative_and_commutative_and_the_empty_one_is_its_zero(
    a: list[float], b: list[float], c: list[float]
) -> None:
    x, y, z = distribution(a), distribution(b), distribution(c)
    assert merged(merged(x, y), z) == merged(x, merged(y, z)) == merged(z, y, x)
    assert merged(x, Distribution()) == x == merged(Distribution(), x)


@given(st.lists(EXACT), st.lists(EXACT))
def test_merging_is_as_if_all_values_had_been_added_to_one(a: list[float], b: list[float]) -> None:
    assert merged(distribution(a), distribution(b)) == distribution(a + b)


@given(st.lists(EXACT, min_size=1), st.lists(EXACT, min_size=1))
def test_what_was_merged_stays_as_it_was(a: list[float], b: list[float]) -> None:
    source, target = distribution(a), Distribution()
    target.merge(source)
    target.merge(distribution(b))
    assert source == distribution(a)


@given(st.lists(FINITE))
def test_json_brings_back_the_same_distribution(values: list[float]) -> None:
    made = distribution(values)
    again = Distribution.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert again.count == made.count


def test_json_of_a_thousand_response_times_is_short() -> None:
    made = distribution([0.02 * 1.003**n for n in range(1000)])
    assert len(json.dumps(made.to_json(), separators=(",", ":"))) < 1000


@given(st.lists(FINITE), FINITE)
def test_those_at_most_a_value_are_counted_but_for_one_percent_around_it(
    values: list[float], limit: float
) -> None:
    slack = abs(limit) * (GROWTH - 1) + RESOLUTION
    found = distribution(values).at_most(limit)
    assert sum(v <= limit - slack for v in values) <= found
    assert found <= sum(v <= limit + slack for v in values)


@given(st.lists(FINITE))
def test_walking_it_gives_every_value_in_order_within_one_percent(values: list[float]) -> None:
    walked = [value for value, count in distribution(values) for _ in range(count)]
    assert walked == sorted(walked)
    assert walked == pytest.approx(sorted(values), rel=0.01, abs=RESOLUTION)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_not_counted(value: float) -> None:
    made = distribution([1.0])
    with pytest.raises((ValueError, OverflowError)):
        made.add(value)
    assert made == distribution([1.0])


@given(st.lists(EXACT, min_size=1), st.lists(EXACT))
def test_what_was_read_can_be_asked_merged_and_added_to_like_any_other(
    values: list[float], more: list[float]
) -> None:
    def read() -> Distribution:
        return Distribution.from_json(json.loads(json.dumps(distribution(values).to_json())))

    whole = distribution([*values, *more])
    assert read() == distribution(values)
    assert list(read()) == list(distribution(values))
    assert read().to_json() == distribution(values).to_json()
    assert merged(read(), distribution(more)) == whole
    added = read()
    added.merge(distribution(more))
    assert added == whole
    again = read()
    for value in more:
        again.add(value)
    assert again == whole
    assert read().at_most(0.0) == distribution(values).at_most(0.0)


@pytest.mark.parametrize("parts", [[1.0, 1.0, 1.0, 5], [1.0, 1.0, 1.0, "5", 1], [1.0, 1.0]])
def test_what_is_no_distribution_is_an_error_when_it_is_read(parts: list[object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Distribution.from_json(parts)


def test_a_distribution_has_no_attribute_it_has_not() -> None:
    with pytest.raises(AttributeError):
        _ = Distribution.from_json([1.0, 1.0, 1.0, 5, 1]).median  # type: ignore[attr-defined] # that is the point
