"""Is hostile traffic there? Every pattern is looked for where it would show."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from loadtests.diagnosis.hostile.blind import blind
from loadtests.diagnosis.hostile.cache_busting import cache_busting
from loadtests.diagnosis.hostile.claim import told
from loadtests.diagnosis.hostile.flood import flood
from loadtests.diagnosis.hostile.license_abuse import license_abuse
from loadtests.diagnosis.hostile.locate import together
from loadtests.diagnosis.hostile.look import Look
from loadtests.diagnosis.hostile.report import Asked, HostileReport, Suspects, Weighed
from loadtests.diagnosis.hostile.scanner import scanner
from loadtests.diagnosis.hostile.slow_http import slow_http
from loadtests.diagnosis.hostile.stuffing import stuffing
from loadtests.diagnosis.hostile.suspicion import Suspicion
from loadtests.diagnosis.hostile.token_replay import token_replay
from loadtests.diagnosis.verdict.bins import Bins, bins
from loadtests.diagnosis.verdict.kinds import Hostile
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import HostileFound, Missing, Span
from loadtests.diagnosis.verdict.say import LEANING, odds, word

PATTERNS: Mapping[Hostile, Callable[[Look], Iterator[Suspicion]]] = {
    Hostile.CREDENTIAL_STUFFING: stuffing,
    Hostile.L7_FLOOD: flood,
    Hostile.CACHE_BUSTING: cache_busting,
    Hostile.SLOW_HTTP: slow_http,
    Hostile.TOKEN_REPLAY: token_replay,
    Hostile.LICENSE_ABUSE: license_abuse,
    Hostile.SCANNER: scanner,
}
"""A further pattern is a function and a line here (and its name in `verdict.kinds.Hostile`)."""


def find_hostile(
    night: Night,
    span: Span | None = None,
    *,
    without: AbstractSet[Hostile] = frozenset(),
    looked: Bins | None = None,
) -> HostileReport:
    """What hostile traffic `night` is consistent with, in `span` (None: all of it).

    Patterns `without` which it is done are not looked for, and nothing is said of them: so it can
    be measured whether the others are taken for them. `looked`: the span's bins, where they have
    been made already.
    """
    night, span = _cut(night, span)
    look = Look(night, looked or bins(night), first=int(span.start))
    patterns = [pattern for kind, pattern in PATTERNS.items() if kind not in without]
    suspicions = [each for pattern in patterns for each in pattern(look)]
    said = [each for each in suspicions if _is_said(each)]
    unseen = {kind: each for kind, each in blind(look).items() if kind not in without}
    return HostileReport(
        span=span,
        bin=float(look.bins.size),
        found=tuple(sorted(map(_found, said), key=lambda found: -found.probability)),
        undetermined=_undetermined(suspicions, said, unseen.keys()),
        evidence=tuple(w.evidence for each in suspicions for w in each.weights if w.decibans),
        missing=_missing(suspicions, unseen),
        suspects=_suspects(said),
        weighed=tuple(map(_weighed, suspicions)),
    )


def _cut(night: Night, span: Span | None) -> tuple[Night, Span]:
    whole = Span(start=0.0, stop=float(len(night.windows)))
    if span is None:
        return night, whole
    windows = night.windows[int(span.start) : int(span.stop)]
    return replace(night, windows=windows), Span(start=span.start, stop=span.start + len(windows))


def _is_said(suspicion: Suspicion) -> bool:
    return suspicion.stands and suspicion.probability >= LEANING


def _undetermined(
    suspicions: Iterable[Suspicion], said: Iterable[Suspicion], unseen: AbstractSet[Hostile]
) -> tuple[Hostile, ...]:
    told = {each.place.kind for each in said}
    open_ = {each.place.kind for each in suspicions if each.is_open}
    return tuple(kind for kind in Hostile if kind in (open_ | unseen) - told)


def _missing(
    suspicions: Iterable[Suspicion], unseen: Mapping[Hostile, Missing]
) -> tuple[Missing, ...]:
    told = (missing for each in suspicions for missing in each.missing)
    return tuple({missing.what: missing for missing in (*unseen.values(), *told)}.values())


def _found(suspicion: Suspicion) -> HostileFound:
    place, share, probability = suspicion.place, suspicion.share, suspicion.probability
    name = place.kind.replace("_", " ")
    where = f"the requests of {place.step}" if place.step is not None else "all requests"
    return HostileFound(
        kind=place.kind,
        step=place.step,
        word=word(probability),
        probability=probability,
        share=share.value,
        low=share.low,
        high=share.high,
        sentence=f"A pattern consistent with {name} ({odds(probability)}):"
        f" {told(share)} of {where}.",
        span=place.look.span(place.part),
    )


def _suspects(said: Iterable[Suspicion]) -> dict[Asked, Suspects]:
    found: dict[Asked, Suspects] = {}
    for each in said:
        step = each.place.step
        found[step] = together(found.get(step), each.suspects)
    return found


def _weighed(suspicion: Suspicion) -> Weighed:
    return Weighed(
        kind=suspicion.place.kind,
        step=suspicion.place.step,
        span=suspicion.place.look.span(suspicion.place.part),
        decibans=suspicion.decibans,
        evidence=tuple(weight.evidence for weight in suspicion.weights),
        may_be=suspicion.share.value if _may_be(suspicion) else 0.0,
    )


def _may_be(suspicion: Suspicion) -> bool:
    return suspicion.is_open and not suspicion.is_blind and not _is_said(suspicion)
