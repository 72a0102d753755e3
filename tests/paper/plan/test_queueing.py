import json
import os
from dataclasses import asdict, replace
from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from overloads import Pair, drawn, pair

from loadtests.paper.plan.queueing import Course, Desk, lasting, meet
from loadtests.paper.plan.ways import ROOM, Manner, Way
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.stack.model import Stack, Station
from loadtests.vocabulary import End, Step

FOREVER = Patience(leaving_per_second=0.0)


def way(
    *,
    times: int = 0,
    after: float = 5.0,
    patience: Patience = FOREVER,
    places: tuple[str, ...] = (Step.SIGN_IN,),
    timeout: float = inf,
    retries: tuple[float, ...] = (),
) -> Way:
    manner = Manner(timeout, retries, (), is_endless=False)
    human = HumanRetry(times=times, after=after, spread=0.0)
    leads = (0.0,) * (len(places) + 1)
    return Way(places, leads, (manner,) * len(places), patience, human)


def at_desk(desk: Desk, came: list[float], one: Way | None = None) -> Course:
    one = one or way()
    return meet({one: came}, {one.places[0]: desk}, start_limit=30.0)


def test_a_desk_that_carries_everybody_turns_nobody_away() -> None:
    course = at_desk(Desk(capacity=10.0), [10.0] * 20)
    assert course.ends == {End.IN_TIME: 200.0}


def test_whoever_does_not_come_back_is_lost_as_far_as_capacity_falls_short() -> None:
    course = at_desk(Desk(capacity=6.0), [10.0] * 50)
    assert course.ends == pytest.approx({End.IN_TIME: 300.0, End.NEVER_STARTED: 200.0})


def test_a_line_keeps_as_many_as_it_has_room_for() -> None:
    # ten seconds of four too many fill a line of 40 and turn away nobody
    course = at_desk(Desk(capacity=6.0, waits_up_to=40 / 6), [10.0] * 10 + [0.0] * 20)
    assert course.ends[End.IN_TIME] == pytest.approx(100.0)
    assert course.ends[End.NEVER_STARTED] == 0.0


def test_those_who_come_back_when_it_is_calm_are_served() -> None:
    burst = [30.0, *[0.0] * 20]
    assert at_desk(Desk(capacity=10.0), burst).ends[End.NEVER_STARTED] == pytest.approx(20.0)
    again = at_desk(Desk(capacity=10.0), burst, way(times=1))
    assert again.ends[End.NEVER_STARTED] == pytest.approx(10.0)
    twice = at_desk(Desk(capacity=10.0), burst, way(times=2))
    assert twice.ends == pytest.approx({End.IN_TIME: 30.0})


def test_a_device_asks_again_where_it_is_and_its_owner_from_the_start() -> None:
    desks: dict[str, Desk] = {Step.HOME: Desk(capacity=1e9), Step.SIGN_IN: Desk(capacity=10.0)}
    burst = [30.0, *[0.0] * 20]
    places = (Step.HOME, Step.SIGN_IN)
    by_device = meet({way(places=places, retries=(5.0,)): burst}, desks, start_limit=30.0)
    by_owner = meet({way(places=places, times=1): burst}, desks, start_limit=30.0)
    assert sum(by_device.asked[Step.HOME]) == pytest.approx(30.0)
    assert sum(by_owner.asked[Step.HOME]) == pytest.approx(50.0)
    assert sum(by_device.asked[Step.SIGN_IN]) == sum(by_owner.asked[Step.SIGN_IN])
    assert max(by_owner.starts) == 30.0
    assert by_owner.starts[5] == pytest.approx(20.0)


def test_steps_behind_a_broken_one_get_less() -> None:
    places = (Step.SIGN_IN, Step.ENTITLEMENT)
    desks: dict[str, Desk] = {
        Step.SIGN_IN: Desk(capacity=6.0),
        Step.ENTITLEMENT: Desk(capacity=7.0),
    }
    course = meet({way(places=places): [10.0] * 50}, desks, start_limit=30.0)
    assert max(course.asked[Step.ENTITLEMENT]) == pytest.approx(6.0)


def test_a_later_first_frame_than_the_limit_is_late() -> None:
    # after n seconds of twice the capacity, n seconds' worth of it are in line
    desk = Desk(capacity=10.0, waits_up_to=inf)
    course = at_desk(desk, [20.0] * 60 + [0.0] * 100)
    assert course.ends[End.IN_TIME] == pytest.approx(20.0 * 30)
    assert course.ends[End.STARTED_LATE] == pytest.approx(20.0 * 30)


def test_a_desk_does_the_work_of_those_who_have_given_up() -> None:
    desk = Desk(capacity=10.0, waits_up_to=inf)
    course = at_desk(desk, [20.0] * 60 + [10.0] * 60 + [0.0] * 100, way(timeout=10.0))
    # once the line is longer than anybody waits, all the desk does is in vain: also when no more
    # come than it could serve
    assert course.ends[End.IN_TIME] == pytest.approx(20.0 * 10)
    assert course.ends[End.NEVER_STARTED] == pytest.approx(20.0 * 50 + 10.0 * 60)


def test_capacity_that_grows_serves_the_rest() -> None:
    slow = at_desk(Desk(capacity=5.0), [10.0] * 60)
    grown = at_desk(Desk(capacity=5.0, later=10.0, grows_after=20.0), [10.0] * 60)
    assert slow.ends[End.NEVER_STARTED] == pytest.approx(300.0)
    assert grown.ends[End.NEVER_STARTED] == pytest.approx(100.0)


def test_impatience_takes_those_who_wait() -> None:
    patience = Patience(none_before=2.0, leaving_per_second=0.1, at_most=0.5)
    room = Desk(capacity=1.0, comes_back_after=4.0)
    course = at_desk(room, [100.0, *[0.0] * 3], way(places=(ROOM,), patience=patience))
    # one is let in; of the 99 others a fifth is gone when it is their turn again
    assert course.ends == pytest.approx({End.IN_TIME: 1.0, End.LEFT_WAITING: 99 * 0.2})


def test_those_who_only_add_to_the_load_take_their_part() -> None:
    one = way()
    course = meet(
        {one: [10.0] * 50},
        {Step.SIGN_IN: Desk(capacity=10.0)},
        start_limit=30.0,
        others={Step.SIGN_IN: [10.0] * 50},
    )
    assert course.ends[End.NEVER_STARTED] == pytest.approx(250.0)


@settings(deadline=None)
@given(age=st.floats(0, 100), more=st.floats(0, 100))
def test_patience_only_runs_out(age: float, more: float) -> None:
    patience = Patience(none_before=5.0, leaving_per_second=0.02, at_most=0.4)
    assert 0.6 - 1e-12 <= lasting(patience, age + more) <= lasting(patience, age) <= 1.0


@settings(deadline=None)
@given(
    came=st.lists(st.floats(0, 1000), min_size=1, max_size=40),
    capacity=st.floats(1, 500),
    waits=st.floats(0, 5),
    times=st.integers(0, 3),
)
def test_everybody_ends_once_and_no_desk_serves_more_than_it_can(
    came: list[float], capacity: float, waits: float, times: int
) -> None:
    calm = [0.0] * 60
    desk = Desk(capacity=capacity, waits_up_to=waits)
    course = at_desk(desk, came + calm, way(times=times, after=3.0))
    assert course.decided == pytest.approx(sum(came), abs=1e-2)
    served = course.ends[End.IN_TIME] + course.ends[End.STARTED_LATE]
    assert served <= capacity * (len(came) + 3.0 * times + waits + 1) + 1e-2


@pytest.mark.parametrize("variant", ["a", "b"])
def test_the_match_reckons_to_what_its_simulation_shows(variant: str) -> None:
    scenario = read_scenario(find("psg-juventus"), variant=variant, scale=1 / 100)
    found = pair(scenario)
    assert found.agrees, found
    assert found.simulated > 0.2


def test_a_desk_that_refuses_nobody_is_as_bad_as_its_simulation(match: Scenario) -> None:
    endless = Station(servers=6, service_time=1.5, queue=1_000_000)  # 4/s
    stack = Stack(stations={Step.ENTITLEMENT: endless})
    found = pair(replace(match, stack=stack))
    assert found.agrees, found
    assert found.simulated > 0.3


@pytest.mark.parametrize("seed", [1, 8, 15])
def test_drawn_overloads_reckon_to_what_their_simulations_show(seed: int) -> None:
    found = pair(drawn(seed, scale=1 / 100))
    assert found.agrees, found


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_sixty_drawn_overloads_reckon_to_what_their_simulations_show() -> None:
    pairs = [pair(drawn(seed, scale=1 / 40)) for seed in range(60)]
    record(pairs)
    assert sum(found.simulated > 0.02 for found in pairs) > 30
    assert sum(found.agrees for found in pairs) >= 54


def record(pairs: list[Pair]) -> None:
    folder = os.environ.get("MATCHNIGHT_EVALUATION")
    if folder:
        apart = sorted(abs(found.apart) for found in pairs)
        table = {
            "runs": len(pairs),
            "agree": sum(found.agrees for found in pairs),
            "median": apart[len(apart) // 2],
            "most": apart[-1],
            "shares": [asdict(found) for found in pairs],
        }
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder, "black-screens-on-paper.json").write_text(json.dumps(table, indent=2) + "\n")
