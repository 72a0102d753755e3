"""What stops a run early: figures of its own, and what the target's real users say."""

from dataclasses import dataclass, field
from enum import StrEnum

from loadtests.binding import about
from loadtests.units import Lasting, Share
from loadtests.vocabulary import Step


class AbortMetric(StrEnum):
    """What can stop a run early. Ratios, lower is better."""

    ERROR_RATIO = "error_ratio"  # failures of the target ÷ requests ended, of `step` or of all
    BLACK_SCREENS = "black_screens"  # share of viewers decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort:
    """A figure of the run's own that stops it: worse than `at_most` over the last `lasting`."""

    metric: AbortMetric = field(metadata=about("what is watched"))
    at_most: Share = field(metadata=about("the bound"))
    lasting: Lasting = field(
        default=10.0, metadata=about("over so many seconds of the run", clock="client", name="for")
    )
    step: Step | None = field(default=None, metadata=about("whose requests; absent: all"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A Prometheus query about the target's real users: out of bounds, or silent, it stops a run.

    The query must give one number.
    """

    prometheus: str = field(metadata=about("base URL of the server"))
    query: str = field(metadata=about("PromQL: one number"))
    at_most: float | None = field(default=None, metadata=about("stop when above"))
    at_least: float | None = field(default=None, metadata=about("stop when below"))
    every: Lasting = field(default=2.0, metadata=about("between questions", clock="client"))
