from dataclasses import replace

import pytest
from desks import Stations, station, windows
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.audience.trial import Aim, Joins, Trial
from loadtests.collect.window import Window
from loadtests.diagnosis.hold import BOUND, Hold, InvalidTrial, begins, seconds
from loadtests.diagnosis.level import Found, Level
from loadtests.errors import ExitStatus
from loadtests.stack.model import Station
from loadtests.vocabulary import Outcome, Step

AMPLE = station(400.0)


def trial(rate: float, joins: Joins = Joins.STEP) -> Trial:
    return Trial(number=1, joins=joins, rate=rate)


def judged(of: Trial, made: list[Window]) -> Level:
    """As a runner does: a look a second, until it is decided."""
    hold = Hold(of)
    for second in range(1, seconds(of) + 1):
        level = hold.look(made[:second])
        if level is not None:
            return level
    raise AssertionError("a trial that is over must be decided")


def found(of: Trial, stations: Stations, *, background: float = 0.0) -> Level:
    return judged(of, windows(of, stations, background=background))


@pytest.mark.parametrize("places", [0, 3, 30, 3_000])
def test_one_percent_below_capacity_is_held_and_three_above_breaks_however_long_the_line(
    places: int,
) -> None:
    desk = {Step.SIGN_IN: station(20.0, places=places)}
    assert found(trial(19.8), desk).found is Found.HELD
    level = found(trial(20.6), desk)
    assert (level.found, level.first) == (Found.BROKE, Step.SIGN_IN)


@given(
    capacity=st.floats(2.0, 40.0),
    over=st.floats(1.03, 1.12),
    servers=st.integers(1, 6),
    places=st.integers(3, 60),
)
@settings(max_examples=25, deadline=None)
def test_how_far_it_falls_short_tells_the_capacity(
    capacity: float, over: float, servers: int, places: int
) -> None:
    level = found(
        trial(over * capacity), {Step.SIGN_IN: station(capacity, servers=servers, places=places)}
    )
    assert level.found is not Found.HELD
    one = 1.5 / level.trial.least  # requests are whole ones, and two a second are few
    assert level.carried == pytest.approx(capacity, rel=0.035, abs=one)
    assert level.joins == pytest.approx(over * capacity, abs=0.1)


@given(capacity=st.floats(0.5, 40.0), under=st.floats(0.3, 0.99), servers=st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_what_a_target_carries_is_held_in_the_least_time_however_slow_it_is(
    capacity: float, under: float, servers: int
) -> None:
    of = trial(under * capacity)
    level = found(of, {Step.SESSION: station(capacity, servers=servers)})
    assert level.found is Found.HELD
    assert level.carried == pytest.approx(of.rate, rel=BOUND)
    assert level.stop == begins(of) + of.least


def test_a_load_too_near_the_bound_to_tell_is_held_on_and_then_unsteady() -> None:
    of = trial(4.1)
    level = found(of, {Step.SIGN_IN: station(4.0, places=1)})
    assert level.found is Found.UNSTEADY
    assert level.stop == seconds(of)
    assert level.carried == pytest.approx(4.0, rel=0.02)


def test_a_load_far_beyond_is_taken_off_again_soon() -> None:
    level = found(trial(40.0), {Step.SIGN_IN: station(20.0)})
    assert level.found is Found.BROKE
    assert level.stop < begins(level.trial) + level.trial.least


def test_the_step_that_holds_the_others_back_is_the_first() -> None:
    desks = {Step.HOME: AMPLE, Step.SIGN_IN: station(20.0, places=10), Step.SESSION: station(22.0)}
    level = found(trial(24.0), desks)
    assert level.first is Step.SIGN_IN
    assert level.steps[Step.SESSION].shortfall < BOUND


def test_a_ramp_is_judged_by_what_comes_after_its_rise() -> None:
    of = trial(20.0, Joins.RAMP)
    assert begins(of) == of.rise + of.settle + of.stay
    assert found(of, {Step.SIGN_IN: station(21.0)}).found is Found.HELD
    assert found(of, {Step.SIGN_IN: station(19.0)}).found is Found.BROKE


def test_a_step_that_answers_nobody_breaks_though_nothing_fails() -> None:
    of = trial(10.0)
    made = windows(of, {Step.HOME: AMPLE, Step.LICENSE: station(400.0)})
    for window in made:
        for kind in [kind for kind in window.ended if kind[0] is Step.LICENSE]:
            del window.ended[kind]
    level = judged(of, made)
    assert (level.found, level.first) == (Found.BROKE, Step.LICENSE)


def test_whom_a_waiting_room_sends_away_the_target_has_not_carried() -> None:
    of = trial(20.0)
    made = windows(of, {Step.HOME: AMPLE}, background=0.2)
    for window in made:
        for step, outcome, retry in list(window.ended):
            if outcome is Outcome.OVERLOAD:
                tally = window.ended.pop((step, outcome, retry))
                window.ended[step, Outcome.QUEUED, retry] = tally
    level = judged(of, made)
    assert level.found is Found.BROKE
    assert level.carried == pytest.approx(16.0, rel=0.03)


def test_what_requests_were_like_is_told_step_by_step() -> None:
    desk = Station(servers=10, service_time=0.5, queue=5)
    load = found(trial(10.0), {Step.SIGN_IN: desk}).steps[Step.SIGN_IN]
    assert load.asked == load.attempts == pytest.approx(10.0, abs=0.1)
    assert load.good == pytest.approx(10.0, abs=0.1)
    assert load.response_time == pytest.approx(0.5)
    assert load.in_flight == pytest.approx(5.0, abs=0.6)
    assert load.failed == 0.0
    assert load.growth == pytest.approx(0.0)
    assert load.outcomes == {Outcome.OK: 150}


def test_what_is_in_flight_agrees_with_throughput_and_response_time() -> None:
    desk = Station(servers=100, service_time=1.5, queue=5)
    level = found(trial(20.3), {Step.SIGN_IN: desk})
    assert level.little == pytest.approx(1.0, abs=0.05)


def test_a_tester_whose_response_times_are_wrong_measured_nothing() -> None:
    of = trial(20.3)
    made = windows(of, {Step.SIGN_IN: Station(servers=100, service_time=1.5, queue=5)})
    for window in made:
        for tally in window.ended.values():
            tally.times.total *= 0.5
    with pytest.raises(InvalidTrial, match="the tester measured wrongly") as wrong:
        judged(of, made)
    assert wrong.value.status is ExitStatus.INVALID_RUN


def test_a_load_that_did_not_come_was_not_measured() -> None:
    made = windows(trial(15.0), {Step.SIGN_IN: AMPLE})
    with pytest.raises(InvalidTrial, match=r"15 viewers a second came instead of 20"):
        judged(trial(20.0), made)


def test_two_looks_at_the_same_seconds_find_the_same() -> None:
    of = trial(20.3)
    made = windows(of, {Step.SIGN_IN: station(20.0, places=5)})
    level = judged(of, made)
    once = Hold(of).look(made[: int(level.stop)])
    assert once == level


def test_a_surge_finds_a_place_in_line_for_what_comes_beyond_capacity() -> None:
    desk = {Step.SIGN_IN: station(20.0, places=40)}  # 20 s long: two a second more
    assert found(trial(21.5, Joins.SURGE), desk).found is Found.HELD
    level = found(trial(23.0, Joins.SURGE), desk)
    assert (level.found, level.first) == (Found.BROKE, Step.SIGN_IN)
    assert level.carried == pytest.approx(22.0, rel=0.03)


def test_a_surge_that_is_not_recovered_from_has_broken_the_target() -> None:
    of = replace(trial(28.0, Joins.SURGE), most=5.0, stay=1.0, settle=4.0)
    level = found(of, {Step.SIGN_IN: station(10.0, places=10_000)})
    assert level.found is Found.BROKE


def overloaded(stations: Stations) -> Level:
    return found(replace(trial(26.0), aim=Aim.OVERLOAD), stations)


def test_a_target_without_memory_recovers_right_below_its_capacity() -> None:
    level = overloaded({Step.SIGN_IN: station(20.0, places=10)})
    assert (level.found, level.first) == (Found.BROKE, Step.SIGN_IN)
    assert level.recovered_at == pytest.approx(0.7 * 26.0)
    assert level.rose_after is None


def test_an_overload_that_is_none_is_held() -> None:
    level = overloaded({Step.SIGN_IN: AMPLE})
    assert (level.found, level.recovered_at) == (Found.HELD, 26.0)


def test_a_storm_that_stays_recovers_at_no_load() -> None:
    of = replace(trial(26.0), aim=Aim.OVERLOAD)
    level = judged(of, windows(of, {Step.SIGN_IN: station(20.0)}, background=0.3))
    assert (level.found, level.recovered_at, level.stop) == (Found.BROKE, None, 75.0)


def test_capacity_that_steps_up_in_an_overload_is_told_before_and_after() -> None:
    of = replace(trial(40.0), aim=Aim.OVERLOAD)
    small = windows(of, {Step.SIGN_IN: station(20.0, places=10)})
    large = windows(of, {Step.SIGN_IN: station(32.0, places=10)})
    level = judged(of, [*small[:50], *large[50:]])
    assert level.rose_after == pytest.approx(50, abs=1)
    assert level.rose_from == pytest.approx(20.0, rel=0.02)
    assert level.rose_to == pytest.approx(32.0, rel=0.02)
