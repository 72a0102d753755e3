"""What a capacity search is asked for beyond what a rehearsal is: its own flags."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loadtests import units
from loadtests.audience.trial import Joins
from loadtests.binding.scalars import quoted, suggest
from loadtests.errors import MatchnightError
from loadtests.swarm.options import Flag, positive, whole_number
from loadtests.units import PerSecond, Seconds
from loadtests.vocabulary import Step

OF_SEARCH = (
    Flag(
        name="--joins",
        metavar="PROFILES",
        help="how the crowd comes to its load, some of step,ramp,surge; default: all of them",
    ),
    Flag(
        name="--from",
        metavar="RATE",
        help="viewers who arrive a second in the first trial; default: a tenth of the scenario's "
        "busiest second",
    ),
    Flag(
        name="--most",
        metavar="RATE",
        help="no trial has more; default: 20 times the busiest second, or what consent, accounts "
        "and open files allow",
    ),
    Flag(
        name="--stay",
        metavar="DURATION",
        help="how long viewers watch before they leave; default: 10s",
    ),
    Flag(
        name="--knee-only",
        help="leave out what comes after the knees: an overload with its recovery, and the lowest "
        "load once more",
    ),
    Flag(
        name="--build",
        metavar="TEXT",
        help="what is measured, such as a version; for the signature",
    ),
    Flag(name="--topology", metavar="TEXT", help="where and on what it runs: for the signature"),
    Flag(
        name="--replicas",
        metavar="STEP=N",
        repeated=True,
        help="how many serve a step: for the signature (may be repeated)",
    ),
)
"""Flags of `matchnight capacity` alone."""


EVERY = (Joins.STEP, Joins.RAMP, Joins.SURGE)
"""The shortest trials first: what they find is where the others begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """A search as asked for. None: scenario and limits decide."""

    joins: tuple[Joins, ...] = EVERY
    first: PerSecond | None = None
    most: PerSecond | None = None
    stay: Seconds | None = None
    knee_only: bool = False
    build: str = ""
    topology: str = ""
    replicas: Mapping[Step, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.first is not None and self.most is not None and self.first > self.most:
            most = f"{units.plain(self.most)}/s"
            raise MatchnightError(f"--from: more than --most; write at most {most}")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Wishes":
        """Read a namespace's texts; MatchnightError names the flag and says what to write."""
        told = {key: str(value) for key, value in given.items() if value is not None}
        return cls(
            joins=_joins(told["joins"]) if "joins" in told else EVERY,
            first=_first(told["from"]) if "from" in told else None,
            most=_most(told["most"]) if "most" in told else None,
            stay=_stay(told["stay"]) if "stay" in told else None,
            knee_only=bool(given.get("knee_only")),
            build=told.get("build", ""),
            topology=told.get("topology", ""),
            replicas=dict(_replicas(given.get("replicas") or ())),
        )


def _rate(text: str) -> float:
    return units.parse_rate(text if "/" in text else f"{text}/s")


_first = positive("--from", _rate, is_not="a rate", such_as="20/s")
_most = positive("--most", _rate, is_not="a rate", such_as="200/s")
_stay = positive("--stay", units.parse_duration, is_not="a duration", such_as="10s")


def _joins(text: str) -> tuple[Joins, ...]:
    """Each once, in the order they are written in."""
    found = dict.fromkeys(word.strip() for word in text.split(","))
    for word in found:
        if word not in set(Joins):
            raise MatchnightError(f"--joins: no profile {quoted(word)}; {suggest(word, Joins)}")
    return tuple(Joins(word) for word in found)


def _replicas(texts: Iterable[str]) -> Iterable[tuple[Step, int]]:
    for text in texts:
        name, _, number = text.partition("=")
        if name not in set(Step):
            raise MatchnightError(f"--replicas: no step {quoted(name)}; {suggest(name, Step)}")
        yield Step(name), whole_number("--replicas", number, least=1)
