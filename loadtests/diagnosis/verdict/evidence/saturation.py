"""Family `saturation`: does the step look full, and did each request cost more than it did once?"""

from collections.abc import Iterator

from loadtests.collect.edge.sighting import Said
from loadtests.diagnosis.measures.causes import count
from loadtests.diagnosis.measures.measure import traffic
from loadtests.diagnosis.verdict.evidence.weights import Weights, weights
from loadtests.diagnosis.verdict.kinds import Cause, Family, Observable
from loadtests.diagnosis.verdict.load import tonight
from loadtests.diagnosis.verdict.price import DEARER, FEWEST, price
from loadtests.diagnosis.verdict.records import Evidence, Missing, Reading
from loadtests.diagnosis.verdict.say import seconds
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.diagnosis.verdict.trouble import Sort
from loadtests.units import Ratio

SLOWER: Ratio = 1.5
"""Response time ÷ usual from which a line has formed: see `diagnosis.onset`."""

CEASED: Ratio = 0.1
"""Good answers ÷ usual below which the step serves nobody: one that is full still serves."""

AT_THE_KNEE: Ratio = 0.8
"""Good answers ÷ knee from which the step does what it can."""

AS_EVER: Ratio = 1.15

FULL = (
    Cause.DEMAND_ABOVE_KNEE,
    Cause.CAPACITY_REGRESSION,
    Cause.RETRY_STORM,
    Cause.MALICE_CAUSED,
)
OUTAGE = (Cause.DEPENDENCY_OUTAGE,)
ON_PURPOSE = (Cause.POLICY_REJECTION, Cause.DEFENCE_COLLATERAL)


def saturation(scene: Scene) -> Iterator[Evidence | Missing]:
    """What good answers took, how many there were, and what one cost before."""
    good = scene.measure("good", scene.core, scene.core_lasted)
    yield from _line(scene)
    if good is not None:
        yield from _throughput(scene, good)
    yield from _price(scene)


def _line(scene: Scene) -> Iterator[Evidence | Missing]:
    """Whether those who were served had waited in line."""
    took, usual = (scene.measure("response_time", of) for of in (scene.core, scene.calm))
    if usual is None or usual.samples < FEWEST:
        yield _no_times(scene)
        return
    if took is None or took.samples < FEWEST:
        return
    is_slow, is_usual = took.low > SLOWER * usual.high, took.high < SLOWER * usual.high
    if not (is_slow or is_usual):
        return
    weight = 8.0 if is_slow else -8.0
    yield Evidence(
        family=Family.SATURATION,
        claim=f"good answers of {scene.step} took {seconds(took.value)}, and "
        f"{seconds(usual.value)} before: viewers {'waited' if is_slow else 'did not wait'} in line",
        measure="response_time",
        step=scene.step,
        span=scene.core_span,
        reading=took,
        reference=usual.value,
        reference_name="before the onset",
        weights=weights((FULL, weight), (_not_full(scene), -weight)),
    )


def _not_full(scene: Scene) -> tuple[Cause, ...]:
    return OUTAGE if scene.trouble.sort is Sort.FAILED else ON_PURPOSE


def _throughput(scene: Scene, good: Reading) -> Iterator[Evidence]:
    """Whether the step went on serving, and as many as it can."""
    usual = scene.measure("good", scene.calm, float(len(scene.calm_bins) * scene.bins.size))
    knee = tonight(scene.night, scene.step)
    if usual is not None and usual.samples >= FEWEST and good.high < CEASED * usual.value:
        if _waited(scene, usual):  # in a line so long that all give up, or for no answer at all
            return
        told = weights((FULL, -10.0), (OUTAGE, 10.0))
        yield _served(scene, good, usual.value, "before the onset", told)
    elif knee is not None and not knee.at_least and good.value > AT_THE_KNEE * knee.low:
        full = (Cause.DEMAND_ABOVE_KNEE, Cause.RETRY_STORM, Cause.MALICE_CAUSED)
        told = weights((full, 6.0), (OUTAGE, -6.0), ((Cause.CAPACITY_REGRESSION,), -8.0))
        yield _served(scene, good, knee.value, "the knee", told)


def _waited(scene: Scene, usual: Reading) -> bool:
    """Whether those it did not serve had waited: the mean of them all, or as many as it served.

    Where most are turned away at once the mean says nothing of the line behind them.
    """
    took, before = (scene.measure("lasted", of) for of in (scene.core, scene.calm))
    if took is not None and before is not None and took.low > SLOWER * before.high:
        return True
    left = count(traffic(scene.core, scene.step), {Said.GIVEN_UP})
    return left > CEASED * usual.value * scene.core_lasted * scene.night.sampled


def _served(scene: Scene, good: Reading, reference: float, name: str, told: Weights) -> Evidence:
    return Evidence(
        family=Family.SATURATION,
        claim=f"{scene.step} served {good.value:.3g} requests/s well; {name}: {reference:.3g}",
        measure="good",
        step=scene.step,
        span=scene.core_span,
        reading=good,
        reference=reference,
        reference_name=name,
        weights=told,
    )


def _price(scene: Scene) -> Iterator[Evidence]:
    """Whether a request took longer than it once did, before the peak and at low load."""
    paid = price(scene, tonight(scene.night, scene.step))
    if paid is None:
        return
    took, once = paid.took, paid.once
    if took.low > DEARER * once:
        weight, word = 10.0, "more"
    elif took.low < AS_EVER * once:
        weight, word = -13.0, "no more"
    else:
        return
    yield Evidence(
        family=Family.SATURATION,
        claim=f"before the peak a request of {scene.step} took {seconds(took.value)}, "
        f"{word} than the {seconds(once)} of the capacity search",
        measure="response_time",
        step=scene.step,
        span=scene.calm_span,
        reading=took,
        reference=once,
        reference_name="the capacity search",
        weights={Cause.CAPACITY_REGRESSION: weight},
    )


def _no_times(scene: Scene) -> Missing:
    observed = scene.night.observed.get(Observable.DURATION, 0.0)
    what = f"how long {scene.step} took before it failed"
    return Missing(
        family=Family.SATURATION,
        what=what if observed else f"how long requests of {scene.step} take",
        observable=None if observed else Observable.DURATION,
        would_tell=(*FULL, Cause.DEPENDENCY_OUTAGE),
    )
