"""What `summary.json` tells of an incident: who was affected, what failed, how it ended."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RealFigure:
    """A number of viewers of the real event, with its range; its assumptions stand beside it."""

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedViewers:
    """Viewers of the real event who were affected; null: not known, or of no concern."""

    black_screens: RealFigure | None  # came to watch, and saw nothing in time
    interrupted: RealFigure | None  # were watching when playlists or segments failed, and froze
    unserved: RealFigure | None  # came on an errand that failed, or lost patience
    reach: float | None  # event seconds by which speed may have moved an edge; in the ranges
    assumptions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingStep:
    """A step that failed, from its first failure to its last; it may have worked in between."""

    step: str
    since: float
    until: float | None  # null: it had not ended when the run did
    failed: int
    share: float  # of the requests that ended while it failed
    mostly: str  # the commonest outcome among the failures


@dataclass(frozen=True, slots=True, kw_only=True)
class OnsetFigures:
    """The last seconds before the first failure, as ratios to what was usual before them."""

    demand: float | None
    response_time: float | None
    demand_rose: bool | None
    response_time_rose: bool | None
    errors_first: bool | None  # neither had risen: what failed did not fail for the load


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryFigures:
    """How the step that failed most came back; moments are seconds from kick-off."""

    step: str
    worst: float  # share that failed when it was worst
    half: float | None  # from then on half of what had failed worked again
    ninety: float | None  # 90 % of it
    last_failure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Refusals on purpose, by the target's own code, and what they would be of the real event."""

    step: str
    code: str
    count: int
    share: float  # of the step's requests that ended
    scaled: int
    scaled_low: int
    scaled_high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What the report's first screen says of this very incident."""

    affected: AffectedViewers
    failing: list[FailingStep]
    onset: OnsetFigures | None
    recovery: RecoveryFigures | None
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCount:
    """Requests of a step refused by policy, by the target's code; `other` stands for the rest."""

    step: str
    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortFigures:
    """Viewers of one kind whose end is known. Black screens are of those who came to watch."""

    region: str
    device: str
    purpose: str
    traits: str  # joined by +
    ended: int
    decided: int  # of them, came to watch
    black: int
    share: float | None  # black ÷ decided
    low: float | None
    high: float | None  # Wilson 95 % interval
    ends: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionStretch:
    """Those of one region who joined in a stretch to watch, and whose end is known."""

    region: str
    decided: int
    black: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseStretch:
    """One of at most 60 equal parts of the evening: what happened in it."""

    start: float
    stop: float
    arrived: int
    started: int  # first frames
    decided: int  # of those who joined in it to watch
    black: int  # of those
    regions: list[RegionStretch]  # the same by region, where there are some
    sent: dict[str, int]
    failed: dict[str, int]
    policy: int
    response_time: float | None  # p95 of all steps
    facts: dict[str, int]
