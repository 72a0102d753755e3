"""Family `policy`: whether who failed was refused on purpose, by which rule, at which load."""

from collections.abc import Iterator

from loadtests.diagnosis.verdict.evidence.weights import Weights, weights
from loadtests.diagnosis.verdict.kinds import Cause, Family, Observable
from loadtests.diagnosis.verdict.records import Evidence, Missing
from loadtests.diagnosis.verdict.say import between
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.diagnosis.verdict.trouble import Sort

OTHERS = (
    Cause.DEMAND_ABOVE_KNEE,
    Cause.CAPACITY_REGRESSION,
    Cause.RETRY_STORM,
    Cause.DEPENDENCY_OUTAGE,
    Cause.MALICE_CAUSED,
)
ON_PURPOSE = (Cause.POLICY_REJECTION, Cause.DEFENCE_COLLATERAL)

NEARLY_ALL = 0.9
"""Failures ÷ requests that no rule for single addresses reaches."""

STATED = 0.6
"""Share of the requests of which an application says what became of them, at least."""


def refusals(scene: Scene) -> Iterator[Evidence | Missing]:
    """What the answers say of why."""
    if scene.trouble.sort is Sort.DENIED or is_blind(scene):
        yield Missing(
            family=Family.POLICY,
            what=f"why {scene.step} refused: nothing but a status is known",
            observable=Observable.STATED,
            would_tell=ON_PURPOSE,
        )
        return
    found = scene.measure(scene.trouble.sort, scene.core)
    assert found is not None  # noqa: S101 - the core of a trouble has requests
    yield Evidence(
        family=Family.POLICY,
        claim=f"{between(found)} of the requests of {scene.step} were {_words(scene)}",
        measure=scene.trouble.sort,
        step=scene.step,
        span=scene.core_span,
        reading=found,
        reference=None,
        reference_name="",
        weights=_weights(scene.trouble.sort),
    )


def _weights(sort: Sort) -> Weights:
    if sort is Sort.FAILED:
        return weights((ON_PURPOSE, -13.0))
    said, other = ON_PURPOSE if sort is Sort.REFUSED else reversed(ON_PURPOSE)
    return weights((OTHERS, -13.0), ((said,), 13.0), ((other,), -6.0))


def is_blind(scene: Scene) -> bool:
    """Whether an application's own word is missing where it would matter."""
    if scene.night.observed.get(Observable.STATED, 0.0) >= STATED:
        return False
    return scene.trouble.sort is not Sort.FAILED or _may_be_a_rule(scene)


def _may_be_a_rule(scene: Scene) -> bool:
    """Whether a rule of the defense may have answered: 429 and 503 look alike, and some got by."""
    shed, failed = (scene.measure(name, scene.core) for name in ("shed", "failed"))
    assert shed is not None  # noqa: S101 - the core of a trouble has requests
    assert failed is not None  # noqa: S101 - as above
    return shed.value > failed.value / 2 and failed.value < NEARLY_ALL


def _words(scene: Scene) -> str:
    if scene.trouble.sort is Sort.FAILED:
        return "failed, not refused on purpose"
    if scene.trouble.sort is Sort.BLOCKED:
        return "blocked by a rule of the defense"
    codes = scene.core.steps[scene.step].codes
    named = codes.most_common(1)
    return f"refused by policy, mostly as {named[0][0]}" if named else "refused by policy"
