"""One second of a run, as numbers that add up: `merge` needs no order and has a zero (`Window(second)`)."""

from collections import Counter
from dataclasses import dataclass, field

from loadtests.collect.distribution import Distribution
from loadtests.units import Seconds
from loadtests.vocabulary import End, Outcome, Step


@dataclass(slots=True)
class Tally:
    """Requests of one kind that ended: how many, their body bytes, their response times (done - due)."""

    count: int = 0
    bytes: int = 0
    times: Distribution = field(default_factory=Distribution)


@dataclass(slots=True)
class Window:
    """What all workers saw in one second of the run. Viewers are filed by the event minute they joined in."""

    second: int  # floor(now - start of the run)
    workers: int = 0  # worker windows merged into this one
    sent: Counter[tuple[Step, bool]] = field(default_factory=Counter)  # (step, is a retry)
    ended: dict[tuple[Step, Outcome, bool], Tally] = field(default_factory=dict)  # (…, was a retry)
    arrived: Counter[int] = field(default_factory=Counter)  # join minute -> viewers
    late_arrivals: int = 0  # started more than LATE after they were due
    ends: Counter[tuple[int, End]] = field(default_factory=Counter)  # (join minute, end)
    startup: dict[int, Distribution] = field(default_factory=dict)  # join minute -> startup times
    left: int = 0  # viewers who had started and are gone
    watched: Seconds = 0.0
    stalled: Seconds = 0.0
    stalls: int = 0
    stalled_viewers: int = 0  # viewers whose first stall began
    bits_watched: float = 0.0  # Σ bytes per second × seconds watched
    switches: int = 0
    lost: int = 0
    live_latency: Distribution = field(default_factory=Distribution)
    playlist_age: Distribution = field(default_factory=Distribution)
    lag: Distribution = field(default_factory=Distribution)  # the tester's own: actual start - due
    cpu: float = 0.0  # of the busiest worker's core, ratio
    sockets: int = 0  # open now, all workers
    in_flight: int = 0  # requests under way now, all workers
    connections: int = 0  # opened in this second
    handshakes: int = 0  # full TLS handshakes
    resumed: int = 0  # resumed TLS handshakes
