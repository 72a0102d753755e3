from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.diagnosis.slope import QUANTUM, Point, slope


@given(
    rise=st.floats(-50, 50), start=st.floats(-1e3, 1e3), seconds=st.integers(4, 60),
    weight=st.floats(0.1, 10),
)  # fmt: skip
def test_a_straight_line_has_its_slope_and_no_error(
    rise: float, start: float, seconds: int, weight: float
) -> None:
    found = slope([Point(at, start + rise * at, weight) for at in range(seconds)])
    assert found.value == pytest.approx(rise, abs=1e-6)
    assert found.error == pytest.approx(0.0, abs=1e-6)


def test_of_too_few_points_nobody_knows_the_slope() -> None:
    assert slope([Point(at, at) for at in range(3)]).error == inf


def test_whole_numbers_are_never_more_exact_than_rounding_lets_them_be() -> None:
    exact = slope([Point(at, 5) for at in range(15)], least_scatter=QUANTUM)
    assert exact.error == pytest.approx(QUANTUM / (15 * 224 / 12) ** 0.5)


def test_a_point_that_is_the_mean_of_many_counts_as_many() -> None:
    crooked = [Point(0, 0), Point(1, 1), Point(2, 2), Point(3, 9)]
    heavy = [*crooked[:3], crooked[3]._replace(weight=1e9)]
    repeated = slope([*crooked, *[crooked[3]] * 99])
    assert slope(heavy).value > slope(crooked).value
    assert slope([*crooked[:3], crooked[3]._replace(weight=100)]).value == pytest.approx(
        repeated.value
    )


def test_a_bend_is_less_sure_than_scatter_of_the_same_size() -> None:
    scatter = [0, 6, 2, 8, 1, 7, 3, 9, 2, 8]
    bend = sorted(scatter[:5]) + sorted(scatter[5:], reverse=True)
    spread = slope([Point(at, value) for at, value in enumerate(scatter)])
    bent = slope([Point(at, value) for at, value in enumerate(bend)])
    assert bent.error > spread.error
