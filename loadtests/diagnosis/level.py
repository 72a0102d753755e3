"""What a trial has shown: the type that the judge of a load makes and a search reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from loadtests.audience.trial import Trial
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import Outcome, Step


class Found(StrEnum):
    """Whether a target carried a load."""

    HELD = "held"  # steady, and within the objectives
    BROKE = "broke"  # a step fails, or falls ever further behind
    UNSTEADY = "unsteady"  # neither, for as long as it was held


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLoad:
    """One step while the load was held; rates a second, times in seconds, means."""

    asked: PerSecond  # first attempts
    attempts: PerSecond  # with those that tried again
    good: PerSecond  # answered well
    failed: Ratio | None  # failures the target is to blame for ÷ requests ended
    response_time: Seconds | None  # mean, of those that were answered well
    slowest: Seconds | None  # of all that ended; those the viewer gave up are left out
    in_flight: float  # mean, from what was sent and what had ended at each second's end
    most_in_flight: int
    growth: PerSecond  # how much faster requests come than they are done with: slope of in_flight
    shortfall: Ratio = 0.0  # of what was asked, what it neither answered well nor caught up with
    error: Ratio = 0.0  # standard error of that
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What one trial has shown."""

    trial: Trial
    found: Found
    why: str  # one sentence, with its figures
    joins: PerSecond  # viewers who really came a second, while it was held
    carried: PerSecond  # viewers a second whose way the tightest step kept up with
    shortfall: Ratio = 0.0  # of the tightest step: carried = joins x (1 - shortfall)
    error: Ratio = 0.0  # standard error of that
    first: Step | None = None  # of those that broke: the one that carries least
    is_too_slow: bool = False  # it broke by an objective about times: every step kept up
    steps: Mapping[Step, StepLoad] = field(default_factory=dict)
    little: Ratio | None = None  # measured in flight ÷ (throughput x response time), all steps
    start: Seconds = 0.0  # of what is told here, seconds of the trial
    stop: Seconds = 0.0
    recovered_at: PerSecond | None = None  # of an overload: the load at which nothing failed again
    rose_after: Seconds | None = None  # of an overload: when the target's capacity stepped up,
    rose_from: PerSecond | None = None  # from viewers a second
    rose_to: PerSecond | None = None  # to viewers a second
