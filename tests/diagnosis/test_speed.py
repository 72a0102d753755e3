from dataclasses import replace
from math import inf
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.diagnosis.persistence import expected
from loadtests.diagnosis.speed import faithful_up_to_speed
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.library import find, names
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Sizing, Span
from loadtests.scenario.read import read_scenario
from loadtests.stack.faults.dependency import Dependency
from loadtests.stack.faults.model import Fault
from loadtests.stack.model import Stack, Station, WaitingRoom
from loadtests.vocabulary import End, Player, Step

SURE = Estimate(value=1.0, low=1.0, high=1.0)
FOREVER = Patience(leaving_per_second=0.0)


def television(*, times: int = 2, after: float = 5.0, player: Player = Player.HLS_JS) -> Device:
    human = HumanRetry(times=times, after=after)
    return Device(share=1.0, player=player, signs_in=0.5, patience=FOREVER, human_retry=human)


def evening(
    capacity: float | None,
    *,
    step: Step = Step.ENTITLEMENT,
    device: Device | None = None,
    stop: float = 300.0,
) -> Scenario:
    """100,000 viewers at 500/s before kick-off and 20,000 at 66.7/s after it, played at 1/100.

    `capacity` is that of `step`, in viewers of the real event and event seconds; None: no stack.
    """
    station = capacity and Station(servers=1, service_time=100 / capacity, queue=0)
    return Scenario(
        name="evening",
        title="one overload",
        event=Event(name="Match", kick_off="2022-09-06 21:00"),
        audience=Audience(published=120_000, people_per_account=SURE, share_on_app=SURE),
        scale=1 / 100,
        speed=1.0,
        window=Span(start=-300.0, stop=stop),
        arrivals=(
            Surge(shape=Shape.STEADY, start=-200, stop=0, share=5 / 6),
            Surge(shape=Shape.STEADY, start=0, stop=300, share=1 / 6),
        ),
        devices=MappingProxyType({"television": device or television()}),
        stack=Stack(stations=MappingProxyType({step: station})) if station else None,
        stack_sized_for=Sizing(scale=1 / 100, speed=1.0),
    )


def test_a_stack_that_carries_everybody_is_faithful_until_the_run_is_too_short() -> None:
    assert faithful_up_to_speed(evening(600.0)) == 600 / 30


def test_the_limit_is_the_speed_at_which_those_still_trying_show_in_the_interval() -> None:
    # 200/s are served: those trying for 10 s are 2,000 for each speed above 1. 60,000 less 2,000
    # of 120,000 see black: the interval of 580 among 1,200 is 5.65 points, a third of it 2,258:
    # so 1 + 2,258 / 2,000, rounded down
    assert faithful_up_to_speed(evening(200.0)) == 2.1


def test_retries_of_people_lower_the_limit() -> None:
    limits = [
        faithful_up_to_speed(evening(200.0, device=television(times=times))) for times in (1, 2, 4)
    ]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] > limits[1] > limits[2] > 1.0


def test_a_device_that_retries_by_itself_tries_until_the_start_limit() -> None:
    box = faithful_up_to_speed(evening(200.0, device=television(player=Player.SET_TOP_BOX)))
    patient = faithful_up_to_speed(evening(200.0, device=television(times=1, after=30.0)))
    assert box == pytest.approx(patient, rel=0.01)


def test_impatience_raises_the_limit() -> None:
    impatient = replace(television(), patience=Patience(none_before=0, leaving_per_second=0.2))
    limit = faithful_up_to_speed(evening(200.0, device=impatient))
    assert limit > faithful_up_to_speed(evening(200.0))


def test_an_overload_beyond_the_window_lacks_only_those_still_trying_at_its_end() -> None:
    ends = faithful_up_to_speed(evening(60.0, stop=330.0))
    lasts = faithful_up_to_speed(evening(60.0, stop=270.0))
    assert lasts > ends


def test_a_window_that_ends_with_the_rush_leaves_many_undecided() -> None:
    assert faithful_up_to_speed(evening(200.0, stop=0.0)) < 3.0


def test_only_those_who_sign_in_ask_the_desk_for_it() -> None:
    assert faithful_up_to_speed(evening(260.0, step=Step.SIGN_IN)) == 20.0
    assert faithful_up_to_speed(evening(200.0, step=Step.SIGN_IN)) < 10.0


def test_a_waiting_room_is_a_desk_for_everybody() -> None:
    scenario = evening(600.0)
    assert scenario.stack is not None
    room = WaitingRoom(admit=2.0)  # 200 viewers of the real event
    limit = faithful_up_to_speed(
        replace(scenario, stack=replace(scenario.stack, waiting_room=room))
    )
    assert 1.0 < limit < 3.0


def test_a_late_start_that_counts_as_a_picture_keeps_people_trying_for_longer() -> None:
    scenario = evening(200.0, device=television(times=8, after=10.0))
    lenient = replace(scenario, black_screens=(End.LEFT_WAITING, End.NEVER_STARTED))
    assert faithful_up_to_speed(lenient) < faithful_up_to_speed(scenario)


def test_a_target_of_unknown_capacity_gets_the_most_cautious_limit() -> None:
    unknown = faithful_up_to_speed(evening(None))
    assert all(
        unknown <= faithful_up_to_speed(evening(capacity)) for capacity in (50, 100, 250, 400, 600)
    )


@pytest.mark.parametrize("speed", [2.0, 10.0])
def test_the_limit_does_not_depend_on_the_speed_played(speed: float) -> None:
    assert faithful_up_to_speed(replace(evening(200.0), speed=speed)) == pytest.approx(
        faithful_up_to_speed(evening(200.0)), rel=0.05
    )


@given(
    st.floats(0, 10), st.floats(0.001, 0.5), st.floats(0, 1), st.floats(0, 60), st.integers(1, 20)
)
def test_the_mean_time_of_trying_is_the_area_under_those_still_there(
    none_before: float, leaving: float, at_most: float, trying: float, parts: int
) -> None:
    patience = Patience(none_before=none_before, leaving_per_second=leaving, at_most=at_most)
    steps = 2000 * parts
    width = trying / steps
    still = (
        1 - min(at_most, leaving * max(0.0, (k + 0.5) * width - none_before)) for k in range(steps)
    )
    assert expected(patience, trying) == pytest.approx(sum(still) * width, abs=0.05, rel=0.01)


@pytest.mark.parametrize("name", names())
def test_every_shipped_scenario_but_those_of_an_outage_is_played_at_a_faithful_speed(
    name: str,
) -> None:
    scenario = read_scenario(find(name))
    is_an_outage = scenario.stack is not None and bool(scenario.stack.faults)
    assert faithful_up_to_speed(scenario) < inf
    assert is_an_outage == (scenario.speed > faithful_up_to_speed(scenario))


def test_a_fault_that_ends_within_the_window_lowers_the_limit() -> None:
    calm = evening(600.0)
    sound = calm.stack
    assert sound is not None
    down = Dependency(start=-60.0, stop=60.0, steps=(Step.ENTITLEMENT,))
    beside = replace(down, steps=(Step.WEBSITE,))
    beyond = replace(down, stop=calm.window.stop)

    def limit(plan: Dependency) -> float:
        stack = replace(sound, faults=(Fault(dependency=plan),))
        return faithful_up_to_speed(replace(calm, stack=stack))

    assert limit(down) < 5.0
    assert limit(beside) == limit(beyond) == faithful_up_to_speed(calm)


@pytest.mark.parametrize("variant", ["a", "b"])
def test_both_causes_of_the_match_are_played_at_a_faithful_speed(variant: str) -> None:
    scenario = read_scenario(find("psg-juventus"), variant=variant)
    assert scenario.speed <= faithful_up_to_speed(scenario)
