"""Evidence becomes odds: of a family only what weighs most counts, and never beyond its cap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.diagnosis.verdict.kinds import MOST, MOST_WEAK, Cause, Family
from loadtests.diagnosis.verdict.odds import PRIORS, apart, decibans, probabilities, weights
from loadtests.diagnosis.verdict.records import Evidence, Reading, Span

CAUSE = Cause.DEPENDENCY_OUTAGE


def item(family: Family, weight: float) -> Evidence:
    return Evidence(
        family=family,
        claim="",
        measure="requests",
        step=None,
        span=Span(start=0.0, stop=1.0),
        reading=Reading(value=1.0, low=1.0, high=1.0, samples=1),
        reference=None,
        reference_name="",
        weights={CAUSE: weight},
    )


def test_inside_a_family_the_greatest_weight_counts_and_not_the_sum() -> None:
    told = [item(Family.ONSET, 4.0), item(Family.ONSET, -9.0), item(Family.RETRIES, 3.0)]

    assert weights(told, CAUSE) == {Family.ONSET: -9.0, Family.RETRIES: 3.0}
    assert decibans(told)[CAUSE] == PRIORS[CAUSE] - 6.0


@pytest.mark.parametrize(
    ("family", "most"), [(Family.ONSET, MOST), (Family.CONCENTRATION, MOST_WEAK)]
)
def test_no_family_weighs_more_than_its_cap(family: Family, most: float) -> None:
    assert weights([item(family, 99.0)], CAUSE) == {family: most}
    assert weights([item(family, -99.0)], CAUSE) == {family: -most}


@given(st.dictionaries(st.sampled_from(list(PRIORS)), st.floats(-80, 80), min_size=1))
def test_probabilities_add_up_and_keep_the_order(of: dict[Cause, float]) -> None:
    found = probabilities(of)

    assert sum(found.values()) == pytest.approx(1)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_ten_decibans_are_ten_to_one() -> None:
    found = probabilities({Cause.RETRY_STORM: 10.0, CAUSE: 0.0})

    assert found[Cause.RETRY_STORM] == pytest.approx(10 / 11)
    assert apart(*found.values()) == pytest.approx(10)


def test_malice_begins_less_likely_than_anything_else() -> None:
    assert min(PRIORS, key=lambda cause: PRIORS[cause]) is Cause.MALICE_CAUSED
