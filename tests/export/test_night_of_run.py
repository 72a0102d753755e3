from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from edge_nights import shipped
from overloads import signed

from loadtests.collect.edge.sighting import Attempt, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.diagnosis.signature import write_signature
from loadtests.diagnosis.target import as_played, limit
from loadtests.diagnosis.verdict.kinds import Cause, Observable
from loadtests.errors import MatchnightError
from loadtests.export.archive import Event, Run
from loadtests.export.night_of_run import Known, calendar, is_diagnosed, night_of_run
from loadtests.export.summarize import summarize
from loadtests.export.verdict_report import brief, verdict_of_run
from loadtests.vocabulary import Step


def _edge(second: int) -> EdgeWindow:
    traffic = Traffic(said=Counter({(Said.OK, Attempt.FIRST): 4}))
    traffic.regions[("north", False)] = 1
    return EdgeWindow(second, {Step.HOME: traffic})


def _seen(run: Run, **manifest: object) -> Run:
    """The run, had its windows said what an edge saw."""
    windows = [Window(w.second, workers=1, edge=_edge(w.second)) for w in run.timeline]
    told = replace(run.manifest, **manifest)  # type: ignore[arg-type]  # any field's
    return replace(run, timeline=Timeline(windows), manifest=told)


def test_a_run_s_night_is_what_its_edge_saw_from_its_start(overloaded: Run) -> None:
    run = _seen(overloaded)
    night = night_of_run(run, summarize(run), Known(build="9f2", replicas={"sign_in": 4}))
    assert night.windows == [window.edge for window in run.timeline]
    assert night.start == run.started
    assert (night.build, night.replicas) == ("9f2", {"sign_in": 4})
    assert night.expected_joins is not None
    assert night.source == str(run.folder)


def test_our_samples_say_everything_but_whether_a_cache_answered(overloaded: Run) -> None:
    run = _seen(overloaded)
    observed = night_of_run(run, summarize(run)).observed
    assert set(Observable) - set(observed) == {Observable.CACHE}
    assert observed[Observable.REGION] == pytest.approx(0.25)


def test_what_our_own_tester_confesses_is_weighed_first(terrible: Run) -> None:
    run = _seen(terrible)
    case = verdict_of_run(run, summarize(run))
    assert case is not None
    assert case.verdict.cause.kind is Cause.TESTER_LIMITED
    assert "worker 2 ran at 100 %" in brief(case).sentence


def test_a_run_of_an_older_release_says_nothing_of_the_edge(overloaded: Run) -> None:
    assert not is_diagnosed(overloaded)
    with pytest.raises(MatchnightError, match="says nothing of what the target's edge saw"):
        night_of_run(overloaded, summarize(overloaded))


def test_a_trial_of_a_search_gets_no_verdict(overloaded: Run) -> None:
    assert is_diagnosed(_seen(overloaded))
    assert not is_diagnosed(_seen(overloaded, trial="step at 3/s"))


def test_an_interrupted_run_is_reported_at_once_without_a_verdict(overloaded: Run) -> None:
    run = _seen(overloaded)
    stopped = Event(kind="stopped", at=0.0, facts={"reason": "interrupted"})
    interrupted = replace(run, events=[*run.events, stopped])
    assert not is_diagnosed(interrupted)
    assert night_of_run(interrupted, summarize(interrupted)).windows


def test_moments_are_those_of_the_evening(overloaded: Run) -> None:
    found = calendar(overloaded)
    assert (found.first, found.speed) == (-240.0, 1.0)


def test_a_signature_in_the_folder_is_the_run_s_own(overloaded: Run, tmp_path: Path) -> None:
    known = signed(shipped("psg-juventus", "none"))
    (tmp_path / "signature.json").write_text(write_signature(known), encoding="utf-8")
    run = replace(_seen(overloaded), folder=tmp_path)
    found = night_of_run(run, summarize(run)).signature
    assert found == as_played(known, run.scenario)


def test_the_embedded_stack_is_sized_by_the_scenario_and_a_real_target_is_not(
    overloaded: Run,
) -> None:
    known = signed(shipped("psg-juventus", "none"))
    of_ours = night_of_run(_seen(overloaded), summarize(overloaded), Known(signature=known))
    assert of_ours.signature is not None
    assert of_ours.signature.knee[Step.SIGN_IN].value == pytest.approx(
        limit(known, Step.SIGN_IN, overloaded.scenario)
    )
    real = _seen(overloaded, embedded=False)
    assert night_of_run(real, summarize(real), Known(signature=known)).signature == known
