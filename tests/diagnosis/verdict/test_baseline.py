"""What was usual is every measure of every step, over the evening."""

import pytest
from written_nights import Asked, windows

from loadtests.diagnosis.verdict.baseline import baseline_of
from loadtests.vocabulary import Step


def test_a_baseline_holds_each_step_of_an_evening_by_measure() -> None:
    seen = windows(
        range(20), lambda _: {Step.HOME: Asked(good=3, bad=1), Step.LICENSE: Asked(good=2)}
    )

    found = baseline_of(seen, name="last week", same_class=True)

    assert found.usual["failed", "home"] == pytest.approx(0.25)
    assert found.usual["requests", "license"] == pytest.approx(2)
    assert (found.name, found.same_class) == ("last week", True)
