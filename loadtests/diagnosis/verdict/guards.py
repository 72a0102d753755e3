"""What must be so before a cause may be said at all: mis-measurements land where guards are."""

from collections.abc import Callable, Iterator

from loadtests.diagnosis.verdict.comparable import is_incomplete, is_of_another_mix
from loadtests.diagnosis.verdict.evidence.onset import MORE_DEMAND
from loadtests.diagnosis.verdict.evidence.refusals import is_blind
from loadtests.diagnosis.verdict.evidence.saturation import CEASED
from loadtests.diagnosis.verdict.kinds import Cause, Word
from loadtests.diagnosis.verdict.load import load, tonight
from loadtests.diagnosis.verdict.price import FEWEST, price
from loadtests.diagnosis.verdict.records import Span
from loadtests.diagnosis.verdict.say import percent
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.units import Ratio
from loadtests.vocabulary import Step

AROUND = 3
"""Bins before and after an onset in which whatever begins may have to do with it."""

ANOTHER_MIX = "the knee was measured with another mix of viewers"

SHARED: Ratio = 0.1
"""Suspected share of another step's requests from which that may be what wears this step out."""


def barred(scene: Scene, cause: Cause) -> list[str]:
    """Why this cause may not be said of the trouble; empty if it may."""
    guards: dict[Cause, Callable[[Scene], Iterator[str]]] = {
        Cause.DEMAND_ABOVE_KNEE: _demand,
        Cause.RETRY_STORM: _storm,
        Cause.CAPACITY_REGRESSION: _regression,
        Cause.MALICE_CAUSED: _malice,
        Cause.DEPENDENCY_OUTAGE: _outage,
    }
    return list(guards[cause](scene)) if cause in guards else []


def _demand(scene: Scene) -> Iterator[str]:
    found = load(scene)
    if found is not None and found.is_first_known and found.first.low < 1:
        yield _STRADDLES.format(who="viewers' first attempts")
    for weighed in scene.report.weighed:
        if weighed.step is not scene.step or found is None:
            continue
        if found.first.value * (1 - weighed.may_be) < 1 <= found.first.value:
            what, share = weighed.kind.replace("_", " "), percent(weighed.may_be)
            yield f"{share} of the demand may be {what}, and too little is known to say"


def is_open(scene: Scene) -> bool:
    """Whether a hostile pattern at the step could not be told, and no evening like it is known."""
    baseline, report = scene.night.baseline, scene.report
    if baseline is not None and baseline.same_class:
        return False
    return any(of.step is scene.step and of.kind in report.undetermined for of in report.weighed)


def _storm(scene: Scene) -> Iterator[str]:
    found = load(scene)
    if found is not None and (found.legitimate.low < 1 or found.first.high > 1):
        yield _STRADDLES.format(who="demand with or without repeats")


_STRADDLES = "the interval of {who} reaches to both sides of the knee"


def _regression(scene: Scene) -> Iterator[str]:
    found = load(scene)
    if found is not None and found.total.high > 1 and not found.first.high < 1 < found.dearer.low:
        yield _STRADDLES.format(who="demand")
    paid = price(scene, tonight(scene.night, scene.step))
    if paid is None:
        yield "what a request cost before the peak, at low load, is not known"
    elif paid.rise <= 1:
        yield "a request cost no more before the peak than in the capacity search"
    if is_of_another_mix(scene):
        yield ANOTHER_MIX
    if is_incomplete(scene):
        yield "part of the demand was not counted"
    if _is_worn_elsewhere(scene):
        yield "an attack on another step may share what failed"


def _malice(scene: Scene) -> Iterator[str]:
    found = load(scene)
    if found is not None and (found.total.low < 1 or found.legitimate.high > 1):
        yield _STRADDLES.format(who="demand with or without the suspects")
    if is_of_another_mix(scene):
        yield ANOTHER_MIX
    if not any(
        h.step is scene.step and h.word is not Word.UNDETERMINED for h in scene.report.found
    ):
        yield "no hostile pattern was found at this step"


def _outage(scene: Scene) -> Iterator[str]:
    if is_blind(scene):
        yield "a rule of the defense would answer with the same status"
    if _is_hit_elsewhere(scene):
        yield "an attack on another step began with it, and may share what failed"
    if len(scene.steps) == 1 and not _has_times(scene) and _has_risen(scene) and _serves(scene):
        yield "a request that grew dear would fail alike, and how long they take is not known"


def _has_times(scene: Scene) -> bool:
    took = scene.measure("response_time", scene.calm)
    return took is not None and took.samples >= FEWEST


def _has_risen(scene: Scene) -> bool:
    """Whether more came than usual in the worst of it, repeats not counted."""
    firsts = (scene.measure("first_attempts", of) for of in (scene.core, scene.calm))
    came, usual = (0.0 if found is None else found.value for found in firsts)
    lasted = len(scene.calm_bins) * scene.bins.size
    return came / scene.core_lasted * lasted > MORE_DEMAND * usual


def _serves(scene: Scene) -> bool:
    """Whether a part of what is usual went well in the worst of it: what is down serves nobody."""
    good = scene.measure("good", scene.core, scene.core_lasted)
    usual = scene.measure("good", scene.calm, float(len(scene.calm_bins) * scene.bins.size))
    return good is not None and usual is not None and good.high > CEASED * usual.value


def _is_worn_elsewhere(scene: Scene) -> bool:
    """Whether another step is attacked while this one fails."""
    return any(_most(scene, step, scene.span) > SHARED for step in _elsewhere(scene))


def _is_hit_elsewhere(scene: Scene) -> bool:
    """Whether an attack on another step began as this one began to fail."""
    at, near = scene.span.start, AROUND * scene.bins.size
    before = Span(start=at - 4 * near, stop=at - near)
    around = Span(start=at - near, stop=at + near)
    return any(
        _most(scene, step, around) > SHARED > 2 * _most(scene, step, before)
        for step in _elsewhere(scene)
    )


def _elsewhere(scene: Scene) -> list[Step | None]:
    return [step for step in scene.report.suspects if step is not scene.step]


def _most(scene: Scene, step: Step | None, span: Span) -> Ratio:
    """Greatest share of the step's requests that is suspected for sure, of the bins in the span."""
    report = scene.report
    low = report.suspects[step].low
    times = (report.span.start + report.bin * at for at in range(len(low)))
    inside = (x for at, x in zip(times, low, strict=True) if span.start <= at < span.stop)
    return max(inside, default=0.0)
