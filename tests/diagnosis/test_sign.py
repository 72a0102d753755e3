from dataclasses import replace

import pytest
from made_capacity import KNEE, found, knee, low

from loadtests.audience.trial import Joins
from loadtests.collect.window import Window
from loadtests.diagnosis.explore import Capacity
from loadtests.diagnosis.knee import Moved
from loadtests.diagnosis.sign import Told, sign
from loadtests.diagnosis.signature import Figure, Interference, Signature, write_signature
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Step

TOLD = Told(target="https://stage.example.org", embedded=False, created="2026-11-23T02:00:00+00:00")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario(find("psg-juventus"), variant="a")


@pytest.fixture(scope="module")
def signed(scenario: Scenario) -> Signature:
    return sign(found(), scenario, low=low(), told=TOLD)


def test_the_first_step_to_break_has_the_knee_at_its_own_measured_rate(signed: Signature) -> None:
    figure = signed.knee[Step.SIGN_IN]
    assert (figure.low, figure.value, figure.high) == pytest.approx((16.2, 0.4 * KNEE, 16.8))
    assert (figure.unit, figure.at_least) == ("requests/s", False)


def test_steps_that_did_not_break_carry_at_least_what_they_were_seen_to(signed: Signature) -> None:
    assert signed.knee[Step.PLAYLIST] == Figure(
        value=240.0, low=240.0, high=None, unit="requests/s", at_least=True
    )
    assert [*signed.knee] == [Step.HOME, Step.SIGN_IN, Step.ENTITLEMENT, Step.PLAYLIST]


def test_a_step_that_several_profiles_break_has_the_knee_that_was_sustained(
    scenario: Scenario,
) -> None:
    surge = replace(knee(Joins.SURGE, 40.0, 90.0), value=80.0, low=75.0, high=85.0)
    ramp = replace(knee(Joins.RAMP, 20.0, 50.0, number=3), value=30.0, low=29.0, high=31.0)
    capacity = Capacity(
        knees={Joins.SURGE: surge, Joins.RAMP: ramp},
        levels=(*surge.levels, *ramp.levels),
        lowest=ramp.levels[0],
    )
    signed = sign(capacity, scenario, low=low(), told=TOLD)
    assert signed.knee[Step.SIGN_IN].value == pytest.approx(0.4 * 30.0)


def test_each_profile_tells_its_knee_what_breaks_what_is_next_and_when_it_comes_back(
    signed: Signature,
) -> None:
    step, surge = signed.joins[Joins.STEP], signed.joins[Joins.SURGE]
    assert (step.first, step.next) == (Step.SIGN_IN, Step.ENTITLEMENT)
    assert (step.broke_at, step.recovers_at) == (42.0, 33.0)
    assert step.knee == Figure(value=KNEE, low=40.5, high=42.0, unit="viewers/s")
    assert (surge.first, surge.recovers_at, surge.in_flight) == (None, None, None)
    assert surge.knee == Figure(value=40.0, low=40.0, high=None, unit="viewers/s", at_least=True)


def test_requests_in_flight_are_as_sure_as_the_knee(signed: Signature) -> None:
    figure = signed.joins[Joins.STEP].in_flight
    assert figure is not None
    assert figure.value == pytest.approx(8.25)
    assert figure.low == pytest.approx(8.25 * 40.5 / KNEE)
    assert figure.unit == "requests"


def test_what_a_request_costs_is_measured_at_low_load_beside_the_first_step(
    signed: Signature,
) -> None:
    sign_in, playlist = signed.demand[Step.SIGN_IN], signed.demand[Step.PLAYLIST]
    assert sign_in.cost == 1.0
    assert sign_in.response_time == pytest.approx(0.2)
    assert sign_in.per_join == pytest.approx(0.44)
    assert sign_in.denied_cost == pytest.approx(1.5)
    assert (playlist.cost, playlist.per_join) == pytest.approx((0.05, 3.0))
    assert playlist.bytes == 500.0
    assert (playlist.waits_up_to, playlist.refuses, playlist.denied_cost) == (None, False, None)


def test_a_step_that_saturated_tells_how_long_people_waited_and_that_it_refuses(
    signed: Signature,
) -> None:
    sign_in = signed.demand[Step.SIGN_IN]
    assert sign_in.waits_up_to == pytest.approx(10 * 0.2 - 0.2)
    assert sign_in.refuses is True


def test_the_crowd_is_told_by_its_ratios(signed: Signature) -> None:
    assert signed.mix == {
        "device.phone": 0.75,
        "device.tv": 0.25,
        "sign_in": pytest.approx(0.44),
        "refresh": 0.0,
        "denied": pytest.approx(4 / 44),
        "retries": pytest.approx(16 / 560),
    }
    assert signed.bit_rate == 25_000.0


def test_interference_scaling_and_drift_are_kept(signed: Signature) -> None:
    assert signed.interference == (
        Interference(step=Step.HOME, overloaded=Step.SIGN_IN, slower=2.0),
    )
    assert signed.scaling is not None
    assert signed.scaling.before == Figure(value=41.25, low=40.5, high=42.0, unit="viewers/s")
    assert signed.scaling.after == Figure(value=82.5, low=81.0, high=84.0, unit="viewers/s")
    assert (signed.drift, signed.steady) == (1.02, True)
    assert signed.notes == ("The edge was warm.",)


def test_a_capacity_that_fell_is_no_scaling(scenario: Scenario) -> None:
    fell = replace(found(), moved=Moved(before=41.25, after=30.0, took=None), steady=False)
    signed = sign(fell, scenario, low=low(), told=TOLD)
    assert (signed.scaling, signed.steady) == (None, False)


def test_an_overload_shows_what_the_steps_before_the_first_carry(scenario: Scenario) -> None:
    capacity = found()
    assert capacity.overload is not None
    beyond = {**capacity.overload.steps}
    beyond[Step.HOME] = replace(beyond[Step.HOME], good=99.0)
    overload = replace(capacity.overload, steps=beyond)
    signed = sign(replace(capacity, overload=overload), scenario, low=low(), told=TOLD)
    assert signed.knee[Step.HOME].value == 99.0


def test_our_own_stack_is_of_a_part_of_the_event_and_knows_its_stream(scenario: Scenario) -> None:
    signed = sign(found(), scenario, low=low(), told=replace(TOLD, embedded=True))
    assert (signed.scale, signed.speed) == (scenario.scale, scenario.speed)
    assert scenario.stack is not None
    assert signed.target_duration == scenario.stack.stream.target_duration


def test_anybody_elses_target_is_of_the_whole_and_its_stream_is_not_known(
    signed: Signature,
) -> None:
    assert (signed.scale, signed.speed, signed.target_duration) == (1.0, 1.0, None)


def test_what_the_user_says_of_the_target_is_kept(scenario: Scenario) -> None:
    told = replace(TOLD, build="2026.11.3", topology="2 zones", replicas={"sign_in": 6})
    signed = sign(found(), scenario, low=low(), told=told)
    assert (signed.build, signed.topology) == ("2026.11.3", "2 zones")
    assert signed.replicas == {"sign_in": 6}
    assert (signed.scenario, signed.variant, signed.target) == ("psg-juventus", "a", TOLD.target)


def test_a_target_nothing_held_on_has_a_knee_and_no_demand(scenario: Scenario) -> None:
    broken = knee(Joins.STEP, 80.0)
    capacity = Capacity(knees={Joins.STEP: broken}, levels=broken.levels, lowest=None)
    signed = sign(capacity, scenario, low=Window(0), told=TOLD)
    assert (signed.demand, signed.mix, signed.bit_rate) == ({}, {}, None)
    assert signed.knee[Step.SIGN_IN].value == pytest.approx(0.4 * KNEE)


def test_a_signature_made_of_a_search_is_read_back_as_it_was(signed: Signature) -> None:
    assert Signature.from_json(write_signature(signed), file="signature.json") == signed
