"""One trouble explained: the likeliest cause, or that it cannot be told and what would tell it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from loadtests.diagnosis.verdict.evidence import FAMILIES
from loadtests.diagnosis.verdict.guards import barred, is_open
from loadtests.diagnosis.verdict.kinds import Cause, Family, LeftOut, Word
from loadtests.diagnosis.verdict.odds import apart, decibans, probabilities
from loadtests.diagnosis.verdict.records import Alternative, CauseFound, Evidence, Missing
from loadtests.diagnosis.verdict.say import LEANING, NAMES, odds, word
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.units import Ratio

OBTAINABLE: Mapping[Family, float] = {
    Family.DEMAND: 13.0,
    Family.SATURATION: 10.0,
    Family.ONSET: 10.0,
    Family.RETRIES: 8.0,
    Family.POLICY: 13.0,
}
"""What each family can weigh, in decibans: coverage is the share of it that could be had."""

LEAST_COVERAGE: Ratio = 0.6
LEAST_FAILED = 50
"""First attempts that failed."""
MOST_OPEN: Ratio = 0.95
"""Of demand, where hostile traffic at the step could not be told: short of near-certain."""

LEAST_APART = 6.0
"""Decibans between the likeliest two."""

MANDATORY: Mapping[Cause, tuple[Family, ...]] = {
    Cause.DEMAND_ABOVE_KNEE: (Family.DEMAND,),
    Cause.CAPACITY_REGRESSION: (Family.DEMAND, Family.SATURATION),
    Cause.RETRY_STORM: (Family.DEMAND, Family.RETRIES),
    Cause.DEPENDENCY_OUTAGE: (Family.ONSET,),
    Cause.POLICY_REJECTION: (Family.POLICY,),
    Cause.DEFENCE_COLLATERAL: (Family.POLICY,),
    Cause.MALICE_CAUSED: (Family.DEMAND,),
}
"""Without which a cause may not be said, however likely it looks."""

MEASUREMENTS: Mapping[Family, str] = {
    Family.DEMAND: "play a ramp at {step} (matchnight capacity) and hold this night against it",
    Family.SATURATION: "log how long requests of {step} take, from an hour before the peak",
    Family.ONSET: "log {step} from before the trouble: what rose first, errors or times",
    Family.RETRIES: "log which attempt a request is (a header the players send)",
    Family.POLICY: "log the outcome the application states, not its status alone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What is said of one trouble."""

    cause: CauseFound
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...]
    coverage: Ratio
    next_measurement: str


def explain(scene: Scene, without: Collection[LeftOut]) -> Explained:
    """All causes and families but those `without`, weighed."""
    found = [
        item for family, look in FAMILIES.items() if family not in without for item in look(scene)
    ]
    evidence = tuple(item for item in found if isinstance(item, Evidence))
    missing = [item for item in found if isinstance(item, Missing)]
    missing += [_left_out(family) for family in FAMILIES if family in without]
    had = {item.family for item in evidence}
    coverage = sum(OBTAINABLE[f] for f in had) / sum(OBTAINABLE.values())
    chances = _capped(scene, probabilities(decibans(evidence, without)))
    reasons = _reasons(scene, chances, had, coverage)
    cause = _undetermined(chances, reasons) if reasons else _said(chances, evidence)
    return Explained(
        cause=cause,
        evidence=evidence,
        missing=tuple(missing),
        coverage=coverage,
        next_measurement=_next(scene, chances, had, reasons),
    )


def _capped(scene: Scene, chances: Mapping[Cause, Ratio]) -> Mapping[Cause, Ratio]:
    """Demand is never all but certain where part of it may be hostile, and nothing tells."""
    best = chances.get(Cause.DEMAND_ABOVE_KNEE, 0.0)
    if best <= MOST_OPEN or not is_open(scene):
        return chances
    hostile = chances.get(Cause.MALICE_CAUSED, 0.0) + best - MOST_OPEN
    capped = {**chances, Cause.DEMAND_ABOVE_KNEE: MOST_OPEN, Cause.MALICE_CAUSED: hostile}
    return dict(sorted(capped.items(), key=lambda item: -item[1]))


def likeliest(cause: CauseFound) -> Cause:
    """What is said, or would be if it could be told."""
    return cause.alternatives[0].kind if cause.kind is Cause.UNDETERMINED else cause.kind


def _reasons(
    scene: Scene, chances: Mapping[Cause, Ratio], had: Collection[Family], coverage: Ratio
) -> list[str]:
    """Why the likeliest may not be said; empty if it may."""
    (top, best), (_, second) = list(chances.items())[:2]
    lacking = [family for family in MANDATORY[top] if family not in had]
    reasons = [_LACKING[family] for family in lacking]
    reasons += barred(scene, top)
    if scene.trouble.failed < LEAST_FAILED:
        reasons.append(f"only {scene.trouble.failed} viewers' first attempts failed")
    if coverage < LEAST_COVERAGE:
        reasons.append(f"only {coverage:.0%} of the evidence could be had".replace("%", " %"))
    if apart(best, second) < LEAST_APART or best < LEANING:
        reasons.append("two explanations are about as likely")
    return reasons


_LACKING = {
    Family.DEMAND: "the knee is not known",
    Family.SATURATION: "how long requests take is not known",
    Family.ONSET: "how it began is not known",
    Family.RETRIES: "nobody says which requests are retries",
    Family.POLICY: "the outcome the application states is not known",
}


def _said(chances: Mapping[Cause, Ratio], evidence: Sequence[Evidence]) -> CauseFound:
    kind, best = next(iter(chances.items()))
    return CauseFound(
        kind=kind,
        word=word(best),
        probability=best,
        alternatives=_alternatives(chances, kind),
        sentence=f"pattern consistent with {NAMES[kind]}: {odds(best)}{_but_for(kind, evidence)}",
    )


def _but_for(kind: Cause, evidence: Sequence[Evidence]) -> str:
    """What was asked, against what can be carried, where that is what the cause says."""
    claims = (item.claim for item in evidence if item.family is Family.DEMAND)
    is_about_load = Family.DEMAND in MANDATORY[kind]
    return "".join(f"; {claim}" for claim in claims) if is_about_load else ""


def _undetermined(chances: Mapping[Cause, Ratio], reasons: list[str]) -> CauseFound:
    standing = [
        kind
        for kind, chance in chances.items()
        if apart(next(iter(chances.values())), chance) < LEAST_APART
    ]
    names = " or ".join(NAMES[kind] for kind in standing)
    return CauseFound(
        kind=Cause.UNDETERMINED,
        word=Word.UNDETERMINED,
        probability=next(iter(chances.values())),
        alternatives=_alternatives(chances, None),
        sentence=f"cannot be told: {'; '.join(reasons)}. Still standing: {names}",
    )


def _alternatives(chances: Mapping[Cause, Ratio], said: Cause | None) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(kind=kind, probability=chance)
        for kind, chance in chances.items()
        if kind is not said
    )


def _left_out(family: Family) -> Missing:
    tells = tuple(cause for cause, families in MANDATORY.items() if family in families)
    return Missing(
        family=family, what=f"{_LACKING[family]}: left out", observable=None, would_tell=tells
    )


def _next(
    scene: Scene, chances: Mapping[Cause, Ratio], had: Collection[Family], reasons: list[str]
) -> str:
    """Of the families that could not be had the one the likeliest hang on most."""
    if not reasons:
        return ""
    standing = list(chances)[:2]
    wanted = [f for cause in standing for f in MANDATORY[cause] if f not in had]
    wanted += [family for family in OBTAINABLE if family not in had]
    if wanted:
        return MEASUREMENTS[wanted[0]].format(step=scene.step)
    if scene.trouble.failed < LEAST_FAILED:
        return "more of the night: too few viewers failed to tell"
    return MEASUREMENTS[Family.DEMAND].format(step=scene.step)
