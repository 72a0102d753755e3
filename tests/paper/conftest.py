from types import MappingProxyType

import pytest

from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Sizing, Span
from loadtests.stack.model import Stack, Station
from loadtests.vocabulary import Player, Step

SURE = Estimate(value=1.0, low=1.0, high=1.0)
PATIENCE = Patience(none_before=5.0, leaving_per_second=0.02, at_most=0.4)
RETRY = HumanRetry(times=2, after=5.0)


@pytest.fixture(scope="session")
def match() -> Scenario:
    """A rush to kick-off and a tail, more than entitlement carries until the window is over."""
    television = Device(
        share=1.0, player=Player.HLS_JS, signs_in=0.4, patience=PATIENCE, human_retry=RETRY
    )
    return Scenario(
        name="match",
        title="a crowd above capacity",
        event=Event(name="Match", kick_off="2022-09-06 21:00"),
        audience=Audience(published=300_000, people_per_account=SURE, share_on_app=SURE),
        scale=1 / 200,
        speed=5.0,
        window=Span(start=-240.0, stop=300.0),
        arrivals=(
            Surge(shape=Shape.RISE, start=-1800, stop=-180, share=0.2),
            Surge(shape=Shape.RUSH, start=-180, stop=0, share=0.4),
            Surge(shape=Shape.FALL, start=0, stop=900, share=0.4),
        ),
        devices=MappingProxyType({"television": television}),
        stack=Stack(
            stations=MappingProxyType(
                {
                    Step.SIGN_IN: Station(servers=8, service_time=0.2, queue=40),
                    Step.ENTITLEMENT: Station(servers=6, service_time=1.5, queue=5),  # 4/s
                }
            )
        ),
        stack_sized_for=Sizing(scale=1 / 200, speed=5.0),
    )
