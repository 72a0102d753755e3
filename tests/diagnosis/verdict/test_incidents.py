"""The five incidents and their variants, on paper as the target's edge logs them."""

from dataclasses import replace
from functools import lru_cache

import pytest
from edge_nights import View, shipped, shipped_night
from overloads import figure, signed
from written_nights import EVERYTHING

from loadtests.diagnosis.signature import Signature
from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.diagnosis.verdict.kinds import Cause, Family, Hostile
from loadtests.diagnosis.verdict.night import Night, Origin
from loadtests.vocabulary import Step

pytestmark = pytest.mark.prove

INCIDENTS = {
    ("psg-juventus", "a"): (Cause.DEMAND_ABOVE_KNEE, Family.DEMAND),
    ("psg-juventus", "b"): (Cause.CAPACITY_REGRESSION, Family.DEMAND),
    ("psg-juventus", "c"): (Cause.MALICE_CAUSED, Family.DEMAND),
    ("psg-juventus", "d"): (Cause.DEMAND_ABOVE_KNEE, Family.DEMAND),
    ("netflix-outage", None): (Cause.DEPENDENCY_OUTAGE, Family.ONSET),
    ("password-sharing", "a"): (Cause.POLICY_REJECTION, Family.POLICY),
    ("password-sharing", "b"): (Cause.POLICY_REJECTION, Family.POLICY),
    ("offline-downloads", "a"): (Cause.POLICY_REJECTION, Family.POLICY),
    ("offline-downloads", "b"): (Cause.DEMAND_ABOVE_KNEE, Family.DEMAND),
    ("proximus-datacentre", None): (Cause.DEPENDENCY_OUTAGE, Family.ONSET),
}
HELD = {
    ("psg-juventus", "none"): Cause.SURGE_ABSORBED,
    ("password-sharing", "before"): Cause.NOMINAL,
    ("smoke", None): Cause.NOMINAL,
}


@pytest.mark.parametrize("view", ["edge", "samples"])
@pytest.mark.parametrize(("name", "variant"), INCIDENTS)
def test_an_incident_gets_its_mechanism(name: str, variant: str | None, view: View) -> None:
    verdict = diagnose(night(name, variant, view))

    assert verdict.cause.kind is INCIDENTS[name, variant][0]
    firm = [change.cause for change in verdict.formed if change.cause is not Cause.UNDETERMINED]
    troubled = [cause for cause in firm if cause not in HELD.values()]
    assert len(troubled) <= 2  # the first, and one change


@pytest.mark.parametrize(("name", "variant"), INCIDENTS)
def test_without_what_decides_it_an_incident_is_undetermined_and_names_it(
    name: str, variant: str | None
) -> None:
    deciding = INCIDENTS[name, variant][1]
    verdict = diagnose(night(name, variant), without={deciding}, formed=False)

    assert verdict.cause.kind is Cause.UNDETERMINED
    assert any(deciding is item.family for of in verdict.episodes for item in of.missing)


@pytest.mark.parametrize(("name", "variant"), HELD)
def test_an_evening_that_held_is_not_accused(name: str, variant: str | None) -> None:
    verdict = diagnose(night(name, variant))

    assert verdict.cause.kind is HELD[name, variant]
    assert verdict.hostile == ()


@pytest.mark.parametrize("variant", ["a", "b", "c"])
def test_psg_without_a_signature_is_neither_capacity_nor_malice(variant: str) -> None:
    verdict = diagnose(replace(night("psg-juventus", variant), signature=None), formed=False)

    assert verdict.cause.kind is Cause.UNDETERMINED


@pytest.mark.parametrize("variant", ["c", "d"])
def test_psg_c_and_d_name_the_stuffing_beside_the_cause(variant: str) -> None:
    verdict = diagnose(night("psg-juventus", variant), formed=False)

    assert [found.kind for found in verdict.hostile] == [Hostile.CREDENTIAL_STUFFING]
    if variant == "c":
        assert "without the" in verdict.cause.sentence


def test_the_support_desk_of_the_partner_is_overrun_because_of_the_refusals() -> None:
    verdict = diagnose(night("password-sharing", "b"), formed=False)

    desk = next(episode for episode in verdict.episodes if episode.step is Step.SUPPORT)
    assert desk.cause.kind is Cause.DEMAND_ABOVE_KNEE
    assert desk.caused_by is not None
    assert verdict.episodes[desk.caused_by].cause.kind is Cause.POLICY_REJECTION


def test_the_support_desk_after_the_power_failure_is_a_consequence_of_it() -> None:
    verdict = diagnose(night("proximus-datacentre", None), formed=False)

    desk = next(episode for episode in verdict.episodes if episode.step is Step.SUPPORT)
    assert desk.caused_by == 0
    assert desk.cause.alternatives[0].kind is Cause.DEMAND_ABOVE_KNEE


def night(name: str, variant: str | None, view: View = "edge") -> Night:
    """With the signature of the stack as it is; for a regression of the one as it was."""
    return Night(
        windows=shipped_night(name, variant, view),
        origin=Origin.SAMPLES if view == "samples" else Origin.ACCESS_LOG,
        source="access.jsonl",
        observed=EVERYTHING,
        signature=_signature(name, "none" if (name, variant) == ("psg-juventus", "b") else variant),
    )


@lru_cache
def _signature(name: str, variant: str | None) -> Signature:
    scenario = shipped(name, variant)
    known, stack = signed(scenario, spread=0.03), scenario.embedded_stack
    assert stack is not None
    desk = stack.support
    if desk is None:
        return known
    calls = figure(desk.agents / desk.handle_time, spread=0.03)
    return replace(known, knee={**known.knee, Step.SUPPORT: calls})
