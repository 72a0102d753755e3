from dataclasses import replace

import pytest

from loadtests.diagnosis.edges import edges
from loadtests.diagnosis.persistence import persistence, reach
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span
from loadtests.stack.faults.cut_off import CutOff
from loadtests.stack.faults.dependency import Dependency
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.sessions_invalidated import SessionsInvalidated
from loadtests.stack.faults.whom import Recovery, Whom
from loadtests.stack.model import Stack
from loadtests.vocabulary import Player, Step

ONE = Estimate(value=1.0, low=1.0, high=1.0)
STACK = Stack(stations={})
STUBBORN = Device(
    share=1.0,
    player=Player.HLS_JS,
    signs_in=0.5,
    patience=Patience(leaving_per_second=0.0),
    human_retry=HumanRetry(times=2, after=5.0),
)
EVENING = Scenario(
    name="outage",
    title="an outage",
    event=Event(name="An evening", kick_off="2026-05-30 21:00"),
    audience=Audience(published=6000, people_per_account=ONE, share_on_app=ONE),
    scale=1 / 10,
    speed=61.0,
    window=Span(start=-600.0, stop=5400.0),
    arrivals=(Surge(shape=Shape.STEADY, start=-600.0, stop=5400.0, share=1.0),),
    devices={"tv": STUBBORN},
    stack=STACK,
)
ARRIVALS = [1.0] * 6000


def met(plan: Dependency | CutOff) -> tuple[float, float]:
    """Viewers a fault costs, and those a speed of 3 serves after all."""
    fault = Fault(dependency=plan) if isinstance(plan, Dependency) else Fault(cut_off=plan)
    found = list(edges(EVENING, replace(STACK, faults=(fault,)), ARRIVALS))
    return sum(edge.black for edge in found), sum(edge.late(3.0) for edge in found)


def test_people_try_as_often_as_they_start_again_and_wait_as_long() -> None:
    said = persistence(EVENING, Step.ENTITLEMENT, 0.0)
    assert (said.trying, said.lasting, said.attempts) == (10.0, 10.0, 3.0)


def test_each_try_lasts_as_long_as_the_answer_takes() -> None:
    assert persistence(EVENING, Step.ENTITLEMENT, 2.0).trying == 16.0


def test_nobody_tries_beyond_the_start_limit() -> None:
    assert persistence(EVENING, Step.ENTITLEMENT, 60.0).trying == EVENING.start_limit


def test_the_reach_of_speed_is_how_long_people_try_in_event_time() -> None:
    assert reach(EVENING, Step.ENTITLEMENT, 0.0) == 600.0


@pytest.mark.parametrize("speed", [1.0, 0.5])
def test_the_evenings_own_pace_moves_nothing(speed: float) -> None:
    assert reach(replace(EVENING, speed=speed), Step.ENTITLEMENT, 0.0) == 0.0


def test_a_fault_turns_away_its_share_of_whoever_comes_while_it_lasts() -> None:
    down = Dependency(start=0.0, stop=600.0, steps=(Step.ENTITLEMENT,))
    assert met(down) == (600.0, 20.0)
    assert met(replace(down, whom=Whom(share=0.25))) == (150.0, 5.0)
    assert met(CutOff(start=0.0, stop=600.0, whom=Whom(share=0.25))) == (150.0, 5.0)


def test_where_regions_differ_the_worst_counts() -> None:
    whom = Whom(share=0.25, regions={"brussels": 0.5})
    assert met(CutOff(start=0.0, stop=600.0, whom=whom))[0] == 300.0


def test_a_restoration_cell_by_cell_has_an_end_for_each_cell() -> None:
    slow = CutOff(start=0.0, stop=600.0, recovery=Recovery(cells=3, until=1200.0))
    assert met(slow) == pytest.approx((900.0, 20.0))


def test_a_fault_beyond_the_window_has_no_end_to_be_served_at() -> None:
    assert met(CutOff(start=0.0, stop=9999.0)) == (5400.0, 0.0)


def test_a_fault_beside_the_way_or_without_a_span_has_no_edge() -> None:
    faults = (
        Fault(dependency=Dependency(start=0.0, stop=600.0, steps=(Step.WEBSITE,))),
        Fault(sessions_invalidated=SessionsInvalidated(at=0.0)),
    )
    assert list(edges(EVENING, replace(STACK, faults=faults), ARRIVALS)) == []
