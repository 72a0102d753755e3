from dataclasses import replace

import pytest
from overloads import signed

from loadtests.errors import MatchnightError
from loadtests.paper.plan.changes import Case
from loadtests.paper.plan.compare import UNCHANGED, compare
from loadtests.paper.plan.night import Night, night
from loadtests.paper.plan.what_if import parse_what_if
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario


@pytest.fixture(scope="module")
def overload() -> Case:
    """Variant b of the match: too little at entitlement."""
    match = read_scenario(find("psg-juventus"), variant="b")
    return Case(scenario=match, signature=signed(match))


def test_each_case_stands_beside_the_night_as_it_is(overload: Case) -> None:
    cases = {text: parse_what_if(text) for text in ("panic=entitlement", "pre_warming=50%")}
    found = {one.name: one for one in compare(overload, cases)}
    assert list(found) == [UNCHANGED, *cases]
    black = {
        name: one.carried.headroom.expected.viewers.value
        for name, one in found.items()
        if one.carried
    }
    assert black[UNCHANGED] > 100_000
    assert black["panic=entitlement"] == 0.0
    assert black["pre_warming=50%"] == pytest.approx(black[UNCHANGED], rel=0.1)


def test_behind_a_waiting_room_the_stack_meets_no_more_than_its_rate(overload: Case) -> None:
    _, room = compare(overload, {"room": parse_what_if("waiting_room=150/s")})
    assert max(room.night.arrivals) == pytest.approx(150.0)
    assert room.carried is not None
    assert room.carried.headroom.first is None
    assert room.carried.room is not None
    assert room.carried.room.rate == 150.0
    assert room.carried.room.late > 0.5


def test_without_a_signature_only_what_is_asked_is_known(overload: Case) -> None:
    blind = replace(overload, signature=None)
    before, after = compare(blind, {"jitter": parse_what_if("start_jitter=5m")})
    assert before.carried is None
    assert after.carried is None
    assert max(after.night.arrivals) < 0.7 * max(before.night.arrivals)


def test_the_reaction_time_asked_for_makes_the_buffers(overload: Case) -> None:
    before, after = compare(overload, {"slow": parse_what_if("scaling_takes=3m")})
    assert before.carried is not None
    assert after.carried is not None
    assert before.carried.buffers == ()
    assert {buffer.takes for buffer in after.carried.buffers} == {180.0}


def test_a_case_that_cannot_be_done_is_named(overload: Case) -> None:
    with pytest.raises(MatchnightError, match="what if no way in: panic: `session` brings"):
        compare(overload, {"no way in": parse_what_if("panic=session")})


def test_nights_may_be_reckoned_with_what_else_goes_on(overload: Case) -> None:
    def twice(scenario: Scenario) -> Night:
        one = night(scenario)
        return replace(one, arrivals=[2 * rate for rate in one.arrivals])

    (found,) = compare(replace(overload, signature=None), {}, twice)
    assert max(found.night.arrivals) == 2 * max(night(overload.scenario).arrivals)
