"""A search in simulated time finds the knee that arithmetic says: the bars of its accuracy."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from kit import record
from measured import distribution, measure, measure_all, told
from random_stacks import COMPONENTS, Drawn, draw

from loadtests.audience.trial import Joins
from loadtests.diagnosis.explore import Capacity
from loadtests.paper.trials import capacity
from loadtests.scenario.model import Scenario
from loadtests.stack.autoscaling import Autoscaling
from loadtests.stack.leak import Leak
from loadtests.stack.model import Station
from loadtests.vocabulary import Step

SEEDS = range(1_000_000, 1_000_540)
"""Of the reported runs: none of them was looked at while the search was made."""

SAMPLE = [
    (Joins.STEP, "sign_in"),
    (Joins.RAMP, "entitlement"),
    (Joins.SURGE, "session"),
    (Joins.STEP, "license"),
    (Joins.RAMP, "origin"),
    (Joins.SURGE, "origin"),
    (Joins.STEP, "limit"),
    (Joins.SURGE, "sign_in"),
]


@pytest.mark.parametrize(("joins", "tight"), SAMPLE)
def test_the_knee_is_found_within_a_twentieth_and_the_step_is_right(
    joins: Joins, tight: str
) -> None:
    run = measure(draw(11, joins, tight))
    assert run.error <= 0.05
    assert run.is_step_right
    assert run.low < run.value < (run.high or 0)


def test_the_sample_has_every_profile_and_every_component() -> None:
    assert {joins for joins, _ in SAMPLE} == set(Joins)
    assert {tight for _, tight in SAMPLE} == set(COMPONENTS)


def test_a_drawn_stack_is_as_tight_where_it_should_be_as_was_drawn() -> None:
    for seed in range(50):
        drawn = draw(seed)
        stack = drawn.scenario.stack
        assert stack is not None
        lines = [*stack.stations.values(), stack.origin]
        assert all(3 <= station.queue <= 200 for station in lines)
        assert drawn.plan.first < 1.4 * drawn.knee


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_over_five_hundred_random_stacks_the_bars_of_the_knee_hold() -> None:
    runs = measure_all(SEEDS)
    record("capacity-on-paper", told(runs))
    figures = distribution(runs)
    assert figures["runs"] >= 500
    assert figures["error"]["median"] <= 0.03
    assert figures["error"]["95 %"] <= 0.05
    assert 0.86 <= figures["covered"] <= 0.94
    assert figures["step_right"] >= 0.99


def at_sign_in(drawn: Drawn, change: Callable[[Station], Station]) -> Scenario:
    """The drawn scenario with another station for sign-in."""
    stack = drawn.scenario.stack
    assert stack is not None
    stations = {**stack.stations, Step.SIGN_IN: change(stack.stations[Step.SIGN_IN])}
    return replace(drawn.scenario, stack=replace(stack, stations=stations))


def explored(drawn: Drawn, scenario: Scenario) -> Capacity:
    """Everything a capacity command shows of it."""
    plan = replace(drawn.plan, first=drawn.knee / 2, overload=True, again=True)
    return capacity(scenario, plan)


def test_a_target_never_saturated_within_the_ceiling_carries_at_least_that() -> None:
    drawn = draw(30, Joins.STEP, "sign_in")
    ceiling = 0.9 * drawn.knee
    knee = capacity(drawn.scenario, replace(drawn.plan, first=4.0, ceiling=ceiling)).knees[
        Joins.STEP
    ]
    assert knee.at_least
    assert knee.high is None
    assert knee.value == pytest.approx(ceiling, rel=0.01)
    assert max(level.trial.rate for level in knee.levels) <= ceiling


def test_a_target_that_stays_as_it_is_is_steady() -> None:
    drawn = draw(30, Joins.STEP, "sign_in")
    found = explored(drawn, drawn.scenario)
    assert found.steady
    assert found.moved is None


def test_a_target_that_slows_over_time_is_not_steady() -> None:
    drawn = draw(30, Joins.STEP, "sign_in")
    leaking = at_sign_in(drawn, lambda s: replace(s, leak=Leak(slower=0.2, every=300)))
    assert not explored(drawn, leaking).steady


def test_of_a_target_that_scales_up_both_capacities_are_told() -> None:
    drawn = draw(30, Joins.STEP, "sign_in")
    scaling = at_sign_in(
        drawn,
        lambda s: replace(
            s,
            autoscaling=Autoscaling(
                utilization=0.95, over=20.0, takes=10.0, to=2 * s.servers, rest=s.rest
            ),
        ),
    )
    moved = explored(drawn, scaling).moved
    assert moved is not None
    assert moved.before == pytest.approx(drawn.knee, rel=0.05)
    assert moved.after > 1.2 * moved.before
