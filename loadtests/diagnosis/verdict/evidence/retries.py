"""Family `retries`: how many requests repeat one that failed."""

from collections.abc import Iterator

from loadtests.diagnosis.measures.measure import traffic
from loadtests.diagnosis.verdict.evidence.demand import attempts_unknown
from loadtests.diagnosis.verdict.kinds import Cause, Family
from loadtests.diagnosis.verdict.load import first_share
from loadtests.diagnosis.verdict.records import Evidence, Missing
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.diagnosis.verdict.trouble import Sort

STORM = 2.0
"""Attempts ÷ first attempts beyond which repeats are most of the load."""

FEW = 1.5
"""Below which they are not."""

FEWEST = 200


def retries(scene: Scene) -> Iterator[Evidence | Missing]:
    """Attempts ÷ first attempts in the worst minute."""
    found = scene.measure("attempts", scene.core)
    if first_share(traffic(scene.core, scene.step)) is None or found is None:
        yield attempts_unknown(scene)
        return
    weight = 0.0
    if found.low > STORM and found.samples >= FEWEST:
        weight = 10.0
    elif found.high < FEW:
        weight = -10.0
    yield Evidence(
        family=Family.RETRIES,
        claim=f"{found.value:.2g} attempts for each first one at {scene.step}",
        measure="attempts",
        step=scene.step,
        span=scene.core_span,
        reading=found,
        reference=STORM,
        reference_name="where repeats are most of the load",
        weights={Cause.RETRY_STORM: weight} if scene.trouble.sort is Sort.FAILED else {},
    )
