"""Weeks before the night: which verdicts a source can ever support, what to add, what that buys."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from loadtests.diagnosis.verdict.explain import LEAST_COVERAGE, MANDATORY, OBTAINABLE
from loadtests.diagnosis.verdict.kinds import Cause, Family, Hostile, Observable
from loadtests.diagnosis.verdict.night import Night
from loadtests.units import Ratio

SAYS: Ratio = 0.5
"""Share of the requests an observable has to be told of."""

EVERY: Ratio = 0.5
"""Share of the requests that have to be logged for who went on, and from where, to be seen."""


class Before(StrEnum):
    """What no field of a log can say."""

    SIGNATURE = "signature"  # the target's measured capacity
    ALL_LOGGED = "all_logged"  # every request, not a sample of them


Need = Observable | Before
Kind = Cause | Hostile

_BASE: frozenset[Need] = frozenset({Observable.TIME, Observable.STEP, Observable.STATUS})


def _and(base: frozenset[Need], *more: Need) -> frozenset[Need]:
    return base | set(more)


_WHO_WENT_ON = _and(_BASE, Observable.CLIENT, Before.ALL_LOGGED)

OF_FAMILY: Mapping[Family, frozenset[Need]] = {
    Family.DEMAND: _and(_BASE, Before.SIGNATURE),
    Family.SATURATION: _and(_BASE, Observable.DURATION),
    Family.ONSET: _BASE,
    Family.RETRIES: _and(_BASE, Observable.ATTEMPT),
    Family.POLICY: _and(_BASE, Observable.STATED),
}
"""What each family of evidence about the cause is read from."""

OF_PATTERN: Mapping[Hostile, frozenset[Need]] = {
    Hostile.CREDENTIAL_STUFFING: _and(_WHO_WENT_ON, Observable.STATED),
    Hostile.L7_FLOOD: _WHO_WENT_ON,
    Hostile.CACHE_BUSTING: _and(_BASE, Observable.CACHE, Observable.TARGET),
    Hostile.SLOW_HTTP: _and(_BASE, Observable.DURATION, Observable.BYTES),
    Hostile.TOKEN_REPLAY: _and(_WHO_WENT_ON, Observable.ACCOUNT),
    Hostile.LICENSE_ABUSE: _and(_WHO_WENT_ON, Observable.ACCOUNT),
    Hostile.SCANNER: frozenset({Observable.TIME, Observable.STATUS, Observable.TARGET}),
}
"""What the two families each pattern needs are read from."""

SEEN_ANYWAY = (Cause.NOMINAL, Cause.SURGE_ABSORBED)
"""Need nothing but requests and what became of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Whether a verdict can ever be said; `lacks` is what it would take, empty if it can."""

    kind: Kind
    lacks: tuple[Need, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to add: what it buys by itself, and what it is one of several needs of."""

    add: Need
    buys: tuple[Kind, ...]
    helps: tuple[Kind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What can be said on the night, and the advice that buys most first."""

    verdicts: tuple[Support, ...]
    advice: tuple[Advice, ...]

    @property
    def sayable(self) -> tuple[Kind, ...]:
        """Verdicts that can be said as things are."""
        return tuple(of.kind for of in self.verdicts if not of.lacks)


def readiness(night: Night) -> Readiness:
    """What a night seen as this one is could ever be said to be; its own requests do not count."""
    has = needs_met(night)
    verdicts = tuple(
        Support(kind=kind, lacks=tuple(sorted(lacks(kind, has), key=_rank))) for kind in kinds()
    )
    return Readiness(verdicts=verdicts, advice=tuple(_advice(verdicts, has)))


def kinds() -> Iterator[Kind]:
    """All verdicts that depend on what a source says."""
    yield from SEEN_ANYWAY
    yield from MANDATORY
    yield from Hostile


def needs_met(night: Night) -> frozenset[Need]:
    """What the source of a night says, and what is known from before."""
    has: set[Need] = {of for of, share in night.observed.items() if share >= SAYS}
    if night.signature is not None:
        has.add(Before.SIGNATURE)
    if night.sampled >= EVERY:
        has.add(Before.ALL_LOGGED)
    return frozenset(has)


def lacks(kind: Kind, has: Collection[Need]) -> frozenset[Need]:
    """The least that is missing for a verdict to be said."""
    if isinstance(kind, Hostile):
        return OF_PATTERN[kind] - set(has)
    if kind in SEEN_ANYWAY:
        return _BASE - set(has)
    families = _families(kind, has)
    return frozenset(need for family in families for need in OF_FAMILY[family]) - set(has)


def _families(cause: Cause, has: Collection[Need]) -> set[Family]:
    """Those a cause cannot do without, those that are there, and the weightiest up to enough."""
    chosen = {family for family, needs in OF_FAMILY.items() if needs <= set(has)}
    chosen |= set(MANDATORY[cause])
    by_weight = sorted(OBTAINABLE, key=lambda family: -OBTAINABLE[family])
    for family in by_weight:
        if sum(OBTAINABLE[each] for each in chosen) >= LEAST_COVERAGE * sum(OBTAINABLE.values()):
            break
        chosen.add(family)
    return chosen


def _advice(verdicts: Collection[Support], has: frozenset[Need]) -> Iterator[Advice]:
    """What is missing, by how much it buys; several may buy the same, each by itself."""
    closed = [of for of in verdicts if of.lacks]
    made = [
        Advice(
            add=need,
            buys=tuple(of.kind for of in closed if not lacks(of.kind, has | {need})),
            helps=tuple(of.kind for of in closed if need in of.lacks and len(of.lacks) > 1),
        )
        for need in (*Observable, *Before)
        if need not in has
    ]
    wanted = (of for of in made if of.buys or of.helps)
    yield from sorted(wanted, key=lambda of: (-len(of.buys), -len(of.helps), _rank(of.add)))


def _rank(need: Need) -> int:
    return [*Observable, *Before].index(need)
