"""What a case of the bench is: contenders who do the same work in turns, and bars to clear.

All figures are in SI units: seconds, bytes, bits per second, requests per second. How they are
shown is the business of `table`.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

Figures = Mapping[str, float]
"""What a contender measured of itself in one turn, by name: `cpu_per_request`, `rate` ..."""

Results = Mapping[str, Sequence[Figures]]
"""Rounds by contender, in the order they were played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a turn is played."""

    folder: Path  # scratch, for the whole case
    core: int  # the generator's: a contender pins its process there
    server_core: int  # whatever is generated against
    seconds: float  # to measure for, where the case does not say otherwise


Contender = Callable[[Place, str], Figures]
"""Plays one turn against the origin at a URL, in a process of its own, and returns its figures."""

Origin = Callable[[Place], AbstractContextManager[str]]
"""Serves, pinned to `server_core`, while the case is played; gives the URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What must hold of the results: `figure` at most, or at least, so much."""

    text: str  # what is asked, as a sentence without its numbers
    figure: Callable[[Results], float]
    most: float = float("inf")
    least: float = float("-inf")
    unit: str = ""  # one of `table.UNITS`; none: a plain number, such as a ratio

    def holds(self, results: Results) -> bool:
        """Whether it is cleared."""
        return self.least <= self.figure(results) <= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of cases: the same work, done by several."""

    name: str  # for the command line: `make bench ARGS="--case keep-alive"`
    title: str  # of its table
    about: str  # a sentence or two: what is done, and what is counted
    origin: Origin
    contenders: Mapping[str, Contender]  # take turns in this order, round after round
    columns: tuple[str, ...]  # figures to show
    bars: tuple[Bar, ...] = ()
    needs: tuple[str, ...] = ("nginx",)  # commands; a clear message says which are missing
    rounds: int | None = None  # fewer than usual, where a turn takes long


def median(results: Results, contender: str, figure: str) -> float:
    """The middle of a contender's rounds."""
    return statistics.median(turn[figure] for turn in results[contender])


def ratio(results: Results, ours: str, theirs: str, figure: str) -> float:
    """Ours ÷ theirs, round by round (a slow stretch hits both), and of these the middle."""
    pairs = zip(results[ours], results[theirs], strict=True)
    return statistics.median(mine[figure] / other[figure] for mine, other in pairs)
