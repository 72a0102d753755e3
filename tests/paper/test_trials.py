"""Trials in simulated time: each is a run of its own, the stack they are played against is one."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from random_stacks import TRIAL, draw

from loadtests.audience.trial import Joins, trial_scenario
from loadtests.collect.qoe import arrived, ended
from loadtests.collect.requests import sent
from loadtests.collect.timeline import Timeline
from loadtests.diagnosis.explore import Plan
from loadtests.diagnosis.level import Found
from loadtests.errors import MatchnightError
from loadtests.paper.simulate import START, play
from loadtests.paper.trials import Bench, capacity
from loadtests.scenario.model import Scenario
from loadtests.stack.leak import Leak
from loadtests.stack.model import Stack, Station
from loadtests.stack.service import Service
from loadtests.vocabulary import End, Step

STEP = replace(TRIAL, rate=20.0)

Run = Callable[..., Timeline]


def with_sign_in(scenario: Scenario, station: Station) -> Scenario:
    return replace(scenario, stack=Stack(stations={Step.SIGN_IN: station}), stack_sized_for=None)


@pytest.fixture(scope="module")
def run(match: Scenario) -> Run:
    """A step of twenty viewers a second against a stack that answers at once; kept."""
    played = trial_scenario(match, STEP)

    @cache
    def run(seconds: int | None = None, start: float = START) -> Timeline:
        return play(
            played,
            Service(Stack(stations={})),
            start=start,
            until=None if seconds is None else lambda timeline: len(timeline) == seconds,
            sampled=False,
        )

    return run


def test_a_run_ends_when_whoever_looks_at_it_says_so(run: Run) -> None:
    whole, early = run(), run(30)
    assert len(whole) == STEP.duration
    assert len(early) == 30 + 1  # the last one is how its viewers settled
    assert arrived(early.windows[30]) == 0
    assert sum(sent(window) for window in early.windows[30:]) == 0


def test_until_a_run_is_ended_it_is_as_if_nobody_had_looked(run: Run) -> None:
    whole, early = run(), run(30)
    assert [w.to_json() for w in early.windows[:30]] == [w.to_json() for w in whole.windows[:30]]


def test_viewers_of_a_run_ended_early_have_watched_as_long_as_it_lasted(run: Run) -> None:
    early = run(30)
    assert ended(early.total, End.IN_TIME) > 500
    assert early.windows[30].watched > 0


def test_a_run_is_the_same_whenever_it_begins(run: Run) -> None:
    one, other = run(), run(start=START + 4_000.0)
    assert arrived(one.total) == arrived(other.total)
    assert sent(one.total) == sent(other.total)


def test_the_stack_lives_on_from_trial_to_trial(match: Scenario) -> None:
    leaking = Station(servers=50, service_time=0.2, queue=100, leak=Leak(slower=1.0, every=500))
    bench = Bench(with_sign_in(match, leaking))
    times = [bench.play(STEP).steps[Step.SIGN_IN].response_time or 0.0 for _ in range(3)]
    assert times == sorted(times)
    assert times[2] > 1.5 * times[0]


def test_the_lines_of_the_stack_are_empty_before_the_next_trial_begins(match: Scenario) -> None:
    scenario = with_sign_in(match, Station(servers=1, service_time=0.5, queue=200))
    bench = Bench(scenario)
    overloaded = bench.play(replace(STEP, rate=40.0))
    low = bench.play(replace(STEP, rate=3.0))
    alone = Bench(scenario).play(replace(STEP, rate=3.0))
    assert overloaded.found is Found.BROKE
    assert low.steps[Step.SIGN_IN].most_in_flight == alone.steps[Step.SIGN_IN].most_in_flight


def test_a_search_is_the_same_every_time() -> None:
    drawn = draw(11, Joins.STEP, "license")
    assert capacity(drawn.scenario, drawn.plan) == capacity(drawn.scenario, drawn.plan)


def test_without_a_stack_there_is_nothing_to_measure(match: Scenario) -> None:
    with pytest.raises(MatchnightError, match=r"match: without a `stack` there is nothing"):
        capacity(replace(match, stack=None), Plan(first=1.0, ceiling=10.0))
