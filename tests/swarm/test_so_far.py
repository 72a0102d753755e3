"""What a search has shown when it ends too early: what it knows for sure, and nothing else."""

import pytest
from made_capacity import KNEE, level

from loadtests.audience.trial import Aim, Joins, Trial
from loadtests.diagnosis.explore import Plan, explore
from loadtests.diagnosis.level import Level
from loadtests.swarm.so_far import so_far

PLAN = Plan(
    first=10.0,
    ceiling=200.0,
    joins=(Joins.STEP, Joins.RAMP),
    trial=Trial(number=1, joins=Joins.STEP, rate=10.0),
)


@pytest.fixture(scope="module")
def played() -> list[Level]:
    """Every level of a whole search, in order."""
    asks, shown = explore(PLAN), list[Level]()
    trial = next(asks)
    while True:
        shown.append(level(trial.number, trial.rate, trial.joins, trial.aim))
        try:
            trial = asks.send(shown[-1])
        except StopIteration:
            return shown


def test_nothing_was_played_and_nothing_is_known() -> None:
    found = so_far(PLAN, [])
    assert (found.knees, found.levels, found.lowest, found.overload) == ({}, (), None, None)


def test_at_every_moment_no_knee_is_claimed_above_what_was_held(played: list[Level]) -> None:
    for number in range(len(played) + 1):
        shown = played[:number]
        for joins, knee in so_far(PLAN, shown).knees.items():
            held = [x.carried for x in shown if x.trial.joins is joins and x.trial.rate <= KNEE]
            assert knee.low <= max(held) * 1.03
            assert knee.is_complete is not knee.at_least


def test_a_profile_none_of_whose_loads_held_has_no_knee() -> None:
    assert so_far(PLAN, [level(1, 2 * KNEE), level(2, 1.5 * KNEE)]).knees == {}


def test_a_knee_that_was_found_is_the_one_of_the_whole_search(played: list[Level]) -> None:
    asks = explore(PLAN)
    next(asks)
    for shown in played[:-1]:
        asks.send(shown)
    with pytest.raises(StopIteration) as end:
        asks.send(played[-1])
    whole = end.value.value
    cut = so_far(PLAN, [shown for shown in played if shown.trial.aim is not Aim.AGAIN])
    assert cut.knees == whole.knees
    assert cut.overload == whole.overload
    assert cut.lowest == whole.lowest
