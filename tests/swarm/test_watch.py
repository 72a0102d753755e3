"""Whatever speaks for stopping a run is heard, and what it said is the reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.audience.trial import Joins, Trial
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.scenario.stopping import Abort, AbortMetric, Guard
from loadtests.swarm.guards import Sentry
from loadtests.swarm.jury import Jury
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.watch import BY_HAND, Cause, Watch
from loadtests.vocabulary import Outcome, Step


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario(find("smoke"))


class Scripted(Sentry):
    """A sentry that hears what a test says: a text is out of bounds, None within."""

    def __init__(self, *says: str | None) -> None:
        super().__init__(Guard(prometheus="http://127.0.0.1", query="up"))
        self._says = iter(says)
        self.problem = ""

    def ask(self) -> str | None:
        return next(self._says)


def test_with_nothing_to_say_the_run_goes_on(scenario: Scenario, tmp_path: Path) -> None:
    sentry = Scripted()
    assert Watch(scenario, [tmp_path], [sentry]).look(100, sentry.heard) is None


def test_the_file_of_matchnight_stop_interrupts_in_any_of_the_folders(
    scenario: Scenario, tmp_path: Path
) -> None:
    watch = Watch(scenario, [tmp_path / "canary", tmp_path], [])
    assert watch.look(0, 0.0) is None
    (tmp_path / "stop").touch()
    assert watch.look(0, 0.0) == Cause(Reason.INTERRUPTED, BY_HAND)


def test_a_figure_of_its_own_out_of_bounds_aborts(scenario: Scenario, tmp_path: Path) -> None:
    condition = Abort(metric=AbortMetric.ERROR_RATIO, at_most=0.0, lasting=1.0)
    watch = Watch(replace(scenario, abort=(condition,)), [tmp_path], [])
    window = Window(0, workers=1)
    window.ended[Step.HOME, Outcome.RESET, False] = Tally(1)
    watch.add(window)
    assert watch.look(0, 0.0) is None
    found = watch.look(1, 0.0)
    assert found is not None
    assert found.reason is Reason.ABORTED


def test_a_guard_is_asked_until_it_is_out_of_bounds_and_then_aborts(
    scenario: Scenario, tmp_path: Path
) -> None:
    sentry = Scripted(None, None, "too slow")
    watch = Watch(scenario, [tmp_path], [sentry])
    slept: list[float] = []
    watch.keep_asking(sentry, slept.append)
    assert slept == [sentry.guard.every] * 2
    assert watch.look(0, sentry.heard) == Cause(Reason.ABORTED, "too slow")


def test_a_silent_guard_stops_the_run_as_silent(scenario: Scenario, tmp_path: Path) -> None:
    sentry = Scripted()
    watch = Watch(scenario, [tmp_path], [sentry])
    assert watch.look(0, sentry.heard + sentry.silent_after) is None
    found = watch.look(0, sentry.heard + sentry.silent_after + 0.1)
    assert found is not None
    assert (found.reason, "is silent" in found.text) == (Reason.SILENT, True)


def test_a_trial_that_is_decided_stops_unless_something_else_stops_it(
    scenario: Scenario, tmp_path: Path
) -> None:
    trial = Trial(number=1, joins=Joins.STEP, rate=2.0)
    timeline = Timeline(Window(second) for second in range(int(trial.duration)))
    for window in timeline.windows:
        window.arrived[0] = 2
    seconds = len(timeline)
    decided = Watch(scenario, [tmp_path], [], Jury(trial, timeline)).look(seconds, 0.0)
    assert decided is not None
    assert decided.reason is Reason.DECIDED
    (tmp_path / "stop").touch()
    watch = Watch(scenario, [tmp_path], [], Jury(trial, timeline))
    assert watch.look(seconds, 0.0) == Cause(Reason.INTERRUPTED, BY_HAND)


def test_a_trial_its_tester_could_not_play_has_failed(scenario: Scenario, tmp_path: Path) -> None:
    trial = Trial(number=1, joins=Joins.STEP, rate=20.0)
    timeline = Timeline(Window(second) for second in range(int(trial.duration)))
    found = Watch(scenario, [tmp_path], [], Jury(trial, timeline)).look(len(timeline), 0.0)
    assert found is not None
    assert found.reason is Reason.FAILED
    assert "the tester could not keep up" in found.text
