"""A verdict as data: what it says, and all that speaks for and against it. JSON key for key."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loadtests.diagnosis.verdict.kinds import Cause, Family, Hostile, Observable, Word
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start` up to, not including, `stop`: seconds since the first window."""

    start: Seconds
    stop: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measured value with its 95 % interval; `samples` is what it was counted in."""

    value: float
    low: float
    high: float
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that speaks for some explanations and against others.

    `measure` and `step` name an entry of `diagnosis.measures`, which recomputes `reading` over
    `span`. `weights` are decibans: +10 makes an explanation ten times as likely, -10 a tenth.
    """

    family: Family
    claim: str  # one sentence, for people
    measure: str
    step: Step | None
    span: Span
    reading: Reading
    reference: float | None  # what it is held against
    reference_name: str  # what that is: "the knee", "before the onset", "an evening like it"
    weights: Mapping[Cause | Hostile, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Evidence that could not be collected, and what it would have told apart."""

    family: Family
    what: str  # one sentence: what is not known
    observable: Observable | None  # what the source would have to say
    would_tell: tuple[Cause | Hostile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another explanation that still stands, or was considered."""

    kind: Cause
    probability: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseFound:
    """The answer to Q1."""

    kind: Cause
    word: Word
    probability: Ratio
    alternatives: tuple[Alternative, ...]  # the likeliest first, without `kind`
    sentence: str  # in words people say: with odds, never decibans


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileFound:
    """One answer to Q2: traffic consistent with it is there, a share of the step's requests."""

    kind: Hostile
    step: Step | None
    word: Word
    probability: Ratio
    share: Ratio  # of the step's requests in `span`
    low: Ratio
    high: Ratio
    sentence: str
    span: Span | None = None  # when it was at work; None: all of what was looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What to do about it, with a number where there is one."""

    what: str  # one sentence
    number: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One span of a night in which something failed, or was at work."""

    span: Span
    step: Step | None
    region: str  # empty: all
    caused_by: int | None  # index of the episode this is a consequence of
    cause: CauseFound
    hostile: tuple[HostileFound, ...]
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...]
    coverage: Ratio  # obtained weight ÷ obtainable weight
    next_measurement: str  # empty if nothing more is needed
    action: Action | None
    failed: int  # first attempts that failed, where attempts are known; else requests
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the verdict formed: at `at` it became this, because of that."""

    at: Seconds
    cause: Cause
    word: Word
    hostile: tuple[Hostile, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The whole night: `cause` is that of the episode that hurt most viewers."""

    version: int
    cause: CauseFound
    hostile: tuple[HostileFound, ...]
    hostile_undetermined: tuple[Hostile, ...]  # could be there, and this source could not show it
    episodes: tuple[Episode, ...]
    formed: tuple[Change, ...] = ()
    notes: tuple[str, ...] = field(default=())
