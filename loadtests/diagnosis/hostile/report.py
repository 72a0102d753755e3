"""The answer to Q2: which hostile patterns traffic is consistent with, when, and how much of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loadtests.diagnosis.verdict.kinds import Hostile
from loadtests.diagnosis.verdict.records import Evidence, HostileFound, Missing, Span
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step

Asked = Step | None
"""A step of a viewer's, or None: paths that are no step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """Share of one step's requests that is suspected, a bin each from the start of the span.

    `low` and `high` are the ends of its 95 % interval. All are 0 where nothing was found, so what
    is left of the step's requests, bin by bin, is `1 - share`.
    """

    share: tuple[Ratio, ...]
    low: tuple[Ratio, ...]
    high: tuple[Ratio, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """How much speaks for one pattern at one step, whether it was found or not.

    `decibans` is the sum over families, prior included: 0 is even odds. More of the pattern's
    traffic never lowers it, more ordinary traffic never raises it. `may_be` is the share of the
    step's requests it would make, if it may be there and too little is known to say so; else 0.
    """

    kind: Hostile
    step: Asked
    span: Span
    decibans: float
    evidence: tuple[Evidence, ...]
    may_be: Ratio = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileReport:
    """All that was found of hostile traffic in one span.

    `found` has each pattern once a step, the likeliest first. A pattern in `undetermined` may be
    there: the source could not show it, or shows it too weakly. In neither: it was looked for, and
    would have been seen. `evidence` speaks for and against all of them, `missing` is what the
    source does not say.
    """

    span: Span  # that was looked at
    bin: Seconds  # of `suspects`; the last one may be shorter
    found: tuple[HostileFound, ...] = ()
    undetermined: tuple[Hostile, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    suspects: Mapping[Asked, Suspects] = field(default_factory=dict)  # of steps with any
    weighed: tuple[Weighed, ...] = ()
