"""The figures of a night that somebody orders something by: peaks, totals, what sending takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadtests.paper.plan.generators import Generators, generators
from loadtests.paper.plan.night import Night
from loadtests.paper.plan.support import Desk, desk
from loadtests.scenario.model import Scenario
from loadtests.stack.defaults import DEFAULT
from loadtests.units import Bytes, Offset
from loadtests.vocabulary import Step

_ANY = 1e-6  # less a second is rounding
_SAME = 0.999  # of the most: what lies flat has its peak where that begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most of something, and when that is."""

    value: float
    at: Offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Requests of one step."""

    peak: Peak  # a second
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One night, or one rehearsal, in figures. Rates are a second on its own clock."""

    viewers: float  # who come, for whatever
    joins: Peak
    watching: Peak
    requests: Asked
    connections: Asked  # opened
    sent: Peak  # bytes a second
    bytes: Bytes
    steps: Mapping[Step, Asked]
    generators: Generators
    support: Desk | None  # None: nobody calls


def load(night: Night, scenario: Scenario, *, is_rehearsal: bool = False) -> Load:
    """The figures of a night; `scenario` says what its stream and its support desk are like."""
    requests = [sum(rates) for rates in zip(*night.requests.values(), strict=True)]
    stream = (scenario.stack or DEFAULT).stream
    return Load(
        viewers=night.total(night.arrivals),
        joins=peak(night, night.arrivals),
        watching=peak(night, night.watching),
        requests=_asked(night, requests),
        connections=_asked(night, night.connections),
        sent=peak(night, night.sent),
        bytes=night.total(night.sent),
        steps={step: _asked(night, of) for step, of in night.requests.items() if max(of) > _ANY},
        generators=generators(night, own_playlists=stream.is_personal),
        support=desk(night, scenario, is_rehearsal=is_rehearsal),
    )


def peak(night: Night, rates: Sequence[float]) -> Peak:
    """The highest rate of one of a night's sequences; 0 where there is none."""
    most = max(rates, default=0.0)
    first = next((n for n, rate in enumerate(rates) if rate >= _SAME * most), 0)
    return Peak(value=most, at=night.offset(first))


def _asked(night: Night, rates: Sequence[float]) -> Asked:
    return Asked(peak=peak(night, rates), total=night.total(rates))
