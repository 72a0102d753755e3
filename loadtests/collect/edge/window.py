"""What an edge saw in one second, as numbers that add up: `merge` needs no order and has a zero."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from loadtests.collect.distribution import Distribution
from loadtests.collect.edge.distinct import Distinct
from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said
from loadtests.collect.edge.top import Top
from loadtests.units import Seconds
from loadtests.vocabulary import Step

MANY = 64
"""Sources of one token are counted up to here."""

_SUMS = (
    "posts", "moved", "bytes", "busy", "settled", "continued", "denied", "returned", "starved",
    "probes",
)  # fmt: skip
_COUNTS = ("said", "codes", "cache", "shared", "regions")
_SKETCHES: Mapping[str, type[Distribution | Distinct | Top]] = {
    "times": Distribution,
    "clients": Distinct,
    "accounts": Distinct,
    "targets": Distinct,
    "paths": Distinct,
    "top_clients": Top,
    "top_accounts": Top,
}
_FIELDS = (
    "said", "bytes", "busy", "times", "clients", "accounts", "targets", "paths", "top_clients",
    "top_accounts", "shared", "posts", "settled", "continued", "codes", "cache", "regions",
    "denied", "returned", "starved", "probes", "moved",
)  # fmt: skip
"""In the order they are written; a further one goes to the end, and is 0 where it is missing."""
_SAME = "="  # paths where they are the targets: nobody asked with a query
_STEPS: dict[str, Step | None] = {"": None} | {step.value: step for step in Step}
_MARKS = {Attempt.FIRST: "", Attempt.RETRY: "+", Attempt.UNKNOWN: "?"}
_MARKED = {said + mark: (said, of) for said in Said for of, mark in _MARKS.items()}
_CACHE = {said.value: said for said in CacheSaid}


@dataclass(slots=True)
class Traffic:
    """Requests of one step that ended in one second."""

    said: Counter[tuple[Said, Attempt]] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)  # of refusals by policy
    posts: int = 0  # that submit something
    moved: int = 0  # of those, answered with a redirect
    bytes: int = 0
    times: Distribution = field(default_factory=Distribution)  # durations of what went well
    busy: Seconds = 0.0  # durations of all, added up: ÷ span = mean in flight (Little)
    cache: Counter[CacheSaid] = field(default_factory=Counter)
    clients: Distinct = field(default_factory=Distinct)
    accounts: Distinct = field(default_factory=Distinct)
    targets: Distinct = field(default_factory=Distinct)  # path and query
    paths: Distinct = field(default_factory=Distinct)
    top_clients: Top = field(default_factory=Top)
    top_accounts: Top = field(default_factory=Top)
    settled: int = 0  # that went well FOLLOWS_WITHIN ago: see `watcher`
    continued: int = 0  # of them, those whose account or client went on to a later step
    denied: int = 0  # for their credentials, as long ago
    returned: int = 0  # of them, those whose account or client was let in since
    starved: int = 0  # open for more than 30 s, not one byte of an answer: the client's own doing
    shared: Counter[int] = field(default_factory=Counter)
    # sources seen lately with the token (at most MANY) -> requests of it that were served
    probes: int = 0  # for what only scanners ask for
    regions: Counter[tuple[str, bool]] = field(default_factory=Counter)  # (region, failed)

    @property
    def requests(self) -> int:
        """All that ended."""
        return sum(self.said.values())

    def merge(self, other: "Traffic") -> None:
        """Add what `other` counted; `other` stays as it is."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTS:
            mine = getattr(self, name)
            for key, n in getattr(other, name).items():
                mine[key] += n
        for name in _SKETCHES:
            getattr(self, name).merge(getattr(other, name))

    def to_json(self) -> list[Any]:
        """Plain JSON: a value for each of `_FIELDS`, 0 for what is zero or empty."""
        made: dict[str, Any] = {name: getattr(self, name) for name in _SUMS}
        made["busy"] = round(self.busy, 6)
        for name in _SKETCHES:
            made[name] = getattr(self, name).to_json()
        if made["paths"] and made["paths"] == made["targets"]:
            made["paths"] = _SAME
        made["said"] = [
            part for (said, of), n in self.said.items() for part in (said + _MARKS[of], n)
        ]
        made["regions"] = [
            part
            for region in {region: None for region, _ in self.regions}
            for part in (region, self.regions[region, False], self.regions[region, True])
        ]
        for name in ("codes", "cache", "shared"):
            made[name] = [*chain.from_iterable(getattr(self, name).items())]
        told = [made[name] or 0 for name in _FIELDS]
        while told and not told[-1]:
            told.pop()
        return told

    @classmethod
    def from_json(cls, told: Sequence[Any]) -> "Traffic":
        """What `to_json` made this of; KeyError, TypeError or ValueError if it made no such."""
        made = {name: value for name, value in zip(_FIELDS, told, strict=False) if value}
        if made.get("paths") == _SAME:
            made["paths"] = made["targets"]
        traffic = cls()
        for name in _SUMS:
            setattr(traffic, name, made.get(name, 0))
        for name, kind in _SKETCHES.items():
            if name in made:
                setattr(traffic, name, kind.from_json(made[name]))
        traffic._read_counts(made)
        return traffic

    def _read_counts(self, made: Mapping[str, Any]) -> None:
        for word, n in _pairs(made.get("said", ())):
            self.said[_MARKED[word]] = n
        told = made.get("regions", ())
        for region, well, failed in zip(told[::3], told[1::3], told[2::3], strict=True):
            self.regions += Counter({(region, False): well, (region, True): failed})
        for word, n in _pairs(made.get("cache", ())):
            self.cache[_CACHE[word]] = n
        self.codes.update(dict(_pairs(made.get("codes", ()))))
        self.shared.update(dict(_pairs(made.get("shared", ()))))


def _pairs(flat: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    return zip(flat[::2], flat[1::2], strict=True)


@dataclass(slots=True)
class EdgeWindow:
    """One second at the edge, by step; None: paths that are no step of a viewer's."""

    second: int
    steps: dict[Step | None, Traffic] = field(default_factory=dict)

    def of(self, step: Step | None) -> Traffic:
        """The requests of `step`; without any, an empty one that is nobody's."""
        return self.steps.get(step) or Traffic()

    @property
    def total(self) -> Traffic:
        """The requests of all steps together."""
        made = Traffic()
        for traffic in self.steps.values():
            made.merge(traffic)
        return made

    def merge(self, other: "EdgeWindow") -> None:
        """Add what `other` saw, in the same second or another; `other` stays as it is.

        The later second's number stands.
        """
        self.second = max(self.second, other.second)
        for step, traffic in other.steps.items():
            self.steps.setdefault(step, Traffic()).merge(traffic)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON by step, short: of a few hundred characters each."""
        return {step or "": traffic.to_json() for step, traffic in self.steps.items()}

    @classmethod
    def from_json(cls, second: int, made: Mapping[str, Any]) -> "EdgeWindow":
        """The window of `second` that `to_json` made this of.

        AttributeError, KeyError, TypeError or ValueError if it made nothing of the kind.
        """
        steps = {_STEPS[step]: Traffic.from_json(told) for step, told in made.items()}
        return cls(second, steps)


def merged(windows: Iterable[EdgeWindow]) -> EdgeWindow:
    """All of `windows` as one, of the latest second; they stay as they are."""
    made = EdgeWindow(0)
    for window in windows:
        made.merge(window)
    return made
