"""What a signature says of a stack drawn at random is what the stack was drawn with."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from random_stacks import Drawn, draw

from loadtests.audience.trial import Joins, trial_scenario
from loadtests.collect.window import Window
from loadtests.diagnosis.explore import Capacity
from loadtests.diagnosis.level import Level
from loadtests.diagnosis.sign import Told, sign
from loadtests.diagnosis.signature import Signature, read_signature
from loadtests.export.capacity_record import SIGNATURE, Search
from loadtests.export.capacity_report import redraw_capacity, write_capacity
from loadtests.export.capacity_text import capacity_text
from loadtests.paper.simulate import START, play
from loadtests.paper.trials import capacity
from loadtests.scenario.model import Scenario
from loadtests.stack.model import Stack, Station
from loadtests.stack.service import Service
from loadtests.vocabulary import Step

STATIONS = (Step.SIGN_IN, Step.LICENSE)
TOLD = Told(target="a drawn stack", embedded=True, created="2026-11-23T02:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Signed:
    """A drawn stack, what was found of it, and what is signed."""

    drawn: Drawn
    capacity: Capacity
    signature: Signature

    @property
    def stack(self) -> Stack:
        assert self.drawn.scenario.stack is not None
        return self.drawn.scenario.stack

    @property
    def tight(self) -> Station:
        return self.stack.stations[Step(self.drawn.tight)]


@pytest.fixture(scope="module", params=STATIONS)
def signed(request: pytest.FixtureRequest) -> Signed:
    drawn = draw(7, Joins.STEP, request.param)
    plan = replace(drawn.plan, first=drawn.knee / 5, overload=True, again=True)
    found = capacity(drawn.scenario, plan)
    assert found.lowest is not None
    low = _alone(drawn.scenario, found.lowest)
    return Signed(drawn, found, sign(found, drawn.scenario, low=low, told=TOLD))


def _alone(scenario: Scenario, level: Level) -> Window:
    """The seconds of a level that held, in one: they depend on nothing that was before."""
    stack = scenario.embedded_stack
    assert stack is not None
    service = Service(stack)
    service.begin(START)
    timeline = play(trial_scenario(scenario, level.trial), service)
    return timeline.between(int(level.start), int(level.stop))


def test_the_tightest_step_carries_what_its_servers_can_do(signed: Signed) -> None:
    figure = signed.signature.knee[Step(signed.drawn.tight)]
    assert not figure.at_least
    assert figure.value == pytest.approx(signed.tight.capacity, rel=0.05)


def test_no_other_step_is_said_to_carry_more_than_it_can(signed: Signed) -> None:
    for step, station in signed.stack.stations.items():
        figure = signed.signature.knee[step]
        assert figure.at_least is (step != signed.drawn.tight)
        assert figure.low <= 1.02 * station.capacity


def test_a_request_at_low_load_takes_as_long_as_it_is_served(signed: Signed) -> None:
    for step, station in signed.stack.stations.items():
        alone = signed.signature.demand[step].response_time
        assert alone == pytest.approx(station.service_time, rel=0.1, abs=0.005)
        assert alone >= 0.99 * station.service_time


def test_each_viewer_asks_as_often_as_a_journey_does(signed: Signed) -> None:
    demand = signed.signature.demand  # of a few dozen viewers: whole people sign in
    devices = signed.drawn.scenario.devices.values()
    sign_ins = sum(device.share * device.signs_in for device in devices)
    assert demand[Step.SIGN_IN].per_join == pytest.approx(sign_ins, abs=0.06)
    assert demand[Step.REFRESH].per_join == pytest.approx(1 - sign_ins, abs=0.06)
    assert demand[Step.ENTITLEMENT].per_join == pytest.approx(1.0, rel=0.03)


def test_the_tightest_step_refuses_once_its_line_is_full(signed: Signed) -> None:
    demand = signed.signature.demand[Step(signed.drawn.tight)]
    station = signed.tight
    assert demand.waits_up_to is not None
    assert demand.waits_up_to <= 1.1 * (station.queue + station.servers) / station.capacity
    others = [of for step, of in signed.signature.demand.items() if step != signed.drawn.tight]
    assert not any(of.refuses for of in others)


def test_its_report_is_written_and_redrawn(signed: Signed, tmp_path: Path) -> None:
    search = Search(
        scenario=signed.drawn.scenario.name,
        title=signed.drawn.scenario.title,
        variant=None,
        target=TOLD.target,
        embedded=True,
        started=TOLD.created,
        duration=100.0,
        exit_status=0,
        complete=True,
        ceiling=signed.drawn.plan.ceiling,
        capacity=signed.capacity,
        signature=signed.signature,
    )
    write_capacity(tmp_path, search)
    assert redraw_capacity(tmp_path) == search
    assert read_signature(tmp_path / SIGNATURE) == signed.signature
    assert f"{signed.drawn.tight} breaks first" in capacity_text(search).replace("\n  ", " ")
