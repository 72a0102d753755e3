import pytest
from hypothesis import given
from hypothesis import strategies as st
from starts import BIN, spread


@given(per_bin=st.integers(1, 100), start=st.sampled_from([0.0, 1024.0]))
def test_starts_as_the_curve_says_deviate_nowhere(per_bin: int, start: float) -> None:
    gap = BIN / per_bin
    said = spread([start + (n + 0.5) * gap for n in range(100 * per_bin)], start=start, ramp=1.0)

    assert said["worst_bin"] == pytest.approx(0.0)
    assert said["fullest_bin"] == pytest.approx(0.01)
    assert said["start_lag_p99"] == pytest.approx(gap / 2, rel=1e-3)


def test_a_lump_is_a_deviation_in_sigmas_and_in_lag() -> None:
    said = spread([0.995] * 2_500 + [0.005] * 2_500, start=0.0, ramp=1.0)

    assert said["worst_bin"] == pytest.approx((2_500 - 50) / 50**0.5)
    assert said["fullest_bin"] == 0.5
    assert said["start_lag_p99"] == pytest.approx(0.485, abs=1e-3)


def test_nobody_starting_is_an_error() -> None:
    with pytest.raises(ValueError, match="nobody started"):
        spread([], start=0.0, ramp=1.0)
