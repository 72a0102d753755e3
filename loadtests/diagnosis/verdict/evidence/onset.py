"""Family `onset`: what came first, how many steps failed at once, and how they came back."""

from collections.abc import Iterator

from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.verdict.evidence.saturation import SLOWER
from loadtests.diagnosis.verdict.evidence.weights import Weights, weights
from loadtests.diagnosis.verdict.kinds import Cause, Family
from loadtests.diagnosis.verdict.load import tonight
from loadtests.diagnosis.verdict.price import FEWEST
from loadtests.diagnosis.verdict.records import Evidence, Missing, Reading
from loadtests.diagnosis.verdict.say import percent, seconds
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.diagnosis.verdict.trouble import Sort
from loadtests.units import Ratio

SUDDEN: Ratio = 0.3
"""Failures ÷ requests in the first bins of a trouble that nothing announced."""

MORE_DEMAND: Ratio = 1.25
"""Requests ÷ usual from which demand had risen: see `diagnosis.onset`."""

ROOM: Ratio = 0.8
"""Demand ÷ knee up to which load is no reason to fail."""

ENDS = 3
"""Bins at the end of a trouble, and after it, that are held against each other."""

AT_ONCE: Ratio = 0.2
"""Failures ÷ requests up to its end, of a trouble that ends of itself."""

STAYS: Ratio = 0.8
"""First attempts after ÷ at the end of a trouble: above, it was not for want of load it ended."""

LOADED = (Cause.DEMAND_ABOVE_KNEE, Cause.CAPACITY_REGRESSION, Cause.MALICE_CAUSED)
OUTAGE = (Cause.DEPENDENCY_OUTAGE,)


def onset(scene: Scene) -> Iterator[Evidence | Missing]:
    """Errors before latency; several steps at once; an end that load does not explain."""
    began = [*_order(scene)] or [*_suddenly(scene)]
    found = [*began, *_several(scene), *_recovery(scene)]
    if not found:
        yield Missing(
            family=Family.ONSET,
            what=f"what rose first at {scene.step}, errors or the time answers take",
            observable=None,
            would_tell=(Cause.DEPENDENCY_OUTAGE, *LOADED),
        )
    yield from found


def _order(scene: Scene) -> Iterator[Evidence]:
    """The slowest good answers around the first failure: a line fills before it refuses.

    One that stood for minutes before it refused is neither: its answers were slow already.
    """
    start = scene.trouble.start
    earlier = [at for at in scene.before if at < start - 1]
    span = slice(start - 1, start + 2)
    took = scene.measure("slow_response_time", scene.bins.over(span.start, span.stop))
    usual = scene.measure("slow_response_time", scene.cells(earlier))
    if took is None or usual is None or min(took.samples, usual.samples) < FEWEST:
        return
    calm = scene.measure("slow_response_time", scene.calm)
    if took.value < SLOWER * min(usual.high, calm.high if calm else usual.high):
        claim, loaded, outage = "failed before it grew slow", -10.0, 10.0
    elif took.low > SLOWER * usual.high:
        claim, loaded, outage = "grew slow before it failed", 6.0, -8.0
    else:
        return
    yield Evidence(
        family=Family.ONSET,
        claim=f"{scene.step} {claim}: its slower answers took {seconds(took.value)} when it "
        f"began, {seconds(usual.value)} before",
        measure="slow_response_time",
        step=scene.step,
        span=scene.bins.span(span.start, span.stop),
        reading=took,
        reference=usual.value,
        reference_name="before the onset",
        weights=_weights(scene, loaded=loaded, outage=outage),
    )


def _suddenly(scene: Scene) -> Iterator[Evidence]:
    """Most failed from one moment to the next, and no more came than there was room for."""
    start = scene.trouble.start
    stop = min(start + 2, len(scene.bins.cells))
    first = scene.bins.over(min(start + 1, stop - 1), stop)
    failed = scene.measure(scene.trouble.sort, first)
    if failed is None or failed.low < SUDDEN or not scene.before or not _has_room(scene, start):
        return
    yield Evidence(
        family=Family.ONSET,
        claim=f"{percent(failed.value)} failed at {scene.step} from one moment to the next, and "
        "demand had not risen beyond what it carries",
        measure=scene.trouble.sort,
        step=scene.step,
        span=scene.bins.span(min(start + 1, stop - 1), stop),
        reading=failed,
        reference=SUDDEN,
        reference_name="what nothing announced",
        weights=_weights(scene, loaded=-8.0, outage=8.0),
    )


def _has_room(scene: Scene, start: int) -> bool:
    """Whether what came as it began was no more than the step carries, or than was usual."""
    came = scene.asked(start) / (scene.bins.size * scene.night.sampled)
    knee = tonight(scene.night, scene.step)
    if knee is not None:
        return came < ROOM * knee.low
    usual = sum(scene.asked(at) for at in scene.before) / len(scene.before)
    return scene.asked(start) < MORE_DEMAND * usual


def _weights(scene: Scene, *, loaded: float, outage: float) -> Weights:
    """Who is refused on purpose is refused at any load, as in an outage; by no outage, though."""
    is_failing = scene.trouble.sort is Sort.FAILED
    return weights((LOADED, loaded), (OUTAGE if is_failing else (), outage))


def _several(scene: Scene) -> Iterator[Evidence]:
    """Steps with nothing in common but what they depend on fail together."""
    if len(scene.steps) < 2:  # noqa: PLR2004 - several
        return
    failed = scene.measure("failed", scene.core)
    assert failed is not None  # noqa: S101 - the core of a trouble has requests
    names = ", ".join(scene.steps)
    yield Evidence(
        family=Family.ONSET,
        claim=f"{names} began to fail together, none of them full",
        measure="failed",
        step=scene.step,
        span=scene.core_span,
        reading=failed,
        reference=None,
        reference_name="",
        weights=weights(((*LOADED, Cause.RETRY_STORM), -6.0), (OUTAGE, 10.0)),
    )


def _recovery(scene: Scene) -> Iterator[Evidence]:
    """Whether it ended while as many came as before."""
    stop = scene.trouble.stop
    last = scene.bins.over(max(scene.trouble.start, stop - ENDS), stop)
    if stop + ENDS > len(scene.bins.cells) or scene.trouble.sort is not Sort.FAILED:
        return
    after = scene.bins.over(stop, stop + ENDS)
    failed, clean = scene.measure("failed", last), scene.measure("failed", after)
    if failed is None or clean is None or failed.low < AT_ONCE or clean.low > AT_ONCE / 2:
        return
    came, come = (_firsts(scene, window) for window in (last, after))
    if come.value < STAYS * came.value or come.samples < FEWEST:
        return
    yield Evidence(
        family=Family.ONSET,
        claim=f"{scene.step} stopped failing ({percent(failed.value)} before) while as many "
        "came as ever",
        measure="failed",
        step=scene.step,
        span=scene.bins.span(stop, stop + ENDS),
        reading=clean,
        reference=failed.value,
        reference_name="just before",
        weights=weights((LOADED, -5.0), ((Cause.RETRY_STORM,), -3.0), (OUTAGE, 6.0)),
    )


def _firsts(scene: Scene, window: EdgeWindow) -> Reading:
    found = scene.measure("first_attempts", window, float(ENDS * scene.bins.size))
    assert found is not None  # noqa: S101 - a count is never absent
    return found
