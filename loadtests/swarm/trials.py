"""One trial of a search, played as a rehearsal of its own: what it has shown, or why nothing."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loadtests.audience.trial import Aim, Trial, trial_scenario
from loadtests.diagnosis.hold import InvalidTrial
from loadtests.diagnosis.level import Level
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export import words
from loadtests.export.archive import Archive, read_run
from loadtests.export.parts import TRIALS
from loadtests.export.report import write_report
from loadtests.export.summary import Summary
from loadtests.swarm.jury import Jury
from loadtests.swarm.playing import Asked, play
from loadtests.swarm.preparation import Stage
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.watch import Cause
from loadtests.units import plain

ENDING = frozenset({Reason.INTERRUPTED, Reason.WITHDRAWN, Reason.ABORTED, Reason.SILENT})
"""Reasons of a trial to stop that end the whole search: somebody, or something, wants no more."""

ATTEMPTS = 2
"""At a trial, before its tester or testbed is called the bottleneck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A trial that has shown something."""

    level: Level
    folder: str  # in the search's
    summary: Summary
    problem: str = ""  # why it was played a second time; empty if it was not


class Ended(Exception):  # noqa: N818 - reads as what it says
    """The search is to end with this trial."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.text)
        self.cause = cause


class Unwell(Exception):  # noqa: N818 - reads as what it says
    """Tester or testbed were not what they are meant to be: nothing is known of the target."""


def name(trial: Trial) -> str:
    """What a trial is called: `03-step-41.2`, and so its folder."""
    of = trial.joins if trial.aim is Aim.LEVEL else trial.aim
    return f"{trial.number:02d}-{of}-{plain(float(f'{trial.rate:.4g}'))}"


def show(asked: Asked, stage: Stage, trial: Trial) -> Shown:
    """Play the trial, once more if it says nothing; what it has shown.

    `stage` is the search's. Each attempt is an event of it. Raises Ended if the search is to end.
    """
    problem = ""
    for attempt in range(ATTEMPTS):
        folder = f"{TRIALS}/{name(trial)}" + (f"-repeat-{attempt}" if attempt else "")
        try:
            shown = _play(asked, stage, trial, folder)
        except Unwell as unwell:
            problem = str(unwell)
            _note(stage, folder, problem=problem)
        else:
            _note(stage, folder, found=shown.level.found, text=shown.level.why)
            return replace(shown, problem=problem)
    raise Ended(Cause(Reason.FAILED, f"at {words.brief(trial.rate)} viewers/s {problem}"))


def _note(stage: Stage, folder: str, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
    with Archive(stage.folder) as archive:
        archive.event("trial", time.time(), folder=folder, **facts)


def _play(asked: Asked, stage: Stage, trial: Trial, named: str) -> Shown:
    folder = stage.folder / named
    folder.mkdir(parents=True)
    scenario = trial_scenario(stage.scenario, trial)
    alone = replace(asked, given={**asked.given, "plays_trial": trial.to_text()})
    try:
        play(alone, replace(stage, folder=folder, scenario=scenario), brief=True)
    except MatchnightError as error:  # it did not even begin
        is_refused = error.status is ExitStatus.UNREACHABLE
        reason = Reason.WITHDRAWN if is_refused else Reason.FAILED
        raise Ended(Cause(reason, str(error))) from None
    level, summary = judge(trial, folder)
    return Shown(level=level, folder=named, summary=summary)


def judge(trial: Trial, folder: Path) -> tuple[Level, Summary]:
    """What the run of a trial has shown, and its report, written: the same as while it went on.

    Raises Unwell if it says nothing of the target, Ended if somebody or something wants no more.
    """
    summary = write_report(folder)
    reason = Reason(summary.stopped or Reason.FAILED)
    if reason in ENDING:
        raise Ended(Cause(reason, summary.why or ""))
    _check_health(summary)
    if reason is Reason.FAILED:
        raise Unwell(f"the run failed: {summary.why}")
    run = read_run(folder)
    try:
        level = Jury(trial, run.timeline, run.scenario.objectives).look(len(run.timeline))
    except InvalidTrial as invalid:
        raise Unwell(f"the tester was the bottleneck: {invalid}; add --workers") from None
    if level is None:
        raise Unwell("the run ended before anything was decided")
    return level, summary


def _check_health(summary: Summary) -> None:
    if summary.tester.problems:
        raise Unwell(f"the tester was the bottleneck: {summary.tester.problems[0]}")
    if summary.testbed.problems:
        raise Unwell(f"the embedded stack was the bottleneck: {summary.testbed.problems[0]}")
