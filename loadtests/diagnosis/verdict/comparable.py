"""Whether a night may be held against a capacity search: the same mix, and all of it counted."""

from loadtests.diagnosis.measures.causes import count
from loadtests.diagnosis.measures.measure import share, traffic
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.units import PerSecond, Ratio
from loadtests.vocabulary import Step

COMPLETE: Ratio = 0.9
"""Requests seen ÷ requests the balancer accepted from which demand is complete."""

FORECAST: Ratio = 0.6
"""First attempts ÷ those expected from which they all were counted: a forecast is no count."""

ANOTHER = 2.0
"""Share of those who sign in, against when the knee was measured, that makes it another mix."""

ENOUGH = 200
"""Requests that show the mix."""


def is_of_another_mix(scene: Scene) -> bool:
    """Whether far more, or fewer, of those who come sign in than when the knee was measured.

    Before the trouble, and before anything suspected: what an attack adds is no viewers' mix.
    """
    mix = scene.night.signature.mix if scene.night.signature else {}
    typed, kept = (mix.get(name, 0.0) for name in ("sign_in", "refresh"))
    if not typed or not kept:
        return False
    cells = scene.bins.over(0, min(scene.trouble.start, _suspected_from(scene)))
    signed, refreshed = (count(traffic(cells, step)) for step in (Step.SIGN_IN, Step.REFRESH))
    tonight = share(signed, signed + refreshed)
    if tonight is None or tonight.samples < ENOUGH:
        return False
    once = typed / (typed + kept)
    return tonight.low > ANOTHER * once or tonight.high < once / ANOTHER


def is_incomplete(scene: Scene) -> bool:
    """Whether the balancer accepted more than was seen, or far fewer came than were expected."""
    arrived = scene.night.arrived
    if arrived:
        seen = sum(of.said.total() for cell in scene.bins.cells for of in cell.steps.values())
        if seen / scene.night.sampled < COMPLETE * arrived:
            return True
    expected = _expected(scene)
    firsts = scene.measure("first_attempts", scene.core, scene.core_lasted)
    return expected is not None and firsts is not None and firsts.high < FORECAST * expected


def _suspected_from(scene: Scene) -> int:
    """First bin with suspects at sign-in; one past the last if there are none."""
    suspects, size = scene.report.suspects.get(Step.SIGN_IN), scene.bins.size
    if suspects is None:
        return len(scene.bins.cells)
    first = next((at for at, part in enumerate(suspects.share) if part), len(suspects.share))
    return int((scene.report.span.start + first * scene.report.bin) // size)


def _expected(scene: Scene) -> PerSecond | None:
    """First attempts at the step that the expected curve makes, in the core; None: no curve."""
    signature, joins = scene.night.signature, scene.night.expected_joins
    known = signature.demand.get(scene.step) if signature else None
    if joins is None or known is None:
        return None
    part = joins[int(scene.core_span.start) : int(scene.core_span.stop)]
    return known.per_join * sum(part) / len(part) if part else None
