"""A live event and its rehearsal, as every stage reads it: seconds, bytes, ratios; all parsed.

Three clocks (scenarios/README.md): `event` is the evening's calendar, compressed by `speed`;
`client` is a person's or a device's patience, `media` the stream's own pace, never compressed.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, ClassVar

from loadtests.binding import about
from loadtests.binding.scalars import quoted
from loadtests.scenario.demand import Recording, Surge
from loadtests.scenario.habits import (
    AccountPages,
    Calls,
    Downloads,
    HumanRetry,
    Patience,
    Refusals,
)
from loadtests.scenario.hostile import Attack
from loadtests.scenario.stopping import Abort, Guard
from loadtests.stack.event_clock import Calendar
from loadtests.stack.model import Stack
from loadtests.units import (
    Bytes,
    BytesPerSecond,
    Count,
    Lasting,
    Offset,
    Part,
    Range,
    Ratio,
    Seconds,
    Share,
    Speed,
    Whole,
    parse_duration,
    parse_ratio,
)
from loadtests.vocabulary import End, Player, Step, Trait


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something of the evening worth a line in every chart."""

    at: Offset = field(metadata=about("when", clock="event"))
    label: str = field(metadata=about("what the chart calls it"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The live event."""

    name: str = field(metadata=about("what it is called in reports"))
    kick_off: str = field(
        metadata=about("local date and time, YYYY-MM-DD HH:MM; every offset counts from it")
    )
    marks: tuple[Mark, ...] = field(default=(), metadata=about("goals and the like"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure nobody published: what we take and the range it may lie in. low ≤ value ≤ high."""

    value: Ratio = field(metadata=about("what is taken"))
    low: Ratio = field(metadata=about("the least it may be"))
    high: Ratio = field(metadata=about("the most it may be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """How many the real event brings to the app over the whole evening."""

    published: Count = field(metadata=about("people, as published or assumed: see `basis`"))
    basis: str = field(
        default="as published", metadata=about("where that figure comes from, as reports say it")
    )
    people_per_account: Estimate = field(metadata=about("people who watch on one account"))
    share_on_app: Estimate = field(
        metadata=about("share of them on the app rather than on satellite or cable")
    )
    affected: tuple[Whole, Whole] | None = field(
        default=None,
        metadata=about("least and most accounts said to have been affected, if anybody said"),
    )

    @property
    def viewers(self) -> float:
        """Accounts on the app over the whole evening, at the assumed values."""
        return self.published * self.share_on_app.value / self.people_per_account.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The part of the evening from `start` to `stop`, offsets from kick-off; also `[-5m, +10m]`."""

    as_list: ClassVar[bool] = True
    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One kind of device in the crowd."""

    share: Share = field(metadata=about("share of the viewers; all devices together: 100 %"))
    player: Player = field(
        metadata=about("player profile: buffer, reload, retry and time-out rules")
    )
    join: tuple[Step, ...] = field(
        default=(Step.HOME, Step.SIGN_IN, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE),
        metadata=about(
            "steps from the decision to watch to the stream, in this order; `sign_in` stands for "
            "signing in or refreshing, as `signs_in` says"
        ),
    )
    traits: Mapping[Trait, Share] = field(
        default_factory=dict, metadata=about("share of these devices that is special in some way")
    )
    resumed_tls: Share = field(
        default=0.0,
        metadata=about("share of these devices that resume a TLS session of another day"),
    )
    signs_in: Share = field(
        metadata=about("share that must sign in; the rest refreshes a token it has")
    )
    bit_rate_cap: BytesPerSecond | None = field(
        default=None, metadata=about("the highest rendition this device plays; absent: any")
    )
    patience: Patience = field(default=Patience(), metadata=about("waiting for a first frame"))
    human_retry: HumanRetry = field(default=HumanRetry(), metadata=about("after an error"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """How long viewers stay, and what a watching device sends."""

    until: Offset = field(
        default=6600.0, metadata=about("when those who stayed leave", clock="event")
    )
    early: Share = field(default=0.0, metadata=about("share that leaves before"))
    early_stay: Lasting = field(
        default=600.0, metadata=about("how long those stay on average (exponential)", clock="event")
    )
    heartbeat: Lasting = field(
        default=30.0, metadata=about("between heartbeats while playing", clock="client")
    )
    segment_bytes: Annotated[Bytes, Range(least=1)] | None = field(
        default=None,
        metadata=about("fetch only so much of each segment, by range; absent: all of it"),
    )


class Metric(StrEnum):
    """What an objective can be about. Ratios and seconds, lower is better."""

    BLACK_SCREENS = "black_screens"  # share of decided viewers; by when they joined
    STARTUP_TIME = "startup_time"  # a quantile, of viewers who started; by when they joined
    STALLED_RATIO = "stalled_ratio"  # stalled ÷ (watched + stalled) over the span
    ERROR_RATIO = "error_ratio"  # failures of the target ÷ requests ended, of `step` or of all
    RESPONSE_TIME = "response_time"  # a quantile, of `step`


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A bound with its kind: `seconds` or `ratio`."""

    advice: ClassVar[str] = "a ratio such as 1 %, or a duration such as 4s"
    value: float
    kind: str

    @classmethod
    def from_text(cls, text: str) -> "Limit":
        """The bound a file writes as `1 %` or `4s`; ValueError says what to write instead."""
        for kind, parse in (("ratio", parse_ratio), ("seconds", parse_duration)):
            with suppress(ValueError):
                return cls(value=parse(text), kind=kind)
        raise ValueError(f"{quoted(text)} is no bound; write {cls.advice}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A promise about part of the evening; missed objectives give exit status 99."""

    metric: Metric = field(metadata=about("what is held against the bound"))
    at_most: Limit = field(metadata=about("the bound: a ratio or a duration, as the metric is one"))
    between: Span = field(
        metadata=about("which part of the evening, as a pair such as [-5m, +10m]")
    )
    step: Step | None = field(
        default=None, metadata=about("whose requests; `response_time` needs it")
    )
    quantile: Part | None = field(
        default=None, metadata=about("of times, which need one: which quantile, such as 95 %")
    )
    name: str = field(
        default="", metadata=about("what reports call it; made from the rest when absent")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The scale and speed the embedded stack's stations are written for."""

    scale: Part = field(metadata=about("viewers played per viewer of the event"))
    speed: Speed = field(metadata=about("event seconds per second"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One rehearsal of one event, ready to be played."""

    name: str  # the file's stem: not a key of the file
    title: str = field(metadata=about("one line: what this rehearses"))
    event: Event = field(metadata=about("the live event"))
    audience: Audience = field(metadata=about("how many come"))
    scale: Part = field(metadata=about("viewers played per viewer of the event"))
    speed: Speed = field(
        metadata=about("event seconds per second: compresses the event's calendar only")
    )
    window: Span = field(metadata=about("the part of the evening that is played"))
    arrivals: tuple[Surge, ...] | Recording = field(metadata=about("when they come"))
    devices: Mapping[str, Device] = field(metadata=about("what they watch on"))
    seed: int = field(
        default=1, metadata=about("same scenario, same seed: same demand on any number of workers")
    )
    viewing: Viewing = field(default=Viewing(), metadata=about("how they watch"))
    regions: Mapping[str, Share] = field(
        default_factory=dict,
        metadata=about("share of the viewers in each; all regions together: 100 %"),
    )
    calls: Calls = field(default=Calls(), metadata=about("to the support desk"))
    refusals: Refusals = field(
        default=Refusals(), metadata=about("what people do who are outside the household")
    )
    account_pages: AccountPages = field(
        default=AccountPages(), metadata=about("what people do there")
    )
    downloads: Downloads = field(default=Downloads(), metadata=about("for offline viewing"))
    hostile: tuple[Attack, ...] = field(
        default=(), metadata=about("traffic that means harm, against this machine's own targets")
    )
    start_limit: Lasting = field(
        default=30.0, metadata=about("a later first frame is a late start", clock="client")
    )
    black_screens: tuple[End, ...] = field(
        default=(End.STARTED_LATE, End.LEFT_WAITING, End.NEVER_STARTED),
        metadata=about("which ends are reported as black screens"),
    )
    objectives: tuple[Objective, ...] = field(default=(), metadata=about("what must hold"))
    abort: tuple[Abort, ...] = field(
        default=(), metadata=about("figures of the run's own that stop it early")
    )
    guards: tuple[Guard, ...] = field(
        default=(), metadata=about("Prometheus queries about real users that stop it early")
    )
    stack: Stack | None = field(
        default=None, metadata=about("the embedded stack this is rehearsed against")
    )
    stack_sized_for: Sizing | None = field(
        default=None,
        metadata=about("scale and speed the stack is written for; absent: those of the file"),
    )
    variant: str | None = None  # the variant played: not a key of the file
    # a trial of a capacity search: all come evenly, and leave so long after. Not a key of the file
    trial_stay: Seconds | None = None

    @property
    def duration(self) -> Seconds:
        """How long playing the window takes."""
        return (self.window.stop - self.window.start) / self.speed

    def run_time(self, offset: Offset) -> Seconds:
        """Seconds after the start of the run at which the event reaches `offset`."""
        return (offset - self.window.start) / self.speed

    def offset(self, run_time: Seconds) -> Offset:
        """Where the event is `run_time` seconds after the start of the run."""
        return self.window.start + run_time * self.speed

    @property
    def embedded_stack(self) -> Stack | None:
        """The stack sized for this rehearsal's scale and speed, with its evening's calendar.

        None if the file describes none.
        """
        if self.stack is None:
            return None
        stack = self.stack
        if self.stack_sized_for is not None:
            stack = stack.sized(
                scale=self.scale / self.stack_sized_for.scale,
                speed=self.speed / self.stack_sized_for.speed,
            )
        return replace(stack, calendar=Calendar(start=self.window.start, speed=self.speed))
