"""One written night for each cause, which is told from the step STEP alone."""

from collections.abc import Mapping
from dataclasses import replace

from written_nights import WAITED, Asked, Played, crowd, served

from loadtests.collect.edge.sighting import Said
from loadtests.diagnosis.verdict.kinds import Cause
from loadtests.vocabulary import Step

STEP = Step.ENTITLEMENT


def demand(second: int) -> Mapping[Step, Asked]:
    return {STEP: served(crowd(second), capacity=20)}


def regression(second: int) -> Mapping[Step, Asked]:
    return {STEP: served(crowd(second, peak=15), capacity=8, took=0.12)}


def outage(second: int) -> Mapping[Step, Asked]:
    is_down = 100 <= second < 160
    down = Asked(good=0, bad=5, said=Said.SERVER_ERROR)
    return {step: down if is_down else Asked(good=5) for step in (Step.HOME, STEP)}


def storm(second: int) -> Mapping[Step, Asked]:
    """A short failure, and its repeats keep the step full long after."""
    if 90 <= second < 105:
        return {STEP: Asked(good=0, bad=12, said=Said.SERVER_ERROR)}
    if 105 <= second < 200:
        return {STEP: Asked(good=20, took=WAITED, bad=50, retries=45, repaired=13)}
    return {STEP: Asked(good=12)}


def policy(second: int) -> Mapping[Step, Asked]:
    refused = 2 if second > 100 else 0
    return {STEP: Asked(good=5, bad=refused, said=Said.POLICY, code="not_in_plan")}


def collateral(second: int) -> Mapping[Step, Asked]:
    blocked = 3 if 100 < second < 180 else 0
    return {STEP: Asked(good=5, bad=blocked, said=Said.BLOCKED)}


NIGHTS: Mapping[Cause, Played] = {
    Cause.DEMAND_ABOVE_KNEE: demand,
    Cause.CAPACITY_REGRESSION: regression,
    Cause.DEPENDENCY_OUTAGE: outage,
    Cause.RETRY_STORM: storm,
    Cause.POLICY_REJECTION: policy,
    Cause.DEFENCE_COLLATERAL: collateral,
}


def times(asked: Asked, factor: float) -> Asked:
    """So many times as many of each."""
    bad = round(asked.bad * factor)
    return replace(
        asked,
        good=round(asked.good * factor),
        bad=bad,
        retries=min(bad, round(asked.retries * factor)),
        repaired=round(asked.repaired * factor),
    )
