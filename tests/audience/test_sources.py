"""Who calls from where: viewers, the gateway's, and hostile clients never share a number."""

from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience.arrivals import Arrival
from loadtests.audience.sources import (
    GATEWAY,
    HOSTILE,
    MOST_HOSTILE,
    VIEWERS,
    hostile_source,
    viewer_source,
)
from loadtests.scenario.model import Device
from loadtests.swarm.wire.addresses import source_of
from loadtests.vocabulary import Player, Trait

INDICES = st.integers(0, 100_000_000)


def arrival(index: int, *traits: Trait) -> Arrival:
    return Arrival(
        index=index,
        at=0.0,
        offset=0.0,
        device_name="tv",
        device=Device(share=1.0, player=Player.HLS_JS, signs_in=0.0),
        signs_in=False,
        patience=1.0,
        stay=1.0,
        seed=1,
        traits=frozenset(traits),
    )


@given(viewer=INDICES, number=INDICES)
def test_the_numbers_of_viewers_gateway_and_hostile_clients_are_apart(
    viewer: int, number: int
) -> None:
    assert viewer_source(arrival(viewer)) < VIEWERS
    assert viewer_source(arrival(viewer, Trait.GATEWAY)) == GATEWAY == VIEWERS
    assert HOSTILE <= hostile_source(number) < HOSTILE + MOST_HOSTILE
    assert VIEWERS < HOSTILE


@given(one=INDICES, other=INDICES)
def test_on_the_wire_numbers_that_differ_are_addresses_that_differ(one: int, other: int) -> None:
    numbers = (viewer_source(arrival(one)), hostile_source(other), GATEWAY)
    assert len({source_of(number) for number in numbers}) == len(set(numbers)) == 3


def test_everybody_behind_the_gateway_calls_from_one_address() -> None:
    behind = {viewer_source(arrival(index, Trait.GATEWAY)) for index in range(50)}
    assert len(behind) == 1
    assert len({viewer_source(arrival(index)) for index in range(50)}) == 50
