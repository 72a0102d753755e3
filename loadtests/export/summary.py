"""`summary.json`, version 1: the contract other tools read. Documented in reports/README.md.

Times are seconds, shares are ratios; a figure that does not exist is null, never 0.
"""

from dataclasses import dataclass, field
from typing import Any

from loadtests.diagnosis.support_load import SupportLoad
from loadtests.export.incident import CohortFigures, CourseStretch, Incident, PolicyCount
from loadtests.export.records import schema, told

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewers:
    """What became of the crowd: arrived = all eight ends + still_starting."""

    planned: int
    arrived: int
    late_arrivals: int
    in_time: int
    started_late: int
    refused: int
    left_waiting: int
    never_started: int
    served: int  # these three came on an errand, not to watch
    turned_away: int
    unserved: int
    still_starting: int
    stalled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteOfJoining:
    """Those who joined in one event minute: `minute` counts from kick-off, may be negative.

    Whoever came on an errand is left out, once that is over.
    """

    minute: int
    arrived: int
    black: int
    share: float | None  # of those decided


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackScreens:
    """Share of decided viewers without a first frame in time, and what it means for real.

    Decided are those who came to watch and whose end is known: errands count for nothing here.
    """

    share: float | None
    low: float | None
    high: float | None  # Wilson 95 % interval
    scaled: int | None
    scaled_low: int | None
    scaled_high: int | None  # interval and assumptions together
    assumptions: list[str]
    by_minute: list[MinuteOfJoining]
    ends: list[str]  # which of the five ends count as black screens: the scenario's choice
    faithful_up_to_speed: float | None  # above it `scaled` is null: client timers do not compress


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantiles:
    """Of a distribution; null where it is empty."""

    count: int
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledRatio(Quantiles):
    """Stalled ÷ (watched + stalled): `overall` of all time together, the quantiles over viewers."""

    overall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequests:
    """Requests of one step. `outcomes` holds every outcome that occurred."""

    count: int  # sent
    retries: int
    outcomes: dict[str, int]
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None  # of all that ended, those given up by the viewer left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """sent = Σ outcomes of all steps + in_flight_at_end. Amplification = sent ÷ first attempts."""

    sent: int
    in_flight_at_end: int
    retries: int
    amplification: float | None
    by_step: dict[str, StepRequests]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFailingStep:
    """The step that failed first, and when: seconds from kick-off."""

    step: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tester:
    """The tester's own health; unhealthy makes the run invalid (exit status 4)."""

    lag_p99: float | None
    cpu: float | None
    sockets: int
    healthy: bool
    problems: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Testbed:
    """The embedded stack's own health; `healthy` is null when the target is not ours."""

    healthy: bool | None
    problems: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveResult:
    """One objective. `passed` is null if nothing was measured, and then the run does not pass."""

    name: str
    metric: str
    between: list[float]
    at_most: float
    measured: float | None
    passed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictLine:
    """What `verdict.json` says, in short: what made viewers fail, and what was hostile."""

    cause: str
    word: str  # how sure that is
    probability: float
    sentence: str
    hostile: list[str]  # patterns that were found, the likeliest first
    hostile_undetermined: list[str]  # patterns that may have been there unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The whole of it. `to_json` is what `summary.json` holds."""

    version: int
    scenario: str
    title: str
    variant: str | None
    seed: int
    scale: float
    speed: float
    window: list[float]  # first and last offset from kick-off played
    workers: int
    target: str
    embedded: bool  # the target was our own stack, of invented capacity
    started: str  # ISO 8601, UTC
    duration: float
    interrupted: bool
    complete: bool  # false: the run was killed or is still going
    exit_status: int
    viewers: Viewers
    black_screens: BlackScreens
    incident: Incident
    support: SupportLoad | None  # null: nobody called
    startup_time: Quantiles
    stalled_ratio: StalledRatio
    live_latency: Quantiles
    playlist_age: Quantiles
    bit_rate: float | None  # bits per second, mean over watched time
    switches: int
    requests: Requests
    policies: list[PolicyCount]
    facts: dict[str, int]  # those that occurred
    connections: dict[str, float]  # opened, full and resumed TLS handshakes, per viewer
    first_failing_step: FirstFailingStep | None
    tester: Tester
    testbed: Testbed
    objectives: list[ObjectiveResult]
    blind_spots: list[str]  # steps the target does not have
    cohorts: list[CohortFigures]
    course: list[CourseStretch]
    stopped: str | None = None  # why the run ended, a `Reason`; null: killed, or still going
    why: str | None = None  # the same in words, where there is more to say than the reason
    simulated: bool = False  # on paper: no traffic was sent
    notices: list[str] = field(default_factory=list)  # what to know of the run, as sentences
    left_behind: int = 0  # playback sessions nobody has closed; what else was left is not known
    verdict: VerdictLine | None = None  # null: the run is reported without one

    def to_json(self) -> dict[str, Any]:
        """The summary as plain JSON values."""
        made: dict[str, Any] = told(self)
        return made


def summary_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `summary.json`, made from the records above."""
    return schema(Summary, f"matchnight summary, version {VERSION}")
