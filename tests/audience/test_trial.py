from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience import crowd
from loadtests.audience.arrivals import Arrival
from loadtests.audience.canary import canary
from loadtests.audience.trial import BASE, STAIRS, Aim, Joins, Trial, trial_scenario
from loadtests.errors import MatchnightError
from loadtests.scenario.demand import Surge
from loadtests.scenario.library import find, names
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Purpose

PSG = read_scenario(find("psg-juventus"))
seconds = st.floats(1.0, 600.0)
trials = st.builds(
    Trial,
    number=st.integers(1, 99),
    joins=st.sampled_from(Joins),
    rate=st.floats(0.1, 1e6),
    aim=st.sampled_from(Aim),
    stay=seconds,
    rise=seconds,
    settle=seconds,
    least=seconds,
    most=seconds,
)


def trial(joins: Joins = Joins.STEP, rate: float = 20.0, aim: Aim = Aim.LEVEL) -> Trial:
    return Trial(number=1, joins=joins, rate=rate, aim=aim)


def everybody(load: Trial, scenario: Scenario = PSG) -> list[Arrival]:
    return list(crowd.share(trial_scenario(scenario, load)))


def each_second(load: Trial) -> list[int]:
    came = Counter(int(arrival.at) for arrival in everybody(load))
    return [came[second] for second in range(int(load.duration))]


@given(trials)
def test_a_trial_is_what_its_text_says(load: Trial) -> None:
    assert Trial.from_text(load.to_text()) == load


@pytest.mark.parametrize("text", ["", "number=1", "number=1,rate=20", trial().to_text() + ",x=1"])
def test_a_text_that_is_no_trial_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no trial"):
        Trial.from_text(text)


@given(trials)
def test_the_phases_of_a_trial_follow_each_other_from_its_start(load: Trial) -> None:
    assert load.phases[0].start == 0
    assert load.phases[-1].stop == load.duration
    assert all(before.stop == after.start for before, after in pairwise(load.phases))
    assert max(max(piece.first, piece.last) for piece in load.phases) == load.rate


def test_a_step_is_there_from_one_second_to_the_next_and_stays() -> None:
    came = each_second(trial(Joins.STEP))
    assert all(19 <= viewers <= 21 for viewers in came)


def test_a_ramp_rises_evenly_and_stays() -> None:
    came = each_second(trial(Joins.RAMP))
    assert all(abs(came[second] - (second + 0.5)) <= 2 for second in range(20))
    assert all(19 <= viewers <= 21 for viewers in came[20:])


def test_a_surge_stands_out_from_a_third_of_it() -> None:
    load = trial(Joins.SURGE, rate=30.0)
    came = each_second(load)
    start, stop = (int(load.phases[1].start), int(load.phases[1].stop))
    assert all(29 <= viewers <= 31 for viewers in came[start:stop])
    assert all(abs(viewers - BASE * 30) <= 1 for viewers in came[:start] + came[stop:])


def test_an_overload_ends_in_stairs() -> None:
    load = trial(aim=Aim.OVERLOAD, rate=40.0)
    came = each_second(load)
    held = int(load.phases[0].stop)
    assert all(39 <= viewers <= 41 for viewers in came[:held])
    for number, stair in enumerate(STAIRS):
        middle = came[held + 15 * number + 1 : held + 15 * (number + 1)]
        assert all(abs(viewers - stair * 40) <= 2 for viewers in middle)


@given(st.sampled_from(Joins), st.floats(5.0, 60.0), st.integers(1, 2**31))
def test_over_any_stretch_as_many_come_as_should(joins: Joins, rate: float, seed: int) -> None:
    load = replace(trial(joins, rate), most=10.0)
    scenario = trial_scenario(replace(PSG, seed=seed), load)
    moments = [arrival.at for arrival in crowd.share(scenario)]
    planned = crowd.planned(scenario)
    for start in range(0, len(planned), 7):
        came = sum(start <= at < start + 7 for at in moments)
        assert abs(came - sum(planned[start : start + 7])) < 3


def test_whoever_comes_is_spread_evenly_over_devices_and_ways_to_sign_in() -> None:
    arrivals = everybody(trial(rate=30.0))
    for name, device in PSG.devices.items():
        behind = 0.0
        for arrival in arrivals:
            behind += device.share - (arrival.device_name == name)
            assert abs(behind) < 8  # thousands of viewers: chance would be off by 25
    behind = 0.0
    expected = sum(device.share * device.signs_in for device in PSG.devices.values())
    for arrival in arrivals:
        behind += expected - arrival.signs_in
        assert abs(behind) < 4


def test_everybody_leaves_as_long_after_coming_as_the_trial_says() -> None:
    load = replace(trial(), stay=12.0)
    stays = {a.stay for a in everybody(load) if a.at + 12.0 < load.duration}
    assert stays == {12.0}


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_share_a_trial_as_they_share_an_evening(workers: int) -> None:
    scenario = trial_scenario(PSG, trial())
    shares = [list(crowd.share(scenario, worker, workers)) for worker in range(workers)]
    assert crowd.digest(scenario, workers) == crowd.digest(scenario)
    assert all(a.at <= b.at for share in shares for a, b in pairwise(share))


def test_a_trial_keeps_what_protects_the_target_and_drops_what_judges_an_evening() -> None:
    played = trial_scenario(PSG, trial())
    assert (played.abort, played.guards) == (PSG.abort, PSG.guards)
    assert played.event.marks == ()
    assert played.devices == PSG.devices
    assert (played.scale, played.speed) == (1.0, 1.0)


def test_objectives_about_times_hold_for_a_trial_from_when_its_load_is_there() -> None:
    played = trial_scenario(PSG, trial(Joins.RAMP))
    assert [objective.name for objective in played.objectives] == [
        "startup_time p95 at most 4s, +35s to +1m35s"
    ]


def test_the_stack_of_a_trial_is_the_one_of_the_scenario_unchanged() -> None:
    stack, own = trial_scenario(PSG, trial()).embedded_stack, PSG.embedded_stack
    assert stack is not None
    assert own is not None
    assert (stack.stations, stack.origin) == (own.stations, own.origin)


def test_only_those_come_to_a_trial_who_watch_on_the_devices_they_watch_on() -> None:
    assert isinstance(PSG.arrivals, tuple)
    start, stop = PSG.window.start, PSG.window.stop
    half = Surge(shape=PSG.arrivals[0].shape, start=start, stop=stop, share=0.5)
    watch, boot = replace(half, devices=("web",)), replace(half, purpose=Purpose.BOOT)
    arrivals = everybody(trial(), replace(PSG, arrivals=(watch, boot)))
    assert {(a.purpose, a.device_name) for a in arrivals} == {(Purpose.WATCH, "web")}
    with pytest.raises(MatchnightError, match=r"nobody comes to watch"):
        everybody(trial(), replace(PSG, arrivals=(boot,)))


def test_a_trial_of_every_shipped_scenario_can_be_played_or_says_why_not() -> None:
    for name in names():
        scenario = read_scenario(find(name))
        try:
            played = trial_scenario(scenario, trial())
        except MatchnightError as error:
            assert scenario.name in str(error)  # noqa: PT017 - most have no error
        else:
            assert crowd.size(played) == pytest.approx(20 * trial().duration, abs=1)


def test_a_trial_and_a_canary_are_disturbed_by_nobody() -> None:
    attacked = read_scenario(find("psg-juventus"), variant="c")
    assert attacked.hostile
    assert trial_scenario(attacked, trial()).hostile == ()
    assert canary(attacked, 60.0).hostile == ()
