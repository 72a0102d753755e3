"""What speed and scale do to the share of black screens, in simulated time."""

import json
import os
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

import pytest

from loadtests.diagnosis.black_screens import black, decided
from loadtests.diagnosis.interval import wilson
from loadtests.diagnosis.speed import faithful_up_to_speed
from loadtests.paper.simulate import simulate
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario, Span
from loadtests.scenario.read import read_scenario
from loadtests.stack.model import Stack, Station
from loadtests.vocabulary import Step

SPEEDS = (1.0, 3.0, 10.0)
SCALES = (1 / 100, 1 / 200, 1 / 400)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One simulated run: the share of black screens among the decided, and its 95 % interval."""

    scale: float
    speed: float
    decided: int
    share: float
    low: float
    high: float
    faithful_up_to_speed: float

    def agrees_with(self, share: float) -> bool:
        return self.low <= share <= self.high

    @property
    def is_faithful(self) -> bool:
        return self.speed <= self.faithful_up_to_speed


def cell(scenario: Scenario, *, scale: float, speed: float) -> Cell:
    played = replace(scenario, scale=scale, speed=speed)
    total = simulate(played).total
    met, known = black(total, played.black_screens), decided(total)
    low, high = wilson(met, known)
    return Cell(
        scale=scale,
        speed=speed,
        decided=known,
        share=met / known,
        low=low,
        high=high,
        faithful_up_to_speed=faithful_up_to_speed(played),
    )


@pytest.fixture
def short_overload(match: Scenario) -> Scenario:
    """The same crowd on a stack that fails only shortly before kick-off."""
    station = Station(servers=6, service_time=0.4, queue=30)  # 15/s
    stack = Stack(stations={Step.ENTITLEMENT: station})
    return replace(match, window=Span(start=-240.0, stop=240.0), stack=stack)


def test_speed_leaves_the_share_as_it_is_while_the_overload_lasts(match: Scenario) -> None:
    slow = cell(match, scale=1 / 400, speed=2.0)
    fast = cell(match, scale=1 / 400, speed=5.0)
    assert fast.is_faithful
    assert fast.agrees_with(slow.share)
    assert slow.agrees_with(fast.share)
    assert 0.2 < fast.share < 0.8


def test_scale_leaves_the_share_as_it_is(match: Scenario) -> None:
    small = cell(match, scale=1 / 400, speed=5.0)
    large = cell(match, scale=1 / 100, speed=5.0)
    assert small.agrees_with(large.share)
    assert small.decided == pytest.approx(large.decided / 4, rel=0.02)


def test_an_overload_that_ends_looks_milder_when_played_fast_and_the_limit_says_so(
    short_overload: Scenario,
) -> None:
    limit = faithful_up_to_speed(replace(short_overload, scale=1 / 400))
    slow = cell(short_overload, scale=1 / 400, speed=1.0)
    faithful = cell(short_overload, scale=1 / 400, speed=limit)
    fast = cell(short_overload, scale=1 / 400, speed=10.0)
    assert fast.share < slow.low
    assert slow.agrees_with(faithful.share)
    assert 1.0 < limit < 10.0


def record(name: str, cells: list[Cell], reference: float) -> None:
    folder = os.environ.get("MATCHNIGHT_EVALUATION")
    if folder:
        rows = [
            {**asdict(c), "faithful": c.is_faithful, "agrees": c.agrees_with(reference)}
            for c in cells
        ]
        table = {"scenario": name, "reference": reference, "cells": rows}
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder, f"scaling-{name}.json").write_text(json.dumps(table, indent=2) + "\n")


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("variant", ["a", "b"])
def test_the_match_says_the_same_at_every_speed_and_scale_called_faithful(variant: str) -> None:
    scenario = read_scenario(find("psg-juventus"), variant=variant)
    cells = [cell(scenario, scale=c, speed=s) for c, s in product(SCALES, SPEEDS)]
    reference = cells[0].share
    record(f"psg-juventus-{variant}", cells, reference)
    faithful = [c for c in cells if c.is_faithful]
    assert {c.scale for c in faithful if c.speed > 1} == set(SCALES)
    assert [c for c in faithful if not c.agrees_with(reference)] == []
