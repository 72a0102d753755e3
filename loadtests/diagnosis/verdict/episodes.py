"""Troubles that began together made one scene, and which of them are consequences of others."""

from collections.abc import Iterator, Sequence

from loadtests.diagnosis.hostile.report import HostileReport
from loadtests.diagnosis.verdict.bins import Bins
from loadtests.diagnosis.verdict.evidence.saturation import SLOWER
from loadtests.diagnosis.verdict.kinds import Cause
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.scene import FARTHEST, Scene
from loadtests.diagnosis.verdict.trouble import Sort, Trouble, troubles

TOGETHER = 2
"""Bins within which steps begin to fail together."""


def scenes(night: Night, bins: Bins, report: HostileReport) -> list[Scene]:
    """One for each trouble, or group of steps that began to fail together without being full."""
    found = troubles(bins)

    def scene(trouble: Trouble, steps: tuple[Trouble, ...]) -> Scene:
        return Scene(night, bins, trouble, tuple(of.step for of in steps), tuple(found), report)

    made = []
    left = list(found)
    idle = [trouble for trouble in found if not _is_full(scene(trouble, (trouble,)))]
    while left:
        group = _group(left[0], left, idle)
        made.append(scene(_clearest(group), tuple(group)))
        left = [trouble for trouble in left if trouble not in group]
    return made


def _group(first: Trouble, left: Sequence[Trouble], idle: Sequence[Trouble]) -> list[Trouble]:
    if first not in idle or first.sort is not Sort.FAILED:
        return [first]
    return [
        trouble
        for trouble in left
        if trouble in idle
        and trouble.sort is first.sort
        and trouble.start <= first.start + TOGETHER
    ]


def _clearest(group: Sequence[Trouble]) -> Trouble:
    """Of those that began first, the one most failed at."""
    first = min(trouble.start for trouble in group)
    return max((t for t in group if t.start <= first + 1), key=lambda trouble: trouble.failed)


def _is_full(scene: Scene) -> bool:
    """Whether those who were served had waited in line."""
    took, usual = (scene.measure("response_time", of) for of in (scene.core, scene.calm))
    return took is not None and usual is not None and took.low > SLOWER * usual.high


LINGERS = 12
"""Bins after a trouble in which its consequences may begin."""

DRIVEN = 1.5
"""Requests ÷ usual from which a step is asked more because of a trouble elsewhere."""


def consequences(found: Sequence[Scene], causes: Sequence[Cause]) -> Iterator[int | None]:
    """Of each the index of the one it is a consequence of, where it failed of being asked more."""
    for scene, cause in zip(found, causes, strict=True):
        is_load = cause in {Cause.DEMAND_ABOVE_KNEE, Cause.RETRY_STORM}
        others = (at for at, other in enumerate(found) if is_load and _follows(scene, other))
        yield next(others, None)


def _follows(scene: Scene, other: Scene) -> bool:
    """Whether the step was asked more once the other trouble had begun, and then failed."""
    before, cause = scene.trouble, other.trouble
    if not cause.start < before.start <= cause.stop + LINGERS or scene.step in other.steps:
        return False
    usual = [scene.asked(at) for at in range(max(0, cause.start - FARTHEST), cause.start)]
    if not usual:
        return False
    start, stop = scene.core_bins
    asked = sum(scene.asked(at) for at in range(start, stop)) / (stop - start)
    return asked > DRIVEN * max(1.0, sum(usual) / len(usual))
