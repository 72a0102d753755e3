from collections.abc import Mapping
from dataclasses import replace

import pytest

from loadtests.audience.crowd import planned, size
from loadtests.collect.qoe import arrived, ended, startup_times, still_starting
from loadtests.collect.requests import ended as requests_ended
from loadtests.collect.requests import outcomes, sent
from loadtests.collect.timeline import Timeline
from loadtests.errors import MatchnightError
from loadtests.paper.simulate import simulate
from loadtests.scenario.model import Scenario, Span, Viewing
from loadtests.stack.model import Stack, Station
from loadtests.vocabulary import End, Outcome, Step


def with_stations(match: Scenario, stations: Mapping[Step, Station]) -> Scenario:
    return replace(match, stack=Stack(stations=stations))


@pytest.fixture
def short(match: Scenario) -> Scenario:
    return replace(match, window=Span(start=-60.0, stop=40.0))


@pytest.fixture
def carried(short: Scenario) -> Timeline:
    """A minute's rush on a stack that answers at once."""
    return simulate(with_stations(short, {}))


def test_everybody_planned_arrives_in_the_second_planned(short: Scenario) -> None:
    timeline = simulate(short)
    assert len(timeline) == 20
    assert arrived(timeline.total) == size(short)
    expected = planned(short)
    half = sum(arrived(window) for window in timeline.windows[:10])
    assert half == pytest.approx(sum(expected[:10]), abs=4 * sum(expected[:10]) ** 0.5)


def test_every_viewer_ends_once_or_is_still_starting(match: Scenario) -> None:
    total = simulate(match).total
    ends = sum(ended(total, end) for end in End)
    assert arrived(total) == ends + still_starting(total)
    assert still_starting(total) > 0
    assert ended(total, End.NEVER_STARTED) > 100


def test_every_request_sent_ends_or_is_in_flight(match: Scenario) -> None:
    timeline = simulate(match)
    done = 0
    for window in timeline.windows:
        done += requests_ended(window)
        under_way = sum(sent(w) for w in timeline.windows[: window.second + 1]) - done
        assert under_way == window.in_flight


def test_on_a_stack_that_answers_at_once_everybody_starts_at_once(carried: Timeline) -> None:
    total = carried.total
    assert ended(total, End.IN_TIME) + still_starting(total) == arrived(total)
    assert still_starting(total) <= 1
    assert startup_times(total).max < 0.1
    assert set(outcomes(total)) == {Outcome.OK}


def test_viewers_who_started_watch_until_the_run_ends(match: Scenario) -> None:
    calm = replace(with_stations(match, {}), window=Span(start=-240.0, stop=-180.0))
    total = simulate(calm).total
    mean_stay = total.watched / ended(total, End.IN_TIME)
    assert total.stalled == 0
    assert mean_stay == pytest.approx(6.0, abs=0.9)  # 12 s of run, arrivals evenly spread over it


def test_an_overloaded_step_completes_its_capacity(match: Scenario) -> None:
    timeline = simulate(match)
    rush = timeline.between(20, 60)
    served = rush.ended[Step.ENTITLEMENT, Outcome.OK, False].count
    assert served == pytest.approx(4.0 * 40, abs=6)  # the last six may stand at a server


def test_the_same_scenario_is_played_the_same_way(short: Scenario) -> None:
    first, second = (simulate(short).windows for _ in range(2))
    assert [w.to_json() for w in first] == [w.to_json() for w in second]


def test_another_seed_is_another_evening(short: Scenario) -> None:
    other = simulate(replace(short, seed=2))
    assert [w.to_json() for w in other] != [w.to_json() for w in simulate(short)]


def test_the_network_delays_each_request_on_the_way_to_the_first_frame(short: Scenario) -> None:
    quick, slow = with_stations(short, {}), Viewing(heartbeat=5.0)
    near = startup_times(simulate(replace(quick, viewing=slow)).total)
    far = startup_times(simulate(replace(quick, viewing=slow), delay=0.05).total)
    # home, token, entitlement, session, license, master, playlist, init and segment, one by one
    assert 8 * 0.1 <= far.quantile(0.5) - near.quantile(0.5) <= 9.2 * 0.1


def test_a_run_that_ends_within_a_second_reports_that_second(match: Scenario) -> None:
    assert len(simulate(replace(match, window=Span(start=-60.0, stop=-48.0)))) == 3


def test_without_a_stack_there_is_nothing_to_simulate(match: Scenario) -> None:
    with pytest.raises(MatchnightError, match="match: without a `stack`"):
        simulate(replace(match, stack=None))
