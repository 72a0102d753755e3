"""The shipped scenarios say what their comments and the incident's facts say."""

import pytest

from loadtests.audience import crowd
from loadtests.scenario.crowd_checks import surges
from loadtests.scenario.library import find, names
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario, variants
from loadtests.stack.model import JOIN_STEPS
from loadtests.units import PerSecond
from loadtests.vocabulary import Step

COMFORTABLE: PerSecond = 1500.0
"""Requests a second the embedded stack serves on half a core."""
REQUESTS_TO_JOIN = 12


def play(name: str, variant: str | None = None) -> Scenario:
    return read_scenario(find(name), variant=variant)


def busiest(scenario: Scenario) -> dict[Step, float]:
    """Utilization of each joining station in the second when most viewers arrive."""
    stack, peak = scenario.embedded_stack, max(crowd.planned(scenario))
    assert stack is not None
    devices = scenario.devices.values()
    signing_in = sum(device.share * device.signs_in for device in devices)
    parts = {Step.SIGN_IN: signing_in, Step.REFRESH: 1 - signing_in}
    return {
        step: peak * parts.get(step, 1.0) / station.capacity
        for step, station in stack.stations.items()
        if step in JOIN_STEPS
    }


@pytest.mark.parametrize("name", names())
def test_a_shipped_scenario_plays_in_every_variant(name: str) -> None:
    for variant in (*variants(find(name)), "none"):
        assert crowd.size(play(name, variant)) > 0


@pytest.mark.parametrize("name", names())
def test_a_shipped_scenario_stays_within_what_one_core_serves(name: str) -> None:
    scenario = play(name, "none")
    stack = scenario.embedded_stack
    assert stack is not None
    watching, load = 0.0, []
    for joins in crowd.planned(scenario):
        watching += joins
        load.append(joins * REQUESTS_TO_JOIN + 2 * watching / stack.stream.target_duration)
    assert max(load) < COMFORTABLE


def test_psg_juventus_stands_for_the_crowd_its_facts_give() -> None:
    match = play("psg-juventus")
    assert match.audience.viewers == pytest.approx(345_000)
    low, high = match.audience.affected or (0, 0)
    shares = (low / match.audience.viewers, high / match.audience.viewers)
    assert [round(share, 2) for share in shares] == [0.29, 0.58]
    assert match.event.kick_off == "2022-09-06 21:00"
    assert [mark.at for mark in match.event.marks] == [300.0, 1320.0, 3180.0]
    waves = [surge.start for surge in surges(match) if surge.shape == "wave"]
    assert waves == [mark.at for mark in match.event.marks]


def test_psg_juventus_ends_within_three_minutes_and_plays_variant_a() -> None:
    match = play("psg-juventus")
    assert match.duration <= 150.0
    assert match.variant == "a"


def test_psg_juventus_holds_where_nothing_is_wrong() -> None:
    assert max(busiest(play("psg-juventus", "none")).values()) < 0.7


def test_psg_juventus_a_starves_sign_in_and_nothing_else() -> None:
    starved = {step for step, use in busiest(play("psg-juventus", "a")).items() if use > 1}
    assert starved == {Step.SIGN_IN}


def test_psg_juventus_b_is_the_same_demand_and_a_slower_entitlement() -> None:
    held, slow = play("psg-juventus", "none"), play("psg-juventus", "b")
    assert crowd.planned(slow) == crowd.planned(held)
    assert {step for step, use in busiest(slow).items() if use > 1} == {Step.ENTITLEMENT}
    assert busiest(slow)[Step.ENTITLEMENT] > 4 * busiest(held)[Step.ENTITLEMENT]


def test_smoke_is_45_seconds_of_a_few_hundred_viewers_who_have_room() -> None:
    smoke = play("smoke")
    assert smoke.duration == 45.0
    assert 200 <= crowd.size(smoke) <= 400
    assert max(busiest(smoke).values()) < 0.5


@pytest.mark.parametrize("variant", ["none", "france-croatia", "brazil-netherlands"])
def test_world_cup_98_holds_on_every_evening(variant: str) -> None:
    evening = play("world-cup-98", variant)
    assert max(busiest(evening).values()) < 0.5
    assert max(crowd.planned(evening)) <= 30
    assert evening.duration <= 180
