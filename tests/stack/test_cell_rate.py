"""A rate held over any span."""

from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.cell_rate import CellRate


@given(st.floats(0.01, 50.0), st.lists(st.floats(0.0, 2.0), max_size=100))
def test_over_any_span_no_more_pass_than_the_rate_and_one_burst(
    rate: float, gaps: list[float]
) -> None:
    cells, now, passed = CellRate(rate), 1.8e9, []
    for gap in gaps:
        now += gap
        if cells.admits(now):
            passed.append(now)
    burst = max(1.0, rate)  # one second's worth
    for i, first in enumerate(passed):
        for j in range(i, len(passed)):
            assert j - i + 1 <= (passed[j] - first) * rate + burst + 1e-3


@given(st.floats(0.01, 50.0), st.integers(1, 200))
def test_whoever_keeps_to_the_rate_passes(rate: float, number: int) -> None:
    cells = CellRate(rate)
    assert all(cells.admits(1e5 + n / rate + n * 1e-6) for n in range(number))
