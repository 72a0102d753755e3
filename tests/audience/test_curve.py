import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loadtests.audience.curve import Curve
from loadtests.audience.shapes import Piece

rates = st.floats(0, 1000).map(lambda rate: 0.0 if rate < 1e-3 else rate)
parts = st.builds(
    lambda start, length, first, last: Piece(start, start + length, first, last),
    st.integers(-3600, 3600).map(float),
    st.integers(1, 3600).map(float),
    rates,
    rates,
)
curves = st.lists(parts, min_size=1, max_size=6).map(Curve)
offsets = st.floats(-4000, 8000)


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-6)


@given(curves, offsets, offsets, offsets)
def test_areas_add_up(curve: Curve, start: float, middle: float, stop: float) -> None:
    assert curve.area(start, stop) == close(curve.area(start, middle) + curve.area(middle, stop))


@given(curves, offsets, offsets)
def test_area_never_falls_with_time(curve: Curve, start: float, stop: float) -> None:
    start, stop = sorted((start, stop))
    assert curve.area(start, stop) >= -1e-9 * curve.total


@given(st.lists(parts, min_size=1, max_size=6), offsets)
def test_the_rate_is_the_sum_of_the_rates_of_its_parts(shape: list[Piece], offset: float) -> None:
    apart = sum(Curve([part]).rate(offset) for part in shape)
    assert Curve(shape).rate(offset) == close(apart)


@given(st.lists(parts, min_size=1, max_size=6), offsets, offsets)
def test_the_area_is_the_sum_of_the_areas_of_its_parts(
    shape: list[Piece], start: float, stop: float
) -> None:
    apart = sum(Curve([part]).area(start, stop) for part in shape)
    assert Curve(shape).area(start, stop) == pytest.approx(apart, rel=1e-9, abs=1e-5)


@given(curves, st.floats(0, 1, exclude_max=True))
def test_the_area_until_the_inverse_of_an_area_is_that_area(curve: Curve, part: float) -> None:
    assume(curve.total > 0)
    area = part * curve.total
    until = curve.area(-4000, curve.inverse(area))
    assert until == pytest.approx(area, rel=1e-9, abs=1e-9 * curve.total)


@given(curves, offsets)
def test_the_inverse_of_the_area_until_a_moment_is_that_moment(curve: Curve, offset: float) -> None:
    assume(curve.rate(offset) > 1e-3 and curve.rate(offset + 1e-3) > 1e-3)
    assert curve.inverse(curve.area(-4000, offset)) == pytest.approx(offset, abs=1e-2)


@given(curves, st.floats(0, 1), st.floats(0, 1))
def test_the_inverse_keeps_order(curve: Curve, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert curve.inverse(low * curve.total) <= curve.inverse(high * curve.total)


def test_a_jump_is_allowed_and_the_rate_is_what_it_jumps_to() -> None:
    curve = Curve([Piece(0, 10, 1, 1), Piece(10, 20, 5, 5)])
    assert [curve.rate(offset) for offset in (-1, 0, 9, 10, 19, 20)] == [0, 1, 1, 5, 5, 0]
    assert curve.area(5, 15) == 5 + 25


def test_nobody_is_placed_in_a_gap() -> None:
    curve = Curve([Piece(0, 10, 1, 1), Piece(50, 60, 1, 1)])
    assert curve.inverse(10.0) == 50.0
    assert curve.inverse(9.5) == 9.5


def test_an_area_beyond_the_curve_is_clamped_to_it() -> None:
    curve = Curve([Piece(0, 10, 1, 3)])
    assert (curve.inverse(-5), curve.inverse(curve.total), curve.inverse(100)) == (0, 10, 10)


def test_a_nearly_flat_slope_loses_no_digits() -> None:
    curve = Curve([Piece(0, 1000, 1.0, 1.0 + 1e-12)])
    assert curve.inverse(500.0) == pytest.approx(500.0, rel=1e-11)
