"""The plan's requests are those a healthy run then sends."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.collect.qoe import arrived, watching
from loadtests.collect.requests import sent
from loadtests.collect.timeline import Timeline
from loadtests.paper.plan.night import MOST_DEALT, Night, night, rehearsal
from loadtests.paper.simulate import simulate
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Step

ENOUGH = 10_000
WITHIN = 0.02

HEALTHY = [
    ("netflix-outage", "none"),
    ("offline-downloads", "a"),
    ("password-sharing", "a"),
    ("proximus-datacentre", "none"),
    ("psg-juventus", "none"),
    ("world-cup-98", "none"),
]


def healthy(name: str, variant: str, *, times: float = 1.0) -> Scenario:
    """A shipped scenario on an evening without its faults, its crowd so many times as large."""
    scenario = read_scenario(find(name), variant=variant)
    assert scenario.stack is not None
    stack = replace(scenario.stack, faults=())
    return replace(scenario, scale=scenario.scale * times, stack=stack)


def errors(planned: Night, played: Timeline) -> dict[Step, float]:
    """By how much the plan is wrong about each step that was asked often enough."""
    total = played.total
    return {
        step: planned.total(planned.requests.get(step, ())) / sent(total, step) - 1
        for step in Step
        if sent(total, step) >= ENOUGH
    }


def test_the_requests_of_a_rehearsal_are_those_that_are_planned() -> None:
    scenario = healthy("smoke", "none", times=4)
    planned, played = rehearsal(scenario), simulate(scenario)
    assert planned.total(planned.arrivals) == pytest.approx(arrived(played.total))
    for step in (Step.HOME, Step.LICENSE, Step.PLAYLIST, Step.SEGMENT, Step.HEARTBEAT):
        told = planned.total(planned.requests[step])
        assert told == pytest.approx(sent(played.total, step), rel=WITHIN)
    assert planned.watching[-1] == pytest.approx(watching(played.total), rel=WITHIN)


def test_the_night_is_the_mean_of_what_its_seeds_deal() -> None:
    scenario = healthy("smoke", "none", times=4)
    of_all = night(scenario, scale=scenario.scale, speed=scenario.speed, window=scenario.window)
    dealt = [rehearsal(replace(scenario, seed=seed)) for seed in range(1, 9)]
    for step in (Step.SIGN_IN, Step.SEGMENT, Step.HEARTBEAT):
        mean = sum(each.total(each.requests[step]) for each in dealt) / len(dealt)
        assert of_all.total(of_all.requests[step]) == pytest.approx(mean, rel=0.03)


def test_everybody_who_comes_to_a_whole_match_is_told_to_come() -> None:
    scenario = read_scenario(find("psg-juventus"))
    whole = night(scenario)
    assert whole.total(whole.arrivals) == pytest.approx(scenario.audience.viewers)
    assert whole.total(whole.requests[Step.HOME]) == pytest.approx(345_000, rel=0.001)
    # at the end of the evening all who came are there: nobody leaves before
    assert whole.watching[-1] == pytest.approx(345_000, rel=0.001)


def test_a_stack_without_a_rule_for_households_is_asked_for_no_codes() -> None:
    scenario = healthy("password-sharing", "before")
    assert Step.HOUSEHOLD_CODE in rehearsal(healthy("password-sharing", "a")).requests
    assert Step.HOUSEHOLD_CODE not in rehearsal(scenario).requests


@pytest.mark.prove
@pytest.mark.timeout(360)
@pytest.mark.parametrize(("name", "variant"), HEALTHY)
@pytest.mark.parametrize("times", [1, 10])
def test_no_step_of_a_healthy_run_is_planned_wrong_by_more_than_two_percent(
    name: str, variant: str, times: int
) -> None:
    scenario = healthy(name, variant, times=times)
    found = errors(rehearsal(scenario), simulate(scenario))
    folder = os.environ.get("MATCHNIGHT_EVALUATION")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        figures = {step.value: round(error, 5) for step, error in found.items()}
        path = Path(folder, f"plan-{name}-{times}.json")
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    assert Step.SEGMENT in found or times == 1
    assert {step: error for step, error in found.items() if abs(error) > WITHIN} == {}


def test_a_crowd_too_large_to_be_dealt_is_planned_as_the_mean_of_all_seeds() -> None:
    scenario = replace(read_scenario(find("psg-juventus"), variant="none"), scale=1.0)
    planned = rehearsal(scenario)
    other = rehearsal(replace(scenario, seed=2))
    assert planned.total(planned.arrivals) > MOST_DEALT
    assert planned == other
