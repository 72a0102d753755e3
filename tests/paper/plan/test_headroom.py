from dataclasses import replace
from math import inf

import pytest
from overloads import figure, on_paper, signed

from loadtests.audience.trial import Joins
from loadtests.diagnosis.signature import Figure, JoinKnee, Scaling, Signature
from loadtests.paper.plan.headroom import Headroom, headroom
from loadtests.paper.plan.losses import expected, knees_of, scaled
from loadtests.paper.plan.night import Night, night
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Step


@pytest.fixture(scope="module")
def juventus() -> Scenario:
    """The match on the stack that carries it."""
    return read_scenario(find("psg-juventus"), variant="none")


@pytest.fixture(scope="module")
def evening(juventus: Scenario) -> Night:
    return night(juventus)


def tight(scenario: Scenario, knee: Figure, step: Step = Step.SIGN_IN) -> Signature:
    """The signature of the scenario's own stack, but for one knee, as the event would see it."""
    signature = signed(scenario)
    measured = scaled(knee, scenario.scale * scenario.speed)
    return replace(signature, knee={**signature.knee, step: measured})


def of(found: Headroom, step: Step) -> float:
    return next(s.ratio for s in found.steps if s.step is step)


def test_capacity_of_joining_follows_scale_and_speed_and_that_of_watching_scale(
    juventus: Scenario,
) -> None:
    knees = knees_of(signed(juventus))
    assert knees[Step.SIGN_IN].value == pytest.approx(30 * 200 / 5)
    assert knees[Step.HEARTBEAT].value == pytest.approx(400 * 200)
    assert knees_of(signed(juventus), speed=5.0)[Step.SIGN_IN].value == pytest.approx(30 * 200)


def test_headroom_is_the_knee_by_the_peak(juventus: Scenario, evening: Night) -> None:
    found = headroom(evening, signed(juventus), juventus)
    for step in found.steps:
        assert step.ratio == step.knee.value / max(evening.requests[step.step])
        assert evening.offset(list(evening.requests[step.step]).index(step.peak)) == step.peak_at
    assert found.tightest is not None
    assert found.tightest.step is Step.SIGN_IN
    assert found.first is None
    assert found.expected.viewers.high == 0.0
    assert Step.PLAYLIST in found.unmeasured


def test_a_step_breaks_when_the_demand_passes_the_interval_of_its_knee(
    juventus: Scenario, evening: Night
) -> None:
    found = headroom(evening, tight(juventus, figure(400.0, spread=0.1)), juventus)
    assert found.first is not None
    assert found.first.step is Step.SIGN_IN
    breaks = found.first.breaks
    assert breaks is not None
    rates = evening.requests[Step.SIGN_IN]

    def first_above(knee: float) -> float:
        return next(evening.offset(n) for n, rate in enumerate(rates) if rate > knee)

    assert breaks.earliest == first_above(360.0)
    assert breaks.at == first_above(400.0)
    assert breaks.latest == first_above(440.0)
    assert breaks.earliest < breaks.at < breaks.latest
    assert breaks.lasts.value == sum(rate > 400.0 for rate in rates)
    assert breaks.lasts.low < breaks.lasts.value < breaks.lasts.high


def test_a_peak_within_the_interval_may_break_or_not(juventus: Scenario, evening: Night) -> None:
    peak = max(evening.requests[Step.SIGN_IN])
    found = headroom(evening, tight(juventus, figure(1.05 * peak, spread=0.2)), juventus)
    step = next(s for s in found.steps if s.step is Step.SIGN_IN)
    assert step.breaks is not None
    assert step.breaks.at is None
    assert step.breaks.latest is None
    assert found.first is None
    assert found.expected.viewers.low == 0.0
    assert found.expected.viewers.high > 0.0


def test_a_step_that_never_broke_has_no_knee_to_break_at(
    juventus: Scenario, evening: Night
) -> None:
    found = headroom(evening, tight(juventus, figure(100.0, at_least=True)), juventus)
    step = next(s for s in found.steps if s.step is Step.SIGN_IN)
    assert step.is_unknown
    assert step.breaks is None
    assert found.expected.viewers.high == 0.0
    assert found.tightest is not None
    assert found.tightest.step is not Step.SIGN_IN


def test_the_interval_of_the_knee_is_carried_through_to_black_screens() -> None:
    match = read_scenario(find("psg-juventus"), variant="a")
    sure, wide = on_paper(match), on_paper(match, spread=0.1)
    assert sure.share is not None
    assert wide.share is not None
    assert sure.share.low == sure.share.value == sure.share.high
    assert wide.share.value == sure.share.value
    assert wide.share.low < wide.share.value < wide.share.high
    assert wide.viewers.low < wide.viewers.value < wide.viewers.high


def test_restarts_of_the_app_break_a_step_that_would_carry_the_night(
    juventus: Scenario, evening: Night
) -> None:
    signature = tight(juventus, figure(176.0), Step.ENTITLEMENT)
    found = headroom(evening, signature, juventus)
    sign_in = next(s for s in found.steps if s.step is Step.SIGN_IN)
    assert sign_in.breaks is None
    assert sign_in.attempts is not None
    assert sign_in.attempts > sign_in.knee.value > sign_in.peak
    license_ = next(s for s in found.steps if s.step is Step.LICENSE)
    assert license_.attempts is None


def test_a_night_that_scales_in_time_costs_fewer_black_screens(
    juventus: Scenario, evening: Night
) -> None:
    signature = tight(juventus, figure(300.0))
    joins = {
        Joins.RAMP: JoinKnee(
            knee=figure(15.0),
            first=Step.SIGN_IN,
            next=None,
            in_flight=None,
            broke_at=16.0,
            recovers_at=None,
        )
    }

    def black(took: float) -> float:
        scaling = Scaling(before=figure(15.0), after=figure(30.0), took=took)
        grown = replace(signature, joins=joins, scaling=scaling)
        return expected(evening, grown, juventus).viewers.value

    never = expected(evening, signature, juventus).viewers.value
    assert black(30.0) < black(60.0) < never
    assert black(inf) == never


def test_others_who_ask_take_their_part_of_the_capacity(juventus: Scenario, evening: Night) -> None:
    signature = tight(juventus, figure(500.0))
    more = [2 * rate for rate in evening.requests[Step.SIGN_IN]]
    busier = replace(evening, requests={**evening.requests, Step.SIGN_IN: more})
    alone, shared = (expected(n, signature, juventus).viewers.value for n in (evening, busier))
    halved = expected(evening, tight(juventus, figure(250.0)), juventus).viewers.value
    assert alone < shared
    # the others do not come again, as half of the crowd would
    assert shared < halved
