"""From evidence to odds: priors, and of each family the weight that counts most."""

from collections.abc import Collection, Iterable, Mapping
from math import log10

from loadtests.diagnosis.verdict.kinds import MOST, MOST_WEAK, WEAK, Cause, Family, LeftOut
from loadtests.diagnosis.verdict.records import Evidence
from loadtests.units import Ratio

PRIORS: Mapping[Cause, float] = {
    Cause.DEMAND_ABOVE_KNEE: 0.0,
    Cause.CAPACITY_REGRESSION: 0.0,
    Cause.RETRY_STORM: 0.0,
    Cause.DEPENDENCY_OUTAGE: 0.0,
    Cause.POLICY_REJECTION: -3.0,
    Cause.DEFENCE_COLLATERAL: -3.0,
    Cause.MALICE_CAUSED: -6.0,
}
"""Decibans, in the order large streaming services report what befalls them."""


def weights(evidence: Iterable[Evidence], cause: Cause) -> Mapping[Family, float]:
    """What each family says of one cause: its greatest weight, for or against, within its cap."""
    found: dict[Family, float] = {}
    for item in evidence:
        weight = item.weights.get(cause, 0.0)
        if abs(weight) > abs(found.get(item.family, 0.0)):
            found[item.family] = weight
    return {family: _capped(family, weight) for family, weight in found.items()}


def decibans(evidence: Iterable[Evidence], without: Collection[LeftOut] = ()) -> dict[Cause, float]:
    """Prior and weights of each cause, but for those `without` which it is done."""
    items = tuple(evidence)
    return {
        cause: prior + sum(weights(items, cause).values())
        for cause, prior in PRIORS.items()
        if cause not in without
    }


def probabilities(of: Mapping[Cause, float]) -> dict[Cause, Ratio]:
    """The likeliest first; they add up to 1."""
    most = max(of.values())
    odds = {cause: 10 ** ((value - most) / 10) for cause, value in of.items()}
    total = sum(odds.values())
    ordered = sorted(odds.items(), key=lambda item: -item[1])
    return {cause: value / total for cause, value in ordered}


def apart(one: Ratio, other: Ratio) -> float:
    """Decibans between two probabilities."""
    return 10 * log10(max(one, 1e-12) / max(other, 1e-12))


def _capped(family: Family, weight: float) -> float:
    most = MOST_WEAK if family in WEAK else MOST
    return max(-most, min(most, weight))
