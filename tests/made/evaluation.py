"""Judges evenings whose truth is known, side by side, and adds up how right it was."""

from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context
from typing import Any

from blinded import without
from rivals import features
from scoring import Judged, judged
from truth_cases import evening
from truth_play import Truth

from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.diagnosis.verdict.kinds import Family

DECIDING: Mapping[str, tuple[Family, ...]] = {
    "demand": (Family.DEMAND,),
    "regression": (Family.DEMAND,),
    "malice": (Family.DEMAND,),
    "storm": (Family.RETRIES,),
    "policy": (Family.POLICY,),
    "collateral": (Family.POLICY,),
}
"""What of the evidence decides a case: without it, it must be undetermined."""


def judge(truth: Truth) -> Judged:
    """What the diagnosis says of it."""
    return judged(truth, diagnose(truth.night), features=features(truth.night))


def judge_evening(asked: tuple[str, int]) -> Judged:
    """Play it and judge it."""
    return judge(evening(*asked))


def judge_blinded(asked: tuple[str, int]) -> list[tuple[str, str, str]]:
    """(case, family, cause said) with each deciding family removed in turn."""
    case, _ = asked
    truth = evening(*asked)
    return [
        (case, family.value, diagnose(without(truth.night, family)).cause.kind.value)
        for family in DECIDING[case]
    ]


def side_by_side(
    work: Callable[[tuple[str, int]], Any], asked: Sequence[tuple[str, int]], processes: int = 2
) -> list[Any]:
    """`work` over all of them, in order."""
    if processes == 1:
        return [work(one) for one in asked]
    with get_context("fork").Pool(processes) as pool:
        return pool.map(work, asked, chunksize=8)
