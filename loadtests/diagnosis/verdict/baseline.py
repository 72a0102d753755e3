"""What was usual on an evening that was held."""

from collections.abc import Sequence

from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.measures.measure import merged
from loadtests.diagnosis.verdict.night import Baseline


def baseline_of(windows: Sequence[EdgeWindow], *, name: str, same_class: bool) -> Baseline:
    """Every measure of every step over the evening; `same_class`: of the same event class."""
    whole, lasted = merged(windows), float(max(1, len(windows)))
    usual = {}
    for step in whole.steps:
        for key, measure in MEASURES.items():
            reading = measure.of(whole, step, lasted=lasted)
            if reading is not None:
                usual[key, "" if step is None else str(step)] = reading.value
    return Baseline(usual=usual, same_class=same_class, name=name)
