"""How evidence says what it speaks for."""

from collections.abc import Iterable

from loadtests.diagnosis.verdict.kinds import Cause, Hostile

Weights = dict[Cause | Hostile, float]
"""Decibans."""


def weights(*parts: tuple[Iterable[Cause], float]) -> Weights:
    """So many decibans for each of these causes; a later part goes before an earlier one."""
    return {cause: weight for causes, weight in parts for cause in causes}
