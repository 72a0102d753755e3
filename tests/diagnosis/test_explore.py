from collections.abc import Callable
from dataclasses import replace

import pytest
from levels import level

from loadtests.audience.trial import Aim, Joins, Trial
from loadtests.diagnosis.explore import BEYOND, Capacity, Plan, explore
from loadtests.diagnosis.level import Found, Level
from loadtests.vocabulary import Outcome, Step

KNEES = {Joins.STEP: 40.0, Joins.RAMP: 42.0, Joins.SURGE: 55.0}
PLAN = Plan(first=10.0, ceiling=1_000.0)


def target(trial: Trial) -> Level:
    return level(trial, {Step.SIGN_IN: KNEES[trial.joins]})


def explored(plan: Plan, play: Callable[[Trial], Level] = target) -> tuple[Capacity, list[Trial]]:
    """What is found, and all trials in their order."""
    row, trials = explore(plan), []
    trial = next(row)
    while True:
        trials.append(trial)
        try:
            trial = row.send(play(trial))
        except StopIteration as end:
            return end.value, trials


def test_each_join_profile_has_its_knee_then_come_an_overload_and_the_lowest_load_again() -> None:
    found, trials = explored(PLAN)
    assert {joins: knee.value for joins, knee in found.knees.items()} == pytest.approx(
        KNEES, rel=0.02
    )
    assert [trial.number for trial in trials] == list(range(1, len(trials) + 1))
    *_, overload, again = trials
    assert (overload.aim, again.aim) == (Aim.OVERLOAD, Aim.AGAIN)
    assert overload.rate == pytest.approx(BEYOND * found.knees[Joins.STEP].value)
    assert found.lowest is not None
    assert again.rate == found.lowest.trial.rate == 10.0
    assert found.levels == tuple(x for knee in found.knees.values() for x in knee.levels)
    assert (found.steady, found.drift, found.notes) == (True, 1.0, ())


def test_a_further_profile_is_searched_from_near_the_last_knee() -> None:
    found, _ = explored(PLAN)
    step, ramp, _ = found.knees.values()
    assert ramp.levels[0].trial.rate == pytest.approx(0.9 * step.value)
    assert len(ramp.levels) <= len(step.levels)


def test_a_target_that_never_breaks_is_not_overloaded() -> None:
    found, trials = explored(replace(PLAN, ceiling=30.0))
    assert all(knee.at_least for knee in found.knees.values())
    assert found.overload is None
    assert [trial.aim for trial in trials[-2:]] == [Aim.LEVEL, Aim.AGAIN]
    assert max(trial.rate for trial in trials) <= 30.0
    assert found.notes == ()


def test_a_ceiling_right_above_the_knee_allows_no_overload_and_that_is_said() -> None:
    found, _ = explored(replace(PLAN, ceiling=43.0, joins=(Joins.STEP,)))
    assert found.overload is None
    assert found.notes == ("the ceiling of 43 viewers a second allows no overload",)


def test_overload_and_repetition_are_played_only_if_asked_for() -> None:
    found, trials = explored(replace(PLAN, overload=False, again=False, joins=(Joins.RAMP,)))
    assert {trial.aim for trial in trials} == {Aim.LEVEL}
    assert (found.overload, found.again, found.drift) == (None, None, None)


def test_trials_are_bounded_over_all_profiles_and_what_is_missing_is_said() -> None:
    found, _ = explored(replace(PLAN, trials=6, overload=False, again=False))
    assert len(found.levels) == 6
    assert list(found.knees) == [Joins.STEP]
    assert found.notes == (
        "step: 6 trials were not enough to tell the knee",
        "ramp: no trial was left to search it",
        "surge: no trial was left to search it",
    )


def test_a_low_load_that_takes_longer_in_the_end_is_not_steady() -> None:
    def leaking(trial: Trial) -> Level:
        took = 0.1 * (1.2 if trial.aim is Aim.AGAIN else 1.0)
        return level(trial, {Step.SIGN_IN: 40.0}, response_time=took)

    found, _ = explored(PLAN, leaking)
    assert found.drift == pytest.approx(1.2)
    assert not found.steady


def test_milliseconds_more_are_a_testers_noise() -> None:
    def quick(trial: Trial) -> Level:
        took = 0.004 if trial.aim is Aim.AGAIN else 0.001
        return level(trial, {Step.SIGN_IN: 40.0}, response_time=took)

    found, _ = explored(PLAN, quick)
    assert (found.drift, found.steady) == (1.0, True)


def test_capacity_that_was_lost_is_not_steady() -> None:
    played: list[Trial] = []

    def tiring(trial: Trial) -> Level:
        played.append(trial)
        return level(trial, {Step.SIGN_IN: 40.0 if len(played) < 5 else 15.0})

    found, _ = explored(replace(PLAN, joins=(Joins.STEP,)), tiring)
    assert found.moved is not None
    assert found.moved.after < found.moved.before
    assert not found.steady


def test_capacity_that_stepped_up_in_the_overload_is_told() -> None:
    def scaling(trial: Trial) -> Level:
        of = target(trial)
        if trial.aim is not Aim.OVERLOAD:
            return of
        return replace(of, rose_after=44.0, rose_from=40.0, rose_to=70.0)

    moved = explored(PLAN, scaling)[0].moved
    assert moved is not None
    assert (moved.before, moved.after, moved.took) == (40.0, 70.0, 44.0)


def test_a_step_that_slows_in_anothers_overload_though_it_is_asked_no_more_is_told() -> None:
    def shared(trial: Trial) -> Level:
        of = target(trial)
        if trial.aim is not Aim.OVERLOAD:
            return of
        session = replace(of.steps[Step.SESSION], response_time=0.3, attempts=40.0)
        home = replace(of.steps[Step.HOME], response_time=0.3)  # asked more: no wonder
        return replace(of, steps={**of.steps, Step.SESSION: session, Step.HOME: home})

    found, _ = explored(replace(PLAN, joins=(Joins.STEP,)), shared)
    (slowed,) = found.slowed
    assert (slowed.step, slowed.overloaded) == (Step.SESSION, Step.SIGN_IN)
    assert slowed.slower == pytest.approx(3.0)


def test_where_nothing_holds_that_is_said() -> None:
    found, trials = explored(
        replace(PLAN, joins=(Joins.STEP,)), lambda trial: level(trial, {Step.SIGN_IN: 0.001})
    )
    assert (found.lowest, found.overload, found.again) == (None, None, None)
    assert "not even" in found.notes[0]
    assert {trial.aim for trial in trials} == {Aim.LEVEL}


def test_a_low_load_that_no_longer_holds_is_told() -> None:
    def worn(trial: Trial) -> Level:
        return (
            replace(target(trial), found=Found.BROKE) if trial.aim is Aim.AGAIN else target(trial)
        )

    found, _ = explored(PLAN, worn)
    assert "which held, no longer does" in found.notes[0]
    assert not found.steady


def test_a_knee_that_a_waiting_room_makes_is_told_as_such() -> None:
    def room(trial: Trial) -> Level:
        of = target(trial)
        if of.first is None:
            return of
        waits = replace(of.steps[of.first], outcomes={Outcome.QUEUED: 9})
        return replace(of, steps={**of.steps, of.first: waits})

    notes = explored(replace(PLAN, joins=(Joins.STEP,)), room)[0].notes
    assert notes == ("a waiting room sent viewers away: the knee is what it lets in",)
