from collections.abc import Callable

import pytest

from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.failing import Onset
from loadtests.diagnosis.onset import Before, before
from loadtests.vocabulary import Outcome, Step

Level = Callable[[int], float]


def steady(level: float) -> Level:
    return lambda _: level


def since(second: int, usual: float, then: float) -> Level:
    return lambda at: usual if at < second else then


def run(took: Level, *, length: int = 60) -> list[Window]:
    windows = []
    for second in range(length):
        times = Distribution()
        times.add(took(second), 20)
        ended = {(Step.HOME, Outcome.OK, False): Tally(20, 0, times)}
        windows.append(Window(second, ended=ended))
    return windows


def planned(arrivals: Level) -> list[float]:
    return [arrivals(second) for second in range(60)]


def found(arrivals: Level, took: Level, *, at: float = 50.0) -> Before:
    return before(run(took), Onset(step=Step.HOME, at=at), planned(arrivals))


def test_errors_at_a_load_that_had_been_served_came_first() -> None:
    said = found(steady(10), steady(0.1))
    assert (said.demand, said.response_time) == (1.0, 1.0)
    assert (said.demand_rose, said.response_time_rose, said.errors_first) == (False, False, True)


def test_more_arrivals_before_the_first_error_are_a_rise_of_demand() -> None:
    said = found(since(45, 10, 30), steady(0.1))
    assert said.demand == 3.0
    assert (said.demand_rose, said.errors_first) == (True, False)


def test_an_evening_that_fills_slowly_is_no_rise() -> None:
    said = found(lambda at: 10 + at / 20, steady(0.1))
    assert said.demand == pytest.approx(1.1, rel=0.05)
    assert said.demand_rose is False


def test_the_first_who_come_at_all_are_a_rise() -> None:
    assert found(since(45, 0, 5), steady(0.1)).demand_rose is True
    assert found(steady(0), steady(0.1)).demand_rose is None


def test_slower_answers_before_the_first_error_are_a_queue() -> None:
    said = found(steady(10), since(46, 0.1, 0.4))
    assert said.response_time == pytest.approx(4.0, rel=0.03)
    assert (said.response_time_rose, said.errors_first) == (True, False)


def test_what_was_as_slow_before_and_did_not_fail_is_no_sign() -> None:
    said = found(steady(10), lambda at: 0.4 if at in {20, 46} else 0.1)
    assert said.response_time_rose is False


def test_what_happens_after_the_first_error_says_nothing_of_why() -> None:
    assert found(since(50, 10, 90), since(50, 0.1, 9.0)).errors_first is True


def test_answers_of_a_few_milliseconds_do_not_rise_by_noise() -> None:
    assert found(steady(10), since(46, 0.001, 0.004)).response_time_rose is False


@pytest.mark.parametrize("at", [0.0, 1.0, 2.9])
def test_a_failure_from_the_start_has_no_before(at: float) -> None:
    said = found(steady(10), steady(0.1), at=at)
    assert said == Before(
        demand=None, response_time=None, demand_rose=None, response_time_rose=None
    )
    assert said.errors_first is None


@pytest.mark.parametrize("at", [3.0, 12.0, 25.0])
def test_a_failure_soon_after_the_start_is_held_against_what_there_is(at: float) -> None:
    assert found(steady(10), steady(0.1), at=at).errors_first is True
    assert found(since(int(at) - 1, 10, 90), steady(0.1), at=at).errors_first is False


def test_where_the_step_was_not_asked_before_only_a_rise_of_demand_is_known() -> None:
    onset = Onset(step=Step.SESSION, at=50.0)
    calm = before(run(steady(0.1)), onset, planned(steady(10)))
    rush = before(run(steady(0.1)), onset, planned(since(45, 10, 30)))
    assert (calm.response_time_rose, calm.errors_first) == (None, None)
    assert rush.errors_first is False
