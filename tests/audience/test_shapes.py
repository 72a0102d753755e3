from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience.shapes import pieces
from loadtests.scenario.demand import Shape, Surge

NAMED = [shape for shape in Shape if shape is not Shape.STRAIGHT]


def surge(shape: Shape, rates: tuple[float, float] | None = None) -> Surge:
    return Surge(shape=shape, start=-100.0, stop=300.0, share=0.25, rates=rates)


def brought(surge: Surge, stop: float) -> float:
    """Viewers of a crowd of 1000 that came before `stop`, a corner of the shape."""
    return sum(
        (p.first + p.last) / 2 * (p.stop - p.start) for p in pieces(surge, 1000) if p.stop <= stop
    )


@pytest.mark.parametrize("shape", NAMED)
def test_a_shape_brings_its_share_and_nothing_else(shape: Shape) -> None:
    assert brought(surge(shape), 300.0) == pytest.approx(250.0)


@given(st.floats(0, 100), st.floats(0.01, 100))
def test_a_straight_surge_brings_its_share_at_rates_in_the_given_proportion(
    first: float, last: float
) -> None:
    straight = surge(Shape.STRAIGHT, (first, last))
    (piece,) = pieces(straight, 1000)
    assert brought(straight, 300.0) == pytest.approx(250.0)
    assert piece.first * last == pytest.approx(piece.last * first)


@pytest.mark.parametrize("shape", NAMED)
def test_the_pieces_of_a_shape_fill_its_time_without_a_gap(shape: Shape) -> None:
    parts = pieces(surge(shape), 1000)
    assert (parts[0].start, parts[-1].stop) == (-100.0, 300.0)
    assert all(before.stop == after.start for before, after in pairwise(parts))


def test_a_rush_brings_a_quarter_in_its_first_half_and_speeds_up_throughout() -> None:
    before, after = pieces(surge(Shape.RUSH), 1000)
    assert brought(surge(Shape.RUSH), 100.0) == pytest.approx(62.5)
    assert 0 < before.last - before.first < after.last - after.first
    assert before.last == after.first


def test_a_wave_peaks_after_a_fifth_of_its_time() -> None:
    up, down = pieces(surge(Shape.WAVE), 1000)
    assert (up.first, up.stop, down.last) == (0.0, -20.0, 0.0)
    assert up.last == down.first == pytest.approx(2 * 250 / 400)


def test_a_surge_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="must end after it begins: 60 to 60"):
        pieces(Surge(shape=Shape.STEADY, start=60, stop=60, share=1.0), 1000)


@pytest.mark.parametrize("rates", [None, (0.0, 0.0), (-1.0, 2.0)])
def test_a_straight_surge_without_a_usable_rate_is_refused(
    rates: tuple[float, float] | None,
) -> None:
    with pytest.raises(ValueError, match="needs two rates"):
        pieces(surge(Shape.STRAIGHT, rates), 1000)
