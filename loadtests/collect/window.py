"""One second of a run, as numbers that add up: `merge` needs no order, `Window(0)` is its zero."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loadtests.collect.distribution import Distribution
from loadtests.collect.edge.window import EdgeWindow
from loadtests.errors import MatchnightError
from loadtests.scenario.hostile import Pattern
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Outcome, Purpose, Step

VERSION = 1
"""Of the JSON a window is written as; another one is refused, never guessed at."""

_SUMS = (
    "workers", "late_arrivals", "left", "watched", "stalled", "stalls", "stalled_viewers",
    "bits_watched", "switches", "lost", "connections", "handshakes", "resumed",
)  # fmt: skip
_LEVELS = ("cpu", "sockets", "in_flight")
_DISTRIBUTIONS = ("live_latency", "playlist_age", "stalled_ratios", "lag")
_STEPS = {step.value: step for step in Step}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_ENDS = {end.value: end for end in End}
_FACTS = {fact.value: fact for fact in Fact}
_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_PATTERNS = {pattern.value: pattern for pattern in Pattern}


@dataclass(slots=True)
class Tally:
    """Requests of one kind that ended: how many, body bytes, response times (done - due)."""

    count: int = 0
    bytes: int = 0
    times: Distribution = field(default_factory=Distribution)

    def merge(self, other: "Tally") -> None:
        """Add what `other` counted."""
        self.count += other.count
        self.bytes += other.bytes
        self.times.merge(other.times)


class Cohort(NamedTuple):
    """Viewers of one kind: where, on what, for what, and what is special about them."""

    region: str
    device: str
    purpose: Purpose
    traits: str  # in alphabetical order, joined by +


@dataclass(slots=True)
class Window:
    """What all workers saw in one second. Viewers are filed by the event minute they joined in."""

    second: int  # floor(now - start of the run)
    workers: int = 0  # worker windows merged into this one
    sent: Counter[tuple[Step, bool]] = field(default_factory=Counter)  # (step, is a retry)
    ended: dict[tuple[Step, Outcome, bool], Tally] = field(default_factory=dict)  # (…, was a retry)
    arrived: Counter[int] = field(default_factory=Counter)  # join minute -> viewers
    late_arrivals: int = 0  # started more than LATE after they were due
    ends: Counter[tuple[int, End]] = field(default_factory=Counter)  # (join minute, end)
    startup: dict[int, Distribution] = field(default_factory=dict)  # join minute -> startup times
    cohorts: Counter[tuple[int, Cohort, End]] = field(default_factory=Counter)  # (join minute, …)
    facts: Counter[Fact] = field(default_factory=Counter)
    policies: Counter[tuple[Step, str]] = field(default_factory=Counter)  # (step, code)
    left: int = 0  # viewers who had started and are gone
    watched: Seconds = 0.0
    stalled: Seconds = 0.0
    stalls: int = 0
    stalled_viewers: int = 0  # viewers whose first stall began
    bits_watched: float = 0.0  # sum of bytes per second * seconds watched
    switches: int = 0
    lost: int = 0
    live_latency: Distribution = field(default_factory=Distribution)
    playlist_age: Distribution = field(default_factory=Distribution)
    stalled_ratios: Distribution = field(
        default_factory=Distribution
    )  # of whole stays, one a viewer
    lag: Distribution = field(default_factory=Distribution)  # the tester's own: actual start - due
    cpu: float = 0.0  # of the busiest worker's core, ratio
    sockets: int = 0  # open now, all workers
    in_flight: int = 0  # requests under way now, all workers
    connections: int = 0  # opened in this second
    handshakes: int = 0  # full TLS handshakes
    resumed: int = 0  # resumed TLS handshakes
    edge: EdgeWindow = field(default_factory=lambda: EdgeWindow(0))
    # all requests that ended, viewers' and others', as the target's edge could see them
    hostile: Counter[tuple[Pattern, Step | None, Outcome]] = field(default_factory=Counter)
    # those of hostile traffic that ended: ground truth, which no diagnosis is handed

    def __post_init__(self) -> None:
        self.edge.second = self.second

    def merge(self, other: "Window") -> None:
        """Add what `other` saw, in the same second or another; `other` stays as it is.

        Levels (cpu, sockets, in_flight) do not add up over time: the later second's stand, so
        that a whole run's `in_flight` is what was under way when it ended. In one second workers'
        sockets and requests add up, and the busiest worker's core counts.
        """
        self._merge_levels(other)
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _DISTRIBUTIONS:
            getattr(self, name).merge(getattr(other, name))
        _add(self.sent, other.sent)
        _add(self.arrived, other.arrived)
        _add(self.ends, other.ends)
        _add(self.cohorts, other.cohorts)
        _add(self.facts, other.facts)
        _add(self.policies, other.policies)
        _add(self.hostile, other.hostile)
        self.edge.merge(other.edge)
        for kind, tally in other.ended.items():
            self.ended.setdefault(kind, Tally()).merge(tally)
        for minute, times in other.startup.items():
            self.startup.setdefault(minute, Distribution()).merge(times)

    def _merge_levels(self, other: "Window") -> None:
        if other.second > self.second:
            self.second = other.second
            self.cpu, self.sockets, self.in_flight = other.cpu, other.sockets, other.in_flight
        elif other.second == self.second:
            self.cpu = max(self.cpu, other.cpu)
            self.sockets += other.sockets
            self.in_flight += other.in_flight

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, short: what is zero or empty is left out."""
        made: dict[str, Any] = {"version": VERSION, "second": self.second}
        for name in (*_SUMS, *_LEVELS):
            made[name] = getattr(self, name)
        for name in _DISTRIBUTIONS:
            made[name] = getattr(self, name).to_json()
        made["sent"] = [[step, int(retry), n] for (step, retry), n in self.sent.items()]
        made["ended"] = [
            [step, outcome, int(retry), tally.count, tally.bytes, tally.times.to_json()]
            for (step, outcome, retry), tally in self.ended.items()
        ]
        made["arrived"] = [*self.arrived.items()]
        made["ends"] = [[minute, end, n] for (minute, end), n in self.ends.items()]
        made["startup"] = [[minute, times.to_json()] for minute, times in self.startup.items()]
        made["cohorts"] = [
            [minute, *kind, end, n] for (minute, kind, end), n in self.cohorts.items()
        ]
        made["facts"] = [*self.facts.items()]
        made["policies"] = [[step, code, n] for (step, code), n in self.policies.items()]
        made["hostile"] = [
            [pattern, step or "", end, n] for (pattern, step, end), n in self.hostile.items()
        ]
        made["edge"] = self.edge.to_json()
        return {name: value for name, value in made.items() if value or name == "second"}

    @classmethod
    def from_json(cls, made: Mapping[str, Any]) -> "Window":
        """What `to_json` made this of.

        MatchnightError for another version; KeyError, TypeError or ValueError if it is no window.
        """
        if made["version"] != VERSION:
            raise MatchnightError(
                f"window version {made['version']!r}: this matchnight reads version {VERSION}; "
                "use the one that wrote it"
            )
        window = cls(made["second"])
        for name in (*_SUMS, *_LEVELS):
            setattr(window, name, made.get(name, 0))
        for name in _DISTRIBUTIONS:
            setattr(window, name, Distribution.from_json(made.get(name, [])))
        window.edge = EdgeWindow.from_json(window.second, made.get("edge", {}))
        window._read_counts(made)
        return window

    def _read_counts(self, made: Mapping[str, Any]) -> None:
        for step, retry, n in made.get("sent", ()):
            self.sent[_STEPS[step], bool(retry)] = n
        for step, outcome, retry, count, size, times in made.get("ended", ()):
            self.ended[_STEPS[step], _OUTCOMES[outcome], bool(retry)] = Tally(
                count, size, Distribution.from_json(times)
            )
        for minute, n in made.get("arrived", ()):
            self.arrived[minute] = n
        for minute, end, n in made.get("ends", ()):
            self.ends[minute, _ENDS[end]] = n
        for minute, times in made.get("startup", ()):
            self.startup[minute] = Distribution.from_json(times)
        self._read_kinds(made)

    def _read_kinds(self, made: Mapping[str, Any]) -> None:
        for minute, region, device, purpose, traits, end, n in made.get("cohorts", ()):
            kind = Cohort(region, device, _PURPOSES[purpose], traits)
            self.cohorts[minute, kind, _ENDS[end]] = n
        for fact, n in made.get("facts", ()):
            self.facts[_FACTS[fact]] = n
        for step, code, n in made.get("policies", ()):
            self.policies[_STEPS[step], code] = n
        for pattern, step, outcome, n in made.get("hostile", ()):
            of = _STEPS[step] if step else None
            self.hostile[_PATTERNS[pattern], of, _OUTCOMES[outcome]] = n


def _add(mine: Counter[Any], others: Counter[Any]) -> None:
    """As `Counter.update`, without its detour for the values it might be given."""
    for key, n in others.items():
        mine[key] += n
