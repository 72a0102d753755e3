"""What the embedded stack is made of. Its capacity is known by construction: servers ÷ service time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from loadtests.binding import about
from loadtests.units import BytesPerSecond, PerSecond, Ratio, Seconds
from loadtests.vocabulary import Step

JOIN_STEPS = frozenset(
    {
        Step.HOME,
        Step.SIGN_IN,
        Step.REFRESH,
        Step.ENTITLEMENT,
        Step.SESSION,
        Step.LICENSE,
        Step.LEAVE,
    }
)
"""Steps whose load follows arrivals, and so the speed of the event's calendar; the rest follows the audience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One step's desk: k servers, a fixed service time, a bounded line. Beyond the line it answers 503."""

    servers: int = field(metadata=about("servers working side by side"))
    service_time: Seconds = field(
        metadata=about("what one request keeps one server busy", clock="client")
    )
    queue: int = field(
        metadata=about("places in line; a request that finds none is refused with 503")
    )

    @property
    def capacity(self) -> PerSecond:
        """Requests per second it completes when it never idles."""
        return self.servers / self.service_time

    def sized(self, factor: float) -> "Station":
        """The same station with `factor` times the capacity and the same longest wait in line."""
        servers = max(1, round(self.servers * factor))
        return replace(
            self,
            servers=servers,
            service_time=servers / (self.capacity * factor),
            queue=max(1, round(self.queue * factor)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The synthetic live stream: HLS made from the clock, the same for every viewer."""

    target_duration: Seconds = field(
        default=4.0, metadata=about("length of a segment", clock="media")
    )
    segments: int = field(default=8, metadata=about("segments a media playlist lists"))
    bit_rates: tuple[BytesPerSecond, ...] = field(
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCache:
    """The cache before playlists and segments. A miss goes to the station `origin`; hits cost nothing."""

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

    admit: PerSecond = field(metadata=about("viewers let in per second"))
    retry_after: Seconds = field(
        default=5.0, metadata=about("what the others are told to wait", clock="client")
    )
    answer: Admission = field(
        default=Admission.TOO_MANY_REQUESTS, metadata=about("how they are told")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The whole embedded stack, sized for one scale and speed; `sized` makes it for another, load for load alike."""

    stations: Mapping[Step, Station] = field(
        metadata=about("capacity of each step; a step without a station answers at once")
    )
    origin: Station = field(
        default=Station(servers=16, service_time=0.004, queue=400),
        metadata=about("what fills the edge cache"),
    )
    stream: Stream = field(default=Stream(), metadata=about("the live stream"))
    cache: EdgeCache = field(default=EdgeCache(), metadata=about("the edge cache"))
    waiting_room: WaitingRoom | None = field(
        default=None, metadata=about("absent: everybody is let in")
    )
    refused_accounts: Ratio = field(
        default=0.0,
        metadata=about(
            "share of accounts whose plan does not include the event: refused by policy"
        ),
    )
    token_life: Seconds = field(
        default=3600.0, metadata=about("how long an access token is good", clock="client")
    )

    def sized(self, *, scale: float, speed: float) -> "Stack":
        """This stack for `scale` times the viewers whose calendar runs `speed` times as fast.

        Stations of joining steps follow both; those of watching follow the audience alone.
        """
        return replace(
            self,
            stations={
                step: station.sized(scale * speed if step in JOIN_STEPS else scale)
                for step, station in self.stations.items()
            },
            origin=self.origin,
            waiting_room=self.waiting_room
            and replace(self.waiting_room, admit=self.waiting_room.admit * scale * speed),
        )
