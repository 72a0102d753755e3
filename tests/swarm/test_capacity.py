"""A search goes on until all is known or there is a cause to end, and tells either way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kit import lines
from made_capacity import KNEE, level

from loadtests.audience.trial import Aim, Joins, Trial
from loadtests.diagnosis.explore import Plan
from loadtests.diagnosis.level import Found
from loadtests.errors import ExitStatus
from loadtests.export.archive import Archive, Manifest, read_run
from loadtests.export.capacity_record import read_search
from loadtests.export.summarize import summarize
from loadtests.scenario.library import find
from loadtests.scenario.read import load, read_scenario
from loadtests.swarm.capacity import Hunt, line
from loadtests.swarm.ceiling import Ceiling
from loadtests.swarm.findings import Sought
from loadtests.swarm.interrupts import Interrupts
from loadtests.swarm.options import Options
from loadtests.swarm.playing import Asked
from loadtests.swarm.preparation import Stage
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.spoken import read_spoken
from loadtests.swarm.trials import Ended, Shown, name
from loadtests.swarm.watch import Cause
from loadtests.swarm.wishes import Wishes
from loadtests.vocabulary import Step

if TYPE_CHECKING:
    from loadtests.export.summary import Summary

Begin = Callable[..., Hunt]


class Target:
    """Carries KNEE viewers a second; `ends` says after how many trials the search has to."""

    def __init__(self, cause: Cause | None = None, *, ends: int = 99) -> None:
        self.trials: list[Trial] = []
        self._cause = cause
        self._ends = ends
        self.problem = ""
        self._known: list[Summary] = []  # one: they are all alike

    def show(self, asked: Asked, stage: Stage, trial: Trial) -> Shown:
        if len(self.trials) == self._ends and self._cause is not None:
            raise Ended(self._cause)
        self.trials.append(trial)
        folder = stage.folder / "trials" / name(trial)
        record = Manifest(
            scenario=stage.scenario.name,
            target=stage.target,
            embedded=False,
            created="2026-01-01T00:00:00+00:00",
            trial=trial.to_text(),
            workers=asked.workers,
        )
        Archive.create(folder, record, load(stage.path)).close()
        self._known = self._known or [summarize(read_run(folder))]
        return Shown(
            level=level(trial.number, trial.rate, trial.joins, trial.aim),
            folder=f"trials/{name(trial)}",
            summary=self._known[0],
            problem=self.problem,
        )


@pytest.fixture
def begin(tmp_path: Path) -> Begin:
    path = find("psg-juventus")
    stage = Stage(
        path=path,
        scenario=read_scenario(path),
        folder=tmp_path,
        target="http://127.0.0.1:8080",
        embedded=False,
        spoken=read_spoken(None, None),
    )
    asked = Asked(given={}, options=Options(scenario="psg-juventus"), workers=1, quiet=False)

    def make(
        target: Target, *, most: float = 200.0, joins: tuple[Joins, ...] = (Joins.STEP,)
    ) -> Hunt:
        trial = Trial(number=1, joins=joins[0], rate=10.0)
        plan = Plan(first=10.0, ceiling=most, joins=joins, trial=trial)
        sought = Sought(
            stage=stage,
            wishes=Wishes(build="2026.11.3", replicas={Step.SIGN_IN: 4}),
            plan=plan,
            top=Ceiling(rate=most, why="--most"),
            began=0.0,
        )
        return Hunt(asked, sought, target.show)

    return make


def test_the_knee_is_found_and_a_line_told_for_each_trial(
    begin: Begin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = Target()
    hunt = begin(target)
    hunt.run(None, Interrupts())
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "step          10/s  held        27 s"
    assert len(told) == len(target.trials)
    assert hunt.report() is ExitStatus.PASSED
    found = read_search(tmp_path)
    knee = found.capacity.knees[Joins.STEP]
    assert knee.value == pytest.approx(KNEE, rel=0.03)
    assert found.complete
    assert found.signature is not None
    assert (found.signature.build, found.signature.replicas) == ("2026.11.3", {"sign_in": 4})
    assert found.folders[1] == "trials/01-step-10"
    assert [e["reason"] for e in lines(tmp_path / "events.jsonl")] == ["finished"]


def test_whether_the_evening_s_own_peak_is_carried_is_said(begin: Begin, tmp_path: Path) -> None:
    hunt = begin(Target())
    hunt.run(None, Interrupts())
    hunt.report()
    notes = read_search(tmp_path).capacity.notes
    assert any(
        "viewers/s in its busiest second at scale 1/200 and speed 5: " in note for note in notes
    ), notes


def test_a_target_that_is_never_saturated_carries_at_least_what_it_was_asked(
    begin: Begin, tmp_path: Path
) -> None:
    target = Target()
    hunt = begin(target, most=20.0)
    hunt.run(None, Interrupts())
    assert hunt.report() is ExitStatus.PASSED
    knee = read_search(tmp_path).capacity.knees[Joins.STEP]
    assert (knee.at_least, knee.high) == (True, None)
    assert knee.value == pytest.approx(20.0)
    assert max(trial.rate for trial in target.trials) == 20.0
    notes = read_search(tmp_path).capacity.notes
    assert "No trial had more than 20 viewers/s: --most." in notes


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.INTERRUPTED, ExitStatus.INTERRUPTED),
        (Reason.WITHDRAWN, ExitStatus.UNREACHABLE),
        (Reason.ABORTED, ExitStatus.MISSED),
        (Reason.SILENT, ExitStatus.INVALID_RUN),
        (Reason.FAILED, ExitStatus.INVALID_RUN),
    ],
)
def test_a_search_that_is_ended_tells_what_it_had_found_and_that_it_is_not_whole(
    reason: Reason,
    status: ExitStatus,
    begin: Begin,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hunt = begin(Target(Cause(reason, "so it was"), ends=3))
    hunt.run(None, Interrupts())
    assert hunt.report() is status
    assert capsys.readouterr().err == "matchnight: so it was\n"
    found = read_search(tmp_path)
    assert (found.complete, found.why, found.signature) == (False, "so it was", None)
    knee = found.capacity.knees[Joins.STEP]
    assert (knee.at_least, knee.high, knee.is_complete) == (True, None, False)
    assert knee.value == max(x.carried for x in found.levels if x.found is Found.HELD)
    assert [e["reason"] for e in lines(tmp_path / "events.jsonl")] == [reason]


def test_knees_found_before_the_end_stay_found(begin: Begin, tmp_path: Path) -> None:
    whole = Target()
    begin(whole, joins=(Joins.STEP, Joins.RAMP)).run(None, Interrupts())
    of_steps = sum(t.joins is Joins.STEP and t.aim is Aim.LEVEL for t in whole.trials)
    cut = tmp_path / "cut"
    cut.mkdir()
    target = Target(Cause(Reason.INTERRUPTED, ""), ends=of_steps + 1)
    hunt = begin(target, joins=(Joins.STEP, Joins.RAMP))
    for folder in (tmp_path / "trials").iterdir():
        folder.rename(cut / folder.name)
    hunt.run(None, Interrupts())
    assert hunt.report() is ExitStatus.INTERRUPTED
    step, ramp = (read_search(tmp_path).capacity.knees[j] for j in (Joins.STEP, Joins.RAMP))
    assert (step.is_complete, step.at_least) == (True, False)
    assert (ramp.is_complete, ramp.at_least) == (False, True)


def test_nobody_plays_another_trial_once_somebody_wants_the_end(
    begin: Begin, tmp_path: Path
) -> None:
    target = Target()
    (tmp_path / "stop").touch()
    hunt = begin(target)
    hunt.run(None, Interrupts())
    assert target.trials == []
    assert hunt.report() is ExitStatus.INTERRUPTED
    assert read_search(tmp_path).why == "stopped by matchnight stop"
    assert read_search(tmp_path).capacity.knees == {}


def test_an_interrupt_between_trials_ends_the_search(begin: Begin) -> None:
    target, interrupts = Target(), Interrupts()
    interrupts.caught = True
    hunt = begin(target)
    hunt.run(None, interrupts)
    assert (target.trials, hunt.report()) == ([], ExitStatus.INTERRUPTED)


def test_a_trial_that_was_played_twice_says_why(
    begin: Begin, capsys: pytest.CaptureFixture[str]
) -> None:
    target = Target(Cause(Reason.INTERRUPTED, ""), ends=1)
    target.problem = "the tester was late"
    begin(target).run(None, Interrupts())
    assert capsys.readouterr().out == (
        "step          10/s  held        27 s  (played twice: the tester was late)\n"
    )


def test_a_line_says_what_broke_and_why() -> None:
    broken = level(3, 60.0)
    assert line(broken) == (
        "step          60/s  broke       27 s  sign_in carried less than it was asked for"
    )
    beyond = replace(broken, trial=replace(broken.trial, aim=Aim.OVERLOAD))
    assert line(beyond).startswith("overload      60/s  broke")
