import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.diagnosis.overload import LEAST, stepped_up


def test_a_rate_that_steps_up_and_stays_is_told_with_its_moment() -> None:
    assert stepped_up([20] * 30 + [31] * 30) == (30.0, 20.0, 31.0)


@pytest.mark.parametrize("counts", [[20] * 60, [31] * 30 + [20] * 30, [20, 21] * 30])
def test_a_rate_that_stays_or_falls_has_not_stepped_up(counts: list[int]) -> None:
    assert stepped_up(counts) is None


def test_a_rate_that_comes_back_down_has_not_stepped_up_for_good() -> None:
    assert stepped_up([20] * 30 + [40] * 20 + [20] * 30) is None


@given(counts=st.lists(st.integers(0, 50), max_size=2 * LEAST - 1))
def test_in_too_short_a_time_there_is_no_room_for_two_rates(counts: list[int]) -> None:
    assert stepped_up(counts) is None
