"""All the evenings of an evaluation, by name: how each is made, and how many of it are judged."""

from collections.abc import Iterator, Mapping
from random import Random

from truth_causes import CAUSES, Case
from truth_hostile import CAUSED, HARD, INNOCENT, MIXED
from truth_pitfalls import PITFALLS
from truth_play import Truth, realize
from truth_world import draw

CASES: Mapping[str, Case] = {**CAUSES, **PITFALLS, **INNOCENT, **CAUSED, **MIXED, **HARD}

UNSEEN = 50_000
"""Seeds from here on are for measuring; whoever builds looks at lower ones only."""

_MANY, _SOME, _FEW = 60, 40, 12

COUNTS: Mapping[str, int] = {
    **dict.fromkeys(CAUSES, _MANY),
    **dict.fromkeys(PITFALLS, _SOME),
    **dict.fromkeys(INNOCENT, _FEW),
    **dict.fromkeys(CAUSED, _MANY),
    **dict.fromkeys(MIXED, _SOME),
    **dict.fromkeys(HARD, _SOME),
}


def evening(case: str, seed: int) -> Truth:
    """The evening of that name and number: another seed is another service and another crowd."""
    random = Random(f"{case}-{seed}")  # noqa: S311 - a draw, not a secret
    return realize(case, seed, CASES[case](draw(seed), random))


def evenings(first: int, part: float = 1.0) -> Iterator[tuple[str, int]]:
    """Names and seeds of them, from the seed `first` on; `part` of the whole evaluation.

    All cases share their services: an earlier evening of each is played once.
    """
    named = {case: max(1, round(count * part)) for case, count in COUNTS.items()}
    for index in range(max(named.values())):
        yield from ((case, first + index) for case, count in named.items() if index < count)
