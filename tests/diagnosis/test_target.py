"""The model of a target has the knee its signature was made from: simulated, against arithmetic."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect import requests
from loadtests.collect.timeline import Timeline
from loadtests.diagnosis.signature import Demand, Figure, Signature
from loadtests.diagnosis.target import granted, modeled, stack_of
from loadtests.paper.simulate import simulate
from loadtests.scenario.habits import Patience
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.resets import Resets
from loadtests.stack.model import Stack, Station, WaitingRoom
from loadtests.stack.station import Desk
from loadtests.vocabulary import Outcome, Step

SMOKE = read_scenario(find("smoke"))
DEVICES = {  # everybody signs in, and waits as long as it takes
    name: replace(device, signs_in=1.0, patience=Patience(leaving_per_second=0.0))
    for name, device in SMOKE.devices.items()
}
BUSY = (20, 40)  # seconds of the run: more than two viewers come in each of them


def knee(value: float, *, give: float = 0.02, at_least: bool = False) -> Figure:
    high = None if at_least else value * (1 + give)
    low = value if at_least else value * (1 - give)
    return Figure(value=value, low=low, high=high, unit="requests/s", at_least=at_least)


def costs(response_time: float, **more: Any) -> Demand:  # noqa: ANN401 - any field
    return Demand(per_join=1.0, response_time=response_time, cost=1.0, bytes=100.0, **more)


def signature(
    knees: Mapping[Step, Figure],
    demand: Mapping[Step, Demand],
    **more: Any,  # noqa: ANN401 - any field
) -> Signature:
    fields: dict[str, Any] = {
        "version": 1, "scenario": "smoke", "variant": None, "target": "https://stage.example.org",
        "created": "2026-11-23T02:00:00+00:00", "matchnight": "0", "build": "", "topology": "",
        "replicas": {}, "joins": {}, "mix": {}, "steady": True, "drift": None,
        "target_duration": None, "bit_rate": None, "scale": SMOKE.scale, "speed": SMOKE.speed,
    }  # fmt: skip
    return Signature(knee=knees, demand=demand, **{**fields, **more})


def of_sign_in(value: float, response_time: float, **more: Any) -> Signature:  # noqa: ANN401 - any field
    return signature({Step.SIGN_IN: knee(value)}, {Step.SIGN_IN: costs(response_time, **more)})


def played(made: Signature, scenario: Scenario = SMOKE) -> Timeline:
    return simulate(modeled(replace(scenario, devices=DEVICES), made))


@given(
    value=st.floats(0.01, 1e5),
    response_time=st.floats(0.0, 60.0),
    give=st.floats(0.0, 0.2),
    scale=st.sampled_from([1 / 400, 1 / 10, 1.0]),
    speed=st.floats(1.0, 60.0),
)
def test_a_station_has_the_knee_as_its_capacity_at_every_scale_and_speed(
    value: float, response_time: float, give: float, scale: float, speed: float
) -> None:
    steps = (Step.SIGN_IN, Step.PLAYLIST)
    made = signature(
        dict.fromkeys(steps, knee(value, give=give)),
        dict.fromkeys(steps, costs(response_time, refuses=True)),
    )
    of_event = replace(SMOKE, scale=scale, speed=speed)
    stations = stack_of(made, of_event).stations
    larger = scale / SMOKE.scale
    assert stations[Step.PLAYLIST].capacity == pytest.approx(value * larger)
    assert stations[Step.SIGN_IN].capacity == pytest.approx(value * larger * speed / SMOKE.speed)
    assert all(of.service_time <= response_time and of.rest >= 0 for of in stations.values())


@given(value=st.floats(0.5, 50.0), response_time=st.floats(0.01, 3.0))
def test_a_desk_made_of_it_serves_the_knee_and_nobody_slower_than_at_low_load(
    value: float, response_time: float
) -> None:
    made = of_sign_in(value, response_time, refuses=True, waits_up_to=10.0)
    station = stack_of(made, SMOKE).stations[Step.SIGN_IN]
    desk, length = Desk(station), 500 / value
    done = [desk.offer(1.0 + n / (2 * value)) for n in range(1000)]
    served = sum(at is not None and at <= 1.0 + length for at in done)
    assert served == pytest.approx(500, abs=station.servers + 1)
    alone = Desk(station).offer(1.0)
    assert alone is not None
    assert 0.93 * response_time <= alone - 1.0 <= response_time + 1e-9


@pytest.mark.parametrize(
    ("value", "response_time"), [(2.0, 0.5), (2.02, 0.5), (1.3, 1.7), (1.7, 0.0)]
)
def test_an_overloaded_step_completes_its_knee_in_a_simulation(
    value: float, response_time: float
) -> None:
    timeline = played(of_sign_in(value, response_time, refuses=True, waits_up_to=2.0))
    served = requests.outcomes(timeline.between(*BUSY), Step.SIGN_IN)[Outcome.OK]
    assert served == pytest.approx(value * (BUSY[1] - BUSY[0]), abs=2)


def test_where_it_refuses_nobody_waits_longer_than_was_met() -> None:
    timeline = played(of_sign_in(2.0, 0.5, refuses=True, waits_up_to=1.5))
    slowest = requests.response_times(timeline.total, Step.SIGN_IN).max
    assert slowest == pytest.approx(0.5 + 1.5, abs=0.1)
    assert requests.outcomes(timeline.total, Step.SIGN_IN)[Outcome.OVERLOAD] > 100


def test_where_it_does_not_refuse_all_wait_as_long_as_their_devices_do() -> None:
    total = played(of_sign_in(2.0, 0.5, waits_up_to=1.5)).total
    outcomes = requests.outcomes(total, Step.SIGN_IN)
    assert outcomes[Outcome.OVERLOAD] == 0
    assert outcomes[Outcome.FIRST_BYTE_TIMEOUT] + outcomes[Outcome.TIMEOUT] > 100
    assert requests.response_times(total, Step.SIGN_IN).max > 9


@pytest.fixture
def unbroken() -> Signature:
    steps = (Step.SIGN_IN, Step.HEARTBEAT)
    knees = {Step.SIGN_IN: knee(2.0, at_least=True), Step.HEARTBEAT: knee(1e3, at_least=True)}
    return signature(knees, dict.fromkeys(steps, costs(0.5)))


def test_a_step_that_never_broke_only_takes_its_time(unbroken: Signature) -> None:
    total = played(unbroken).total
    times = requests.response_times(total, Step.SIGN_IN)
    assert (times.min, times.max) == pytest.approx((0.5, 0.5))
    assert set(requests.outcomes(total, Step.SIGN_IN)) == {Outcome.OK}


def test_what_nobody_has_shown_is_said_to_be_granted(unbroken: Signature) -> None:
    timeline = played(unbroken)
    model, beyond = granted(unbroken, SMOKE, timeline)
    assert model == (
        "The model of https://stage.example.org is made from its signature of "
        "2026-11-23T02:00:00+00:00: no limit has been found of sign_in, heartbeat. It knows of no "
        "autoscaling, and of no step that slows another."
    )
    most = max(requests.sent(timeline.between(at, at + 8), Step.SIGN_IN) for at in range(0, 45, 8))
    assert beyond == (
        "More was asked than anybody has shown to be carried, and is taken to be carried: of "
        f"sign_in up to {most / 8:.3g}/s, where 2/s have been demonstrated."
    )


def test_a_limit_is_told_as_it_is_for_what_is_played() -> None:
    made = of_sign_in(2.0, 0.5)
    (model,) = granted(made, replace(SMOKE, scale=SMOKE.scale * 3), Timeline())
    assert "breaks are sign_in at 6/s. It knows" in model


def test_what_the_scenario_says_of_faults_rules_and_policies_stays_and_its_capacities_go() -> None:
    room, fault = (
        WaitingRoom(admit=5.0),
        Fault(resets=Resets(start=0.0, stop=9.0, steps=(Step.HOME,))),
    )
    stack = Stack(
        stations={Step.HOME: Station(servers=1, service_time=9.0, queue=0)},
        waiting_room=room,
        refused_accounts=0.1,
        faults=(fault,),
        token_life=99.0,
        concurrency_limit=1,
        origin=Station(servers=1, service_time=9.0, queue=0),
    )
    made = stack_of(of_sign_in(2.0, 0.5), replace(SMOKE, stack=stack, stack_sized_for=None))
    assert set(made.stations) == {Step.SIGN_IN}
    assert (made.waiting_room, made.faults, made.token_life) == (room, (fault,), 99.0)
    assert made.refused_accounts == 0.1
    assert (made.origin, made.concurrency_limit) == (Stack(stations={}).origin, None)


def test_a_scenario_without_a_stack_gets_one_on_its_own_calendar() -> None:
    made = modeled(replace(SMOKE, stack=None, stack_sized_for=None), of_sign_in(2.0, 0.5))
    stack = made.embedded_stack
    assert stack is not None
    assert stack.stations[Step.SIGN_IN].capacity == pytest.approx(2.0)
    assert stack.calendar == SMOKE.embedded_stack.calendar  # type: ignore[union-attr] # it has one


def test_the_stream_is_as_it_was_seen_where_it_was() -> None:
    seen = signature({}, {}, target_duration=6.0, bit_rate=12_345.0)
    made = stack_of(seen, SMOKE).stream
    assert (made.target_duration, made.bit_rates) == (6.0, (12_345.0,))
    own = SMOKE.embedded_stack
    assert own is not None
    assert stack_of(signature({}, {}), SMOKE).stream == own.stream
