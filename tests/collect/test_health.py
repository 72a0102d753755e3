from collections import Counter

import pytest

from loadtests.collect.distribution import Distribution
from loadtests.collect.health import Pulse, busiest, testbed_problems, tester_problems
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.vocabulary import Outcome, Step


def lag(*values: float) -> Distribution:
    made = Distribution()
    for value in values:
        made.add(value)
    return made


def steady(second: int, *, workers: int = 1, cpu: float = 0.3) -> Window:
    return Window(
        second, workers=workers, cpu=cpu, arrived=Counter({0: 100}), lag=lag(*[0.001] * 100)
    )


def problems(*changed: Window, workers: int = 1) -> list[str]:
    """Of a healthy run of ten seconds, in which the seconds of `changed` went as they say."""
    instead = {window.second: window for window in changed}
    run = [instead.get(s, steady(s, workers=workers)) for s in range(10)]
    return tester_problems(Timeline(run), workers=workers, seconds=0)


def test_a_healthy_tester_has_nothing_to_confess() -> None:
    assert problems() == []
    assert tester_problems(Timeline(), workers=1, seconds=0) == []


def test_one_request_in_fifty_late_by_more_than_a_tenth_of_a_second_is_confessed() -> None:
    late = Window(4, workers=1, lag=lag(*[0.2] * 20))
    (said,) = problems(late)
    assert said.startswith("the tester was late: lag p99 0.2")


def test_one_second_of_standing_still_is_confessed_however_rare() -> None:
    frozen = steady(4)
    frozen.lag.add(2.03)
    assert problems(frozen) == ["the tester stood still: 2.03 s late in second 4"]


def test_more_than_one_late_arrival_in_a_hundred_is_confessed() -> None:
    at_limit, above = steady(1), steady(1)
    at_limit.late_arrivals, above.late_arrivals = 10, 11
    assert problems(at_limit) == []
    assert problems(above) == ["11 of 1000 viewers arrived late; at most 1 % of them is healthy"]


def test_a_core_full_for_three_seconds_in_a_row_is_confessed_and_for_two_is_not() -> None:
    assert problems(*(steady(s, cpu=0.95) for s in (3, 4, 6, 7))) == []
    (said,) = problems(*(steady(s, cpu=level) for s, level in ((3, 0.95), (4, 0.92), (5, 1.0))))
    assert said.startswith("a worker's core was 92 % busy for 3 s in a row")


def test_a_request_without_a_socket_is_the_testers_fault() -> None:
    dry = steady(2)
    dry.ended[Step.HOME, Outcome.NO_SOCKET, False] = Tally(count=7)
    (said,) = problems(dry)
    assert said.startswith("7 requests found no socket")


def test_windows_missing_from_one_worker_are_confessed() -> None:
    gone = [steady(s, workers=1) for s in (5, 6)]
    (said,) = problems(*gone, workers=2)
    assert said == "2 seconds lack the figures of a worker, the first of them second 5"


def test_figures_that_end_before_the_run_did_are_missing() -> None:
    short = Timeline([steady(s) for s in range(10)])
    assert tester_problems(short, workers=1, seconds=12) == []
    assert tester_problems(short, workers=1, seconds=15) == [
        "3 seconds lack the figures of a worker, the first of them second 10"
    ]


def test_workers_may_stop_a_moment_apart() -> None:
    assert problems(steady(9, workers=1), steady(8, workers=1), workers=2) == []


def test_the_busiest_level_is_the_highest_held_for_three_seconds() -> None:
    levels = (0.1, 0.9, 0.2, 0.5, 0.6, 0.7, 0.1)
    assert busiest(Timeline([steady(s, cpu=cpu) for s, cpu in enumerate(levels)])) == 0.5
    assert busiest(Timeline([steady(0, cpu=0.4)])) == 0.4
    assert busiest(Timeline()) is None


def pulses(*changed: Pulse, skip: range = range(0)) -> list[Pulse]:
    instead = {int(pulse.time): pulse for pulse in changed}
    quiet = [Pulse(time=100.0 + s, lag=0.002, cpu=0.4) for s in range(21) if s not in skip]
    return [instead.get(int(pulse.time), pulse) for pulse in quiet]


def confessed(*changed: Pulse, skip: range = range(0)) -> list[str]:
    return testbed_problems(pulses(*changed, skip=skip), start=100.0, stop=120.0)


def test_a_healthy_testbed_has_nothing_to_confess() -> None:
    assert confessed() == []


def test_a_testbed_that_was_stopped_is_found_by_the_gap_in_its_record() -> None:
    assert confessed(skip=range(8, 10)) == [
        "the testbed stood still: no sign of it for 3.0 s, from second 7"
    ]
    assert confessed(skip=range(8, 9)) == []


@pytest.mark.parametrize(("skip", "since"), [(range(4), 0), (range(15, 21), 14)])
def test_a_record_that_begins_late_or_ends_early_is_a_gap_too(skip: range, since: int) -> None:
    (said,) = confessed(skip=skip)
    assert said.endswith(f"from second {since}")


def test_no_record_at_all_is_no_proof_of_health() -> None:
    assert testbed_problems([], start=0.0, stop=1.0) == ["the testbed left no record of its health"]


def test_a_loop_that_is_late_or_a_core_that_is_full_for_three_seconds_is_confessed() -> None:
    late = [Pulse(time=100.0 + s, lag=0.15, cpu=0.95) for s in (3, 4)]
    assert confessed(*late) == []
    assert confessed(*late, Pulse(time=105.0, lag=0.15, cpu=0.95)) == [
        "the testbed's loop was more than 0.1 s late for 3 s in a row",
        "the testbed's core was more than 90 % busy for 3 s in a row",
    ]


def test_one_long_pause_of_its_loop_is_confessed() -> None:
    assert confessed(Pulse(time=104.0, lag=1.5, cpu=0.1)) == [
        "the testbed stood still: its loop was 1.50 s late"
    ]


def test_what_the_testbed_says_itself_is_said_once_with_how_often() -> None:
    full = [Pulse(time=100.0 + s, lag=0.0, cpu=0.1, problems=("log is late",)) for s in (2, 9)]
    assert confessed(*full) == ["log is late (said in 2 s of the run)"]


def test_what_it_went_through_before_and_after_the_run_does_not_count() -> None:
    outside = [Pulse(time=time, lag=9.0, cpu=1.0) for time in (10.0, 99.0, 121.0, 300.0)]
    assert testbed_problems([*outside, *pulses()], start=100.0, stop=120.0) == []
