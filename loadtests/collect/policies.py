"""Codes of refusals by policy: a target's own words, kept to a closed and small set."""

import re
from collections import Counter
from collections.abc import Mapping

from loadtests.vocabulary import Step

CODES = 20
"""Told apart at each step. A rule book has a handful; a target that invents more names its viewers,
and those belong into no record."""

OTHER = "other"
"""Stands for all further codes, and for what is none."""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,40}")


class Codes:
    """The codes met at each step so far: the first CODES of them are told apart."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Step, set[str]] = {}

    def file(self, step: Step, code: str) -> str:
        """`code`, or OTHER: for one too many at this step, or one that reads as none."""
        known = self._known.setdefault(step, set())
        if code in known:
            return code
        if len(known) == CODES or not _CODE.fullmatch(code):
            return OTHER
        known.add(code)
        return code


def told_apart(policies: Mapping[tuple[Step, str], int]) -> Counter[tuple[Step, str]]:
    """`policies` with at most CODES codes a step, the commonest, and OTHER for the rest.

    Each worker keeps to CODES codes of its own; together they may have met more.
    """
    made: Counter[tuple[Step, str]] = Counter()
    told: Counter[Step] = Counter()
    for (step, code), n in sorted(policies.items(), key=lambda item: (-item[1], item[0])):
        is_told = code != OTHER and told[step] < CODES
        told[step] += is_told
        made[step, code if is_told else OTHER] += n
    return made
