"""The verdict of a night: its episodes, and what is said of the whole."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from loadtests.diagnosis.hostile.find import find_hostile
from loadtests.diagnosis.hostile.report import HostileReport
from loadtests.diagnosis.verdict.action import action
from loadtests.diagnosis.verdict.at_work import at_work
from loadtests.diagnosis.verdict.bins import Bins, bins
from loadtests.diagnosis.verdict.episodes import consequences, scenes
from loadtests.diagnosis.verdict.explain import Explained, explain, likeliest
from loadtests.diagnosis.verdict.forming import Forming, looks, until
from loadtests.diagnosis.verdict.kinds import Cause, Hostile, LeftOut, Word
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.quiet import quiet
from loadtests.diagnosis.verdict.records import (
    CauseFound,
    Change,
    Episode,
    Evidence,
    HostileFound,
    Verdict,
)
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.units import Ratio

VERSION = 1
"""Of the verdict's form."""

SLIGHT: Ratio = 0.01
"""Share of a night's requests at a step; less trouble that cannot be told is none of the night."""


def diagnose(night: Night, *, without: Collection[LeftOut] = (), formed: bool = True) -> Verdict:
    """What made viewers fail, and whether hostile traffic is there, with all evidence.

    `without`: causes, patterns and families of evidence that are left out, to see what hangs on
    them. `formed`: whether to say as well how the verdict formed while the night went on, which
    takes most of the time.
    """
    if night.tester is not None and night.tester.limited:
        return _limited(night.tester.why)
    looked = bins(night)
    verdict = judge(night, looked, _hostile_in(night, looked, without), without)
    if not formed or not verdict.episodes:
        return verdict
    return replace(verdict, formed=_formed(night, looked, verdict, without))


def _formed(
    night: Night, looked: Bins, verdict: Verdict, without: Collection[LeftOut]
) -> tuple[Change, ...]:
    """What would have been said on the way, each time from what was known by then."""
    forming, length = Forming(), float(len(night.windows))
    start = min(episode.span.start for episode in verdict.episodes)
    for stop in looks(start, length, every=float(looked.size)):
        part = until(night, stop)
        known = looked.until(stop // looked.size)
        report = _hostile_in(part, known, without)
        forming.look(judge(part, known, report, without), float(stop))
    forming.end(verdict, length)
    return forming.changes


def _hostile_in(night: Night, looked: Bins, without: Collection[LeftOut]) -> HostileReport:
    patterns = frozenset(kind for kind in Hostile if kind in without)
    return find_hostile(night, looked=looked, without=patterns)


def judge(
    night: Night, looked: Bins, report: HostileReport, without: Collection[LeftOut] = ()
) -> Verdict:
    """The same of a night in bins, whose hostile traffic has been looked for."""
    found = scenes(night, looked, report)
    explained = [explain(scene, without) for scene in found]
    causes = consequences(found, [likeliest(of.cause) for of in explained])
    episodes = [
        _episode(scene, of, caused_by)
        for scene, of, caused_by in zip(found, explained, causes, strict=True)
    ]
    return Verdict(
        version=VERSION,
        cause=_whole(night, looked, report, episodes),
        hostile=report.found,
        hostile_undetermined=report.undetermined,
        episodes=(*episodes, *at_work(report, episodes, quiet(night, looked, report))),
    )


def _whole(
    night: Night, looked: Bins, report: HostileReport, episodes: list[Episode]
) -> CauseFound:
    """Of the episode that hurt most viewers; of trouble that is nobody's consequence."""
    roots = [
        episode for episode in episodes if episode.caused_by is None and _matters(looked, episode)
    ]
    if not roots:
        return quiet(night, looked, report)
    return max(roots, key=lambda episode: episode.failed).cause


def _matters(looked: Bins, episode: Episode) -> bool:
    if episode.cause.kind is not Cause.UNDETERMINED:
        return True
    step = episode.step
    whole = sum(cell.steps[step].said.total() for cell in looked.cells if step in cell.steps)
    return episode.failed > SLIGHT * whole


def _episode(scene: Scene, explained: Explained, caused_by: int | None) -> Episode:
    made = Episode(
        span=scene.span,
        step=scene.step,
        region="",
        caused_by=caused_by,
        cause=explained.cause,
        hostile=_hostile(scene),
        evidence=(*explained.evidence, *_of_patterns(scene)),
        missing=explained.missing,
        coverage=explained.coverage,
        next_measurement=explained.next_measurement,
        action=None,
        failed=scene.trouble.failed,
        requests=scene.trouble.requests,
    )
    return replace(made, action=action(scene, made))


def _hostile(scene: Scene) -> tuple[HostileFound, ...]:
    """Patterns found at the step, or at no step of a viewer's."""
    return tuple(found for found in scene.report.found if found.step in {scene.step, None})


def _of_patterns(scene: Scene) -> Iterator[Evidence]:
    """What speaks for and against them."""
    kinds: set[Cause | Hostile] = {found.kind for found in _hostile(scene)}
    for item in scene.report.evidence:
        if item.step in {scene.step, None} and not kinds.isdisjoint(item.weights):
            yield item


def _limited(why: str) -> Verdict:
    cause = CauseFound(
        kind=Cause.TESTER_LIMITED,
        word=Word.NEAR_CERTAIN,
        probability=1.0,
        alternatives=(),
        sentence=f"the tester was the bottleneck, nothing is said of the target: {why}",
    )
    return Verdict(
        version=VERSION,
        cause=cause,
        hostile=(),
        hostile_undetermined=tuple(Hostile),
        episodes=(),
    )
