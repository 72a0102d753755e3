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
from loadtests.diagnosis.verdict.kinds import Cause, Family, Hostile, LeftOut
from loadtests.diagnosis.verdict.odds import PRIORS

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


def judge_left_out(asked: tuple[str, int]) -> list[tuple[str, str, bool]]:
    """(case, what was left out, whether nothing wrong was said) for each pattern and cause of it.

    Generator and judge have the same authors: so each is judged as by somebody who had never
    thought of it. Undetermined is right then, and so is what else is true of the evening.
    """
    case, _ = asked
    truth = evening(*asked)
    causes = [cause for cause in PRIORS if cause in truth.play.causes]
    leaving: list[LeftOut] = [*truth.play.hostile, *causes]
    told = []
    for missing in leaving:
        line = judged(truth, diagnose(truth.night, without={missing}, formed=False))
        fine = {*line.right, Cause.UNDETERMINED.value}
        if isinstance(missing, Hostile):  # what it did is left, and nobody may be blamed for it
            fine |= {Cause.NOMINAL, Cause.SURGE_ABSORBED}
        innocent = set(line.said) <= {*line.labels, Hostile.SCANNER}
        told.append((case, missing.value, line.cause in fine and innocent))
    return told


def side_by_side(
    work: Callable[[tuple[str, int]], Any], asked: Sequence[tuple[str, int]], processes: int = 2
) -> list[Any]:
    """`work` over all of them, in order."""
    if processes == 1:
        return [work(one) for one in asked]
    with get_context("fork").Pool(processes) as pool:
        return pool.map(work, asked, chunksize=8)
