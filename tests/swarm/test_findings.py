"""The planner's question is answered either way: will it carry the evening's own peak?"""

from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.audience.canary import peak
from loadtests.audience.trial import Joins, Trial
from loadtests.diagnosis.explore import Capacity, Plan
from loadtests.diagnosis.search import Knee
from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario
from loadtests.swarm.ceiling import Ceiling
from loadtests.swarm.findings import Sought, findings
from loadtests.swarm.preparation import Stage
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.spoken import read_spoken
from loadtests.swarm.watch import Cause
from loadtests.swarm.wishes import Wishes

PATH = find("psg-juventus")
SCENARIO = read_scenario(PATH)
PEAK = peak(SCENARIO)
KNEE = Knee(joins=Joins.STEP, value=PEAK, low=0.99 * PEAK, high=1.01 * PEAK)
SOUGHT = Sought(
    stage=Stage(
        path=PATH,
        scenario=SCENARIO,
        folder=Path("nowhere"),
        target="http://127.0.0.1:1",
        embedded=False,
        spoken=read_spoken(None, None),
    ),
    wishes=Wishes(),
    plan=Plan(first=1.0, ceiling=99.0, trial=Trial(number=1, joins=Joins.STEP, rate=1.0)),
    top=Ceiling(rate=99.0, why="the consent's joins"),
    began=0.0,
)


def notes(knee: Knee) -> str:
    capacity = Capacity(knees={knee.joins: knee}, levels=(), lowest=None)
    return " ".join(findings(SOUGHT, capacity, [], None).capacity.notes)


@pytest.mark.parametrize(
    ("knee", "said"),
    [
        (KNEE, "at the very limit of what is carried when they come at once"),
        (replace(KNEE, low=PEAK, high=2 * PEAK), "that was carried when they come at once"),
        (replace(KNEE, low=1.0, high=PEAK / 2), "more than is carried when they come at once"),
        (
            replace(KNEE, low=PEAK / 2, high=None, at_least=True),
            "it is not known whether that is carried when they come at once",
        ),
    ],
    ids=["limit", "within", "above", "unknown"],
)
def test_the_evening_s_own_peak_is_held_beside_each_knee(knee: Knee, said: str) -> None:
    assert f"{PEAK:.3g} viewers/s in its busiest second" in notes(knee)
    assert f"at scale 1/200 and speed 5: {said}." in notes(knee)


def test_what_bounded_the_search_is_said_where_nothing_broke_and_only_there() -> None:
    bounded = "No trial had more than 99 viewers/s: the consent's joins."
    assert bounded in notes(replace(KNEE, high=None, at_least=True))
    assert bounded not in notes(KNEE)
    cut_short = replace(KNEE, high=None, at_least=True, is_complete=False)
    assert bounded not in notes(cut_short)


def test_a_search_whose_tester_was_the_bottleneck_confesses_it() -> None:
    nothing = Capacity(knees={}, levels=(), lowest=None)
    failed = Cause(Reason.FAILED, "at 640 viewers/s the tester was the bottleneck: late")
    found = findings(SOUGHT, nothing, [], failed)
    assert (found.problems, found.exit_status, found.complete) == ((failed.text,), 4, False)
    stopped = findings(SOUGHT, nothing, [], Cause(Reason.INTERRUPTED, ""))
    assert (stopped.problems, stopped.exit_status, stopped.why) == ((), 130, "interrupted")
