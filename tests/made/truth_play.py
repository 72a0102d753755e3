"""One evening whose truth is known because we made it: what is played, and what must be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from edge_nights import night_on_paper, played
from overloads import signed
from truth_world import World, draw

from loadtests.collect.edge.watcher import Watcher
from loadtests.collect.edge.window import EdgeWindow
from loadtests.collect.timeline import Timeline
from loadtests.diagnosis.measures.measure import merged
from loadtests.diagnosis.signature import Signature
from loadtests.diagnosis.verdict.baseline import baseline_of
from loadtests.diagnosis.verdict.kinds import Cause, Hostile, Observable
from loadtests.diagnosis.verdict.night import Baseline, Night, Origin
from loadtests.paper.edge import TargetEdge
from loadtests.paper.simulate import START
from loadtests.vocabulary import Step

EVERYTHING = dict.fromkeys(Observable, 1.0)
SPREAD = 0.03
"""Of the knees' intervals, either way: what capacity searches reach."""


@dataclass(frozen=True, kw_only=True)
class Labeled:
    """Hostile traffic that was really there, and the share of the step's requests it made."""

    step: Step | None
    share: float


@dataclass(frozen=True, kw_only=True)
class Play:
    """One evening to be played. Any of `causes` is right; of `allowed` labels none is wrong."""

    group: str  # legitimate, capacity, outage, retry, policy, defence, malice, mixed
    tonight: World
    measured: World  # the service whose signature is known
    causes: frozenset[Cause]
    hostile: Mapping[Hostile, Labeled] = field(default_factory=dict)
    allowed: frozenset[Hostile] = frozenset()
    hard: bool = False


@dataclass(frozen=True, kw_only=True)
class Truth:
    """It has been played: what the edge saw, and what is so."""

    case: str
    seed: int
    play: Play
    night: Night

    @property
    def name(self) -> str:
        return f"{self.case}-{self.seed}"


def realize(case: str, seed: int, play: Play) -> Truth:
    """Play it in simulated time, as the target's edge sees it; labels get their real shares."""
    watcher = Watcher(START)
    timeline = played(play.tonight.scenario, TargetEdge(watcher.see))
    windows = tuple(watcher.windows())
    labels = {
        kind: _labeled(play, label, timeline, windows) for kind, label in play.hostile.items()
    }
    play = replace(play, hostile=labels)
    return Truth(case=case, seed=seed, play=play, night=as_night(play, windows))


def _labeled(
    play: Play, label: Labeled, timeline: Timeline, windows: Sequence[EdgeWindow]
) -> Labeled:
    """What the attacks really were of the step's requests, while they lasted."""
    attacks = play.tonight.scenario.hostile
    start = int(min(attack.start for attack in attacks))
    stop = int(max(attack.start + attack.lasts for attack in attacks))
    told = timeline.between(start, stop).hostile
    hostile = sum(n for (_, step, _), n in told.items() if label.step in {None, step})
    whole = merged(windows[start:stop]).steps
    seen = sum(t.said.total() for step, t in whole.items() if label.step in {None, step})
    return replace(label, share=min(1.0, hostile / max(1, seen)))


def as_night(play: Play, windows: tuple[EdgeWindow, ...]) -> Night:
    """What a diagnosis is given of it: with the signature, and an earlier evening of its class."""
    return Night(
        windows=windows,
        origin=Origin.ACCESS_LOG,
        source="access.jsonl",
        observed=EVERYTHING,
        signature=signature(play.measured),
        baseline=_baseline(play.measured.seed),
    )


def signature(world: World) -> Signature:
    """What a capacity search of the service writes."""
    return signed(world.scenario, spread=SPREAD)


@lru_cache(maxsize=64)
def _baseline(seed: int) -> Baseline:
    """An earlier evening of the same class, which was held: the service's before all was done."""
    windows = night_on_paper(draw(seed).anew(seed + 1_000_000).scenario)
    return baseline_of(windows, name="an evening like it", same_class=True)
