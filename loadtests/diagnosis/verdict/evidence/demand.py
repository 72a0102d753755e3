"""Family `demand`: what the step was asked, against what it once carried. The but-for test."""

from collections.abc import Iterator
from math import log10

from loadtests.diagnosis.verdict.evidence.weights import Weights
from loadtests.diagnosis.verdict.kinds import MOST, Cause, Family, Observable
from loadtests.diagnosis.verdict.load import Load, is_stale, load, suspects
from loadtests.diagnosis.verdict.records import Evidence, Missing
from loadtests.diagnosis.verdict.say import between, percent
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.diagnosis.verdict.trouble import Sort
from loadtests.units import Ratio

TELLS = (
    Cause.DEMAND_ABOVE_KNEE,
    Cause.CAPACITY_REGRESSION,
    Cause.RETRY_STORM,
    Cause.MALICE_CAUSED,
)


def demand(scene: Scene) -> Iterator[Evidence | Missing]:
    """U, and U without suspects and retries, in the worst minute of the trouble."""
    found = load(scene)
    if found is None:
        yield _unknown(scene)
        return
    yield Evidence(
        family=Family.DEMAND,
        claim=_claim(scene, found),
        measure="requests",
        step=scene.step,
        span=scene.core_span,
        # what anybody can measure again; what it comes to beside the knee is in the claim
        reading=scene.measure("requests", scene.core, scene.core_lasted) or found.total,
        reference=found.knee,
        reference_name="the knee",
        weights=_weights(scene, found),
    )


def _weights(scene: Scene, found: Load) -> Weights:
    if scene.trouble.sort is not Sort.FAILED:
        return {}  # who is refused on purpose is refused at any load
    chances = found.chances
    demand, storm = decibans(chances.demand), decibans(chances.retries)
    if not found.is_first_known:
        # whatever is not a client's first request may be a first attempt all the same
        demand = decibans(chances.demand + chances.retries)
        storm = max(storm, -MOST if chances.demand > chances.retries else demand)
    return {
        Cause.DEMAND_ABOVE_KNEE: demand,
        Cause.RETRY_STORM: storm,
        Cause.MALICE_CAUSED: decibans(chances.malice),
        Cause.CAPACITY_REGRESSION: decibans(chances.below + chances.price),
        # repeats against what is down may well exceed its knee: how it began tells
        Cause.DEPENDENCY_OUTAGE: max(0.0, decibans(chances.below)),
    }


def decibans(chance: Ratio) -> float:
    """From MOST against (all but impossible) to MOST for (certain), 0 where it is even."""
    odds = max(chance, 1e-6) / max(1 - chance, 1e-6)
    return max(-MOST, min(MOST, 10 * log10(odds)))


def _claim(scene: Scene, found: Load) -> str:
    claim = f"{scene.step} was asked {between(found.total)} of its knee"
    suspected = suspects(scene.report, scene)
    if suspected.value:
        claim += f"; without the {percent(suspected.value)} suspected requests "
        claim += between(found.legitimate)
    if found.is_first_known:
        claim += f"; viewers' first attempts alone {between(found.first)}"
    return claim


def _unknown(scene: Scene) -> Missing:
    if scene.night.signature is None:
        what = f"what {scene.step} can carry: no capacity search of this target is known"
    elif is_stale(scene.night):
        what = f"what {scene.step} can carry since the build changed"
    else:
        what = f"what {scene.step} can carry: the capacity search never brought it to its knee"
    return Missing(family=Family.DEMAND, what=what, observable=None, would_tell=TELLS)


def attempts_unknown(scene: Scene) -> Missing:
    """What is missing where nobody says which requests are retries."""
    return Missing(
        family=Family.RETRIES,
        what=f"which requests of {scene.step} repeat one that failed",
        observable=Observable.ATTEMPT,
        would_tell=(Cause.RETRY_STORM, Cause.DEMAND_ABOVE_KNEE),
    )
