"""When viewers failed at which step, and how: by failure, by a refusal on purpose, by a block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from loadtests.collect.edge.sighting import FAILURES, Said
from loadtests.diagnosis.interval import wilson
from loadtests.diagnosis.measures.causes import count
from loadtests.diagnosis.measures.measure import traffic
from loadtests.diagnosis.verdict.bins import Bins
from loadtests.units import Ratio
from loadtests.vocabulary import Step

LOOK = 3
"""Bins looked at together."""

FLOOR = 5
"""Failures in them; fewer are an accident, whatever share they are."""

SHARE: Ratio = 0.05
"""What the low end of the failures' share must exceed: see `diagnosis.failing`."""

APART = 4
"""Bins without failure that part two spans of trouble."""

SIGNING = frozenset({Step.SIGN_IN, Step.REFRESH})
"""Where credentials are refused every day: a denial there is no failure."""


class Sort(StrEnum):
    """How viewers were failed, as the answers say."""

    FAILED = "failed"
    REFUSED = "refused"  # by policy
    BLOCKED = "blocked"  # by a rule of the defense
    DENIED = "denied"  # and nobody says why


SAYS = {
    Sort.FAILED: FAILURES,
    Sort.REFUSED: frozenset({Said.POLICY}),
    Sort.BLOCKED: frozenset({Said.BLOCKED}),
    Sort.DENIED: frozenset({Said.DENIED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Bins `start` up to `stop` of one step, in which viewers failed."""

    step: Step
    sort: Sort
    start: int
    stop: int
    failed: int  # first attempts, where attempts are known
    requests: int


def troubles(bins: Bins) -> list[Trouble]:
    """All of the night, by start; of those that start together the earlier step first."""
    found = [
        trouble
        for step in bins.steps
        for sort in Sort
        if not (sort is Sort.DENIED and step in SIGNING)
        for trouble in _troubles(bins, step, sort)
    ]
    return sorted(found, key=lambda trouble: trouble.start)


def _troubles(bins: Bins, step: Step, sort: Sort) -> Iterator[Trouble]:
    looks = [traffic(cell, step) for cell in bins.cells]
    failed = [count(look, SAYS[sort]) for look in looks]
    asked = [count(look) for look in looks]
    for start, stop in spans([_fails(failed, asked, at) for at in range(len(looks))]):
        yield Trouble(
            step=step,
            sort=sort,
            start=start,
            stop=stop,
            failed=sum(count(look, SAYS[sort], firsts=True) for look in looks[start:stop]),
            requests=sum(asked[start:stop]),
        )


def _fails(failed: Sequence[int], asked: Sequence[int], at: int) -> bool:
    if not failed[at]:
        return False
    # what comes next, or what went before: the last bin of a span has nothing after it
    ahead, back = slice(at, at + LOOK), slice(max(0, at - LOOK + 1), at + 1)
    return any(_is_failing(sum(failed[part]), sum(asked[part])) for part in (ahead, back))


def _is_failing(failed: int, asked: int) -> bool:
    return failed >= FLOOR and wilson(failed, asked)[0] > SHARE


def spans(marked: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Runs of marked bins, together where fewer than APART part them."""
    start: int | None = None
    stop = 0
    for at, is_marked in enumerate(marked):
        if not is_marked:
            continue
        if start is not None and at >= stop + APART:
            yield start, stop
            start = None
        start, stop = at if start is None else start, at + 1
    if start is not None:
        yield start, stop
