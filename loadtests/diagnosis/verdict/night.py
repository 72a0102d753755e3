"""Everything a diagnosis is given: what the edge saw, and what is known from before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.signature import Signature
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.units import PerSecond, Ratio, Seconds


class Origin(StrEnum):
    """Where the windows come from."""

    SAMPLES = "samples"  # a run of ours
    ACCESS_LOG = "access_log"
    PROMETHEUS = "prometheus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was usual, by measure (see `diagnosis.measures`) and step."""

    usual: Mapping[tuple[str, str], float]  # (measure, step or "") -> value
    same_class: bool  # of the same event class; else of an ordinary evening
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tester:
    """Our own health, where we were the crowd: it is weighed before anything else."""

    limited: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night at one edge, all of the region or all together."""

    windows: Sequence[EdgeWindow]  # one a second from `start` on, empty ones included
    origin: Origin
    source: str  # how a command names it: the run's folder, the files, the URL
    start: Seconds = 0.0  # of the first window, since the epoch
    resolution: Seconds = 1.0  # of the source: windows between its points are empty
    sampled: Ratio = 1.0  # share of the requests that were logged
    observed: Mapping[Observable, Ratio] = field(default_factory=dict)  # share of the requests
    signature: Signature | None = None
    build: str = ""  # of the target that night; empty: not given
    replicas: Mapping[str, int] = field(default_factory=dict)  # that night, by part
    baseline: Baseline | None = None
    tester: Tester | None = None  # None: the crowd was real
    expected_joins: Sequence[PerSecond] | None = None  # the curve expected, a second each
    arrived: float | None = None  # requests the balancer accepted, where anybody counted
