"""What the embedded stack is made of: capacity is known by construction, servers ÷ service time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import ceil
from typing import Annotated

from loadtests.binding import Misfit, about
from loadtests.stack.ad_breaks import AdBreaks
from loadtests.stack.autoscaling import Autoscaling
from loadtests.stack.event_clock import Calendar
from loadtests.stack.faults.model import Fault
from loadtests.stack.leak import Leak
from loadtests.stack.policies import DownloadRules, HouseholdRule, Migration, SupportDesk
from loadtests.stack.signed_urls import SignedUrls
from loadtests.units import (
    BytesPerSecond,
    Count,
    Lasting,
    PerSecond,
    Range,
    Seconds,
    Share,
    Whole,
    plain,
    write_duration,
)
from loadtests.vocabulary import Step

WATCHING_STEPS = frozenset({Step.PLAYLIST, Step.INIT, Step.SEGMENT, Step.HEARTBEAT})
"""Steps whose load follows the audience.

That of all others follows arrivals, and so the speed of the event's calendar.
"""

JOIN_STEPS = frozenset(Step) - WATCHING_STEPS

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One step's desk: k servers, a fixed service time, a bounded line; beyond it, 503."""

    servers: Count = field(metadata=about("servers working side by side"))
    service_time: Lasting = field(
        metadata=about("what one request keeps one server busy", clock="client")
    )
    queue: Whole = field(
        metadata=about("places in line; a request that finds none is refused with 503")
    )
    rest: Seconds = field(
        default=0.0,
        metadata=about(
            "what a server takes off after each request; made when a stack is scaled below a whole "
            "number of servers, so that capacity is exact and nobody is served slower",
            clock="client",
        ),
    )
    autoscaling: Autoscaling | None = field(
        default=None, metadata=about("absent: it stays as large as it is")
    )
    leak: Leak | None = field(default=None, metadata=about("absent: it stays as fast as it is"))

    def __post_init__(self) -> None:
        if self.autoscaling and self.grown.capacity <= self.capacity:
            what = f"is no step up from {self.servers} servers; write more"
            raise Misfit(what, "autoscaling", "to")

    @property
    def capacity(self) -> PerSecond:
        """Requests per second it completes when it never idles: at first, if it grows or slows."""
        return self.servers / (self.service_time + self.rest)

    @property
    def grown(self) -> "Station":
        """What it is once it has scaled up: itself, if it never does."""
        up = self.autoscaling
        return replace(self, servers=up.to, rest=up.rest, autoscaling=None) if up else self

    def sized(self, factor: float) -> "Station":
        """The same station with `factor` times the capacity.

        Service time and longest wait in line stay what they are, as far as there are half places.
        """
        if factor == 1:
            return self
        capacity = self.capacity * factor
        servers = max(1, ceil(capacity * self.service_time - _ROUNDING))
        rest = servers / capacity - self.service_time
        up = self.autoscaling
        if up:
            grown = self.grown.sized(factor)
            up = replace(up, to=grown.servers, rest=grown.rest)
        return replace(
            self,
            servers=servers,
            queue=max(1, round(self.queue * factor)) if self.queue else 0,
            rest=rest if rest > _ROUNDING else 0.0,
            autoscaling=up,
            leak=self.leak and self.leak.sized(factor),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The synthetic live stream: HLS made from the clock, the same for every viewer.

    With signed URLs or ad breaks, each viewer has playlists of their own.
    """

    target_duration: Annotated[Seconds, Range(least=1)] = field(
        default=4.0, metadata=about("length of a segment", clock="media")
    )
    segments: Annotated[int, Range(least=3)] = field(
        default=8, metadata=about("segments a media playlist lists")
    )
    bit_rates: tuple[Annotated[BytesPerSecond, Range(above=0)], ...] = field(
        default=(10_000.0, 25_000.0, 50_000.0),
        metadata=about("one rendition each; a tenth of real ones keeps one core comfortable"),
    )
    audio_bit_rate: BytesPerSecond = field(
        default=1_200.0, metadata=about("of the separate audio track")
    )
    demuxed: bool = field(default=False, metadata=about("audio as a rendition of its own"))
    program_date_time: bool = field(
        default=True, metadata=about("playlists carry wall-clock times")
    )
    signed_urls: SignedUrls | None = field(
        default=None, metadata=about("absent: whoever knows a segment's URL may have it")
    )
    ad_breaks: AdBreaks | None = field(
        default=None, metadata=about("absent: no ads are put in the place of live segments")
    )

    def __post_init__(self) -> None:
        if not self.bit_rates or list(self.bit_rates) != sorted(set(self.bit_rates)):
            what = "renditions are listed once each, lowest first; write [80 kbit/s, 200 kbit/s]"
            raise Misfit(what, "bit_rates")

    @property
    def is_personal(self) -> bool:
        """Whether each viewer has playlists of their own."""
        return self.signed_urls is not None or self.ad_breaks is not None

    def check_breaks(self, speed: float) -> None:
        """Misfit unless something is left between the ad breaks at that speed of the event."""
        breaks = self.ad_breaks
        least = breaks.least_every(self.target_duration, speed) if breaks else 0.0
        if breaks and breaks.every < least:
            what = f"at speed {plain(speed)} nothing would be left between the breaks"
            raise Misfit(f"{what}; write at least {write_duration(least)}", "ad_breaks", "every")


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCache:
    """The cache before playlists and segments: a miss goes to `origin`, hits cost nothing."""

    playlists: bool = field(
        default=True,
        metadata=about("`false`: none is held, `origin` makes each one for the viewer who asks"),
    )
    playlist_ttl: Seconds = field(
        default=1.0, metadata=about("how long a playlist is served again", clock="media")
    )
    segment_ttl: Seconds = field(
        default=60.0, metadata=about("how long a segment is served again", clock="media")
    )


class Admission(StrEnum):
    """How a waiting room tells a viewer to come back."""

    TOO_MANY_REQUESTS = "429"
    UNAVAILABLE = "503"
    QUEUE = "queue"  # 200 with a queue answer in JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRoom:
    """Admits so many viewers a second at `home`; the others are told when to come back."""

    admit: Annotated[PerSecond, Range(above=0)] = field(metadata=about("viewers let in per second"))
    retry_after: Seconds = field(
        default=5.0, metadata=about("what the others are told to wait", clock="client")
    )
    answer: Admission = field(
        default=Admission.TOO_MANY_REQUESTS, metadata=about("how they are told")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The whole embedded stack, sized for one scale and speed; `sized` makes it for another."""

    stations: Mapping[Step, Station] = field(
        metadata=about("capacity of each step; a step without a station answers at once")
    )
    origin: Station = field(
        default=Station(servers=16, service_time=0.004, queue=400),
        metadata=about("what fills the edge cache"),
    )
    stream: Stream = field(default=Stream(), metadata=about("the live stream"))
    cache: EdgeCache = field(default=EdgeCache(), metadata=about("the edge cache"))
    concurrency_limit: Count | None = field(
        default=None,
        metadata=about(
            "requests in progress at once, of all steps but the stream's; one more: 503"
        ),
    )
    connection_limit: Count | None = field(
        default=None,
        metadata=about("requests coming in, worked on or going out at once, of all steps alike"),
    )
    waiting_room: WaitingRoom | None = field(
        default=None, metadata=about("absent: everybody is let in")
    )
    refused_accounts: Share = field(
        default=0.0,
        metadata=about(
            "share of accounts whose plan does not include the event: refused by policy"
        ),
    )
    denies_with_200: bool = field(
        default=False,
        metadata=about("failed sign-ins are answered with 200, and only the body says so"),
    )
    accounts_on_hold: Share = field(
        default=0.0,
        metadata=about("share of accounts nobody has paid for: refused (`account_on_hold`)"),
    )
    household: HouseholdRule | None = field(
        default=None, metadata=about("absent: devices may be anywhere")
    )
    downloads: DownloadRules = field(
        default=DownloadRules(), metadata=about("rules of offline viewing")
    )
    migration: Migration | None = field(default=None, metadata=about("absent: boxes are not moved"))
    support: SupportDesk | None = field(
        default=None, metadata=about("absent: whoever calls is answered at once")
    )
    faults: tuple[Fault, ...] = field(default=(), metadata=about("what goes wrong, on a timetable"))
    calendar: Calendar | None = field(
        default=None,
        metadata=about("what the timetable is read by; made from the scenario's window and speed"),
    )
    token_life: Lasting = field(
        default=3600.0, metadata=about("how long an access token is good", clock="client")
    )
    client_timeout: Lasting = field(
        default=60.0,
        metadata=about(
            "how long a client may take to send a request whole, or to take any more of an "
            "answer; then the edge hangs up, and logs 408",
            clock="client",
        ),
    )

    def __post_init__(self) -> None:
        for index, fault in enumerate(self.faults):
            self._check(fault, index)
        try:
            self.stream.check_breaks(self.calendar.speed if self.calendar else 1.0)
        except Misfit as misfit:
            raise Misfit(misfit.what, "stream", *misfit.path) from None

    def _check(self, fault: Fault, index: int) -> None:
        """Misfit if a fault is about something this stack has not."""
        removed = fault.servers_removed
        if removed is not None and removed.step not in self.stations:
            what = f"`{removed.step}` has no station that could lose servers; write one's step"
            raise Misfit(what, "faults", index, "servers_removed", "step")
        if fault.room_in_use is not None and self.waiting_room is None:
            raise Misfit("needs a `waiting_room`; write one", "faults", index, "room_in_use")

    def sized(self, *, scale: float, speed: float) -> "Stack":
        """This stack for `scale` times the viewers whose calendar runs `speed` times as fast.

        Stations of joining steps follow both, and so do those who call and the limit of requests in
        progress, most of which are joining ones; watching follows the audience alone, as does an
        origin that is asked for every playlist.
        """
        both = scale * speed
        limit, slots = self.concurrency_limit, self.connection_limit

        def factor(*steps: Step) -> float:
            return scale if WATCHING_STEPS.issuperset(steps) else both

        return replace(
            self,
            stations={step: station.sized(factor(step)) for step, station in self.stations.items()},
            origin=self.origin if self.cache.playlists else self.origin.sized(scale),
            concurrency_limit=limit and max(1, round(limit * both)),
            connection_limit=slots and max(1, round(slots * both)),
            waiting_room=self.waiting_room
            and replace(self.waiting_room, admit=self.waiting_room.admit * both),
            support=self.support and self.support.sized(both),
            faults=tuple(fault.sized(factor) for fault in self.faults),
        )
