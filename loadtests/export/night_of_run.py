"""A run's folder as a night to be diagnosed: what the target's edge could have seen of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from loadtests.audience import crowd
from loadtests.collect.edge.window import EdgeWindow, merged
from loadtests.diagnosis.signature import Signature, read_signature
from loadtests.diagnosis.target import as_played
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.diagnosis.verdict.night import Baseline, Night, Origin, Tester
from loadtests.errors import MatchnightError
from loadtests.export.archive import SIGNATURE, Run
from loadtests.export.summary import Summary
from loadtests.export.verdict_record import Calendar
from loadtests.units import Ratio
from loadtests.vocabulary import Step

_ALWAYS: Final = (
    Observable.TIME,
    Observable.STEP,
    Observable.STATUS,
    Observable.STATED,
    Observable.CLIENT,
    Observable.ACCOUNT,
    Observable.TARGET,
    Observable.BYTES,
    Observable.DURATION,
    Observable.ATTEMPT,
    Observable.METHOD,
)
"""What our own samples say of every request; whether a cache answered, only if the target does."""

_CACHED: Final = (Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known from before, as the command line names it."""

    signature: Signature | None = None  # None: the run's own, if its folder has one
    build: str = ""
    replicas: Mapping[str, int] = field(default_factory=dict)
    baseline: Baseline | None = None


def is_diagnosed(run: Run) -> bool:
    """Whether a run is reported with a verdict: if it is no trial, and says what an edge saw.

    Whoever interrupts a run is promised its report at once: `matchnight diagnose` has time.
    """
    stopped = run.stopped
    if run.manifest.trial is not None or (stopped and stopped.facts["reason"] == "interrupted"):
        return False
    return any(window.edge.steps for window in run.timeline)


def night_of_run(run: Run, summary: Summary, known: Known | None = None) -> Night:
    """The night of a run. MatchnightError if its folder does not say what an edge saw."""
    given = known or Known()
    windows = [window.edge for window in run.timeline]
    if not any(window.steps for window in windows):
        raise MatchnightError(
            f"{run.folder}: says nothing of what the target's edge saw; rehearse it again"
        )
    return Night(
        windows=windows,
        origin=Origin.SAMPLES,
        source=str(run.folder),
        start=run.started or 0.0,
        observed=observed(windows),
        signature=_signature(run, given.signature),
        build=given.build,
        replicas=given.replicas,
        baseline=given.baseline,
        tester=tester(summary),
        expected_joins=crowd.planned(run.scenario),
    )


def calendar(run: Run) -> Calendar:
    """The evening the run played."""
    scenario = run.scenario
    return Calendar(
        kick_off=scenario.event.kick_off, first=scenario.window.start, speed=scenario.speed
    )


def tester(summary: Summary) -> Tester:
    """Whether tester or embedded stack were at their own limit, and nothing is to be said."""
    problems: Sequence[str] = [*summary.tester.problems, *summary.testbed.problems]
    return Tester(limited=bool(problems), why="; ".join(problems))


def observed(windows: Iterable[EdgeWindow]) -> dict[Observable, Ratio]:
    """Which observables our samples have, each with the share of the requests that say it."""
    total = merged(windows).total
    made: dict[Observable, Ratio] = dict.fromkeys(_ALWAYS, 1.0)
    if total.requests and total.regions:
        made[Observable.REGION] = sum(total.regions.values()) / total.requests
    if told := sum(total.cache.values()):
        whole = merged(windows).steps
        asked = sum(whole[step].requests for step in _CACHED if step in whole)
        made[Observable.CACHE] = min(1.0, told / asked)
    return made


def _signature(run: Run, given: Signature | None) -> Signature | None:
    """As it holds for what was played; the embedded stack is sized by the scenario."""
    own = run.folder / SIGNATURE
    known = read_signature(own) if given is None and own.exists() else given
    if known is None or not (run.manifest.embedded or run.manifest.simulated):
        return known
    return as_played(known, run.scenario)
