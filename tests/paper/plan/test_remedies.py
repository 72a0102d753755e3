from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from overloads import figure, signed

from loadtests.diagnosis.signature import Signature
from loadtests.paper.plan.night import Night
from loadtests.paper.plan.remedies import CAUTION, admission, buffers
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Step

MATCH = read_scenario(find("psg-juventus"), variant="none")


@pytest.fixture(scope="module")
def juventus() -> Scenario:
    return MATCH


@pytest.fixture(scope="module")
def signature(juventus: Scenario) -> Signature:
    """One knee: 100 sign-ins a second of the event, give or take ten."""
    knee = {Step.SIGN_IN: figure(100.0, spread=0.1), Step.HOME: figure(5.0, at_least=True)}
    return replace(signed(juventus), knee=knee, scale=1.0, speed=1.0)


def rising(arrivals: list[float], *, signs_in: float = 0.5) -> Night:
    """A night that begins ten minutes before kick-off."""
    return Night(
        start=-600.0,
        arrivals=arrivals,
        watching=arrivals,
        requests={Step.HOME: arrivals, Step.SIGN_IN: [signs_in * rate for rate in arrivals]},
        sent=arrivals,
        connections=arrivals,
    )


SLOPE = [2.0 * n for n in range(200)] + [400.0] * 200


def test_the_buffer_is_the_slope_by_the_time_scaling_takes(signature: Signature) -> None:
    home, sign_in = buffers(rising(SLOPE), signature, takes=60.0)
    assert (home.step, sign_in.step) == (Step.HOME, Step.SIGN_IN)
    assert home.slope == pytest.approx(2.0)
    assert home.size == pytest.approx(120.0)
    assert home.share == pytest.approx(120.0 / 400.0)
    assert sign_in.size == pytest.approx(60.0)
    assert not home.is_all


def test_what_is_beyond_the_knee_must_be_ordered_so_long_before(signature: Signature) -> None:
    _, sign_in = buffers(rising(SLOPE), signature, takes=60.0)
    # 90/s, the low end of the knee, are passed 91 s after the beginning
    assert sign_in.begin == -600.0 + 91.0 - 60.0
    assert buffers(rising([10.0] * 100), signature, takes=60.0)[1].begin is None


def test_scaling_that_takes_longer_than_the_rise_is_no_help(signature: Signature) -> None:
    home, _ = buffers(rising(SLOPE), signature, takes=600.0)
    assert home.is_all
    assert home.size == pytest.approx(400.0)


def test_nobody_knows_a_buffer_without_a_reaction_time(signature: Signature) -> None:
    assert buffers(rising(SLOPE), signature) == []


def test_a_waiting_room_admits_less_than_the_low_end_of_the_tightest_knee(
    juventus: Scenario, signature: Signature
) -> None:
    found = admission(rising(SLOPE), signature, juventus)
    assert found is not None
    assert found.limited_by is Step.SIGN_IN
    # half of the viewers sign in
    assert found.rate == pytest.approx(CAUTION * 90.0 / 0.5)


def test_a_night_of_fewer_sign_ins_may_be_admitted_faster(
    juventus: Scenario, signature: Signature
) -> None:
    found = admission(rising(SLOPE, signs_in=0.25), signature, juventus)
    assert found is not None
    assert found.rate == pytest.approx(CAUTION * 90.0 / 0.25)


def test_without_any_knee_nobody_knows_what_to_admit(
    juventus: Scenario, signature: Signature
) -> None:
    nothing = replace(signature, knee={Step.SIGN_IN: figure(100.0, at_least=True)})
    assert admission(rising(SLOPE), nothing, juventus) is None


def test_the_longest_wait_is_the_longest_line_by_the_rate(
    juventus: Scenario, signature: Signature
) -> None:
    burst = [0.0] * 10 + [300.0] * 60 + [0.0] * 600
    found = admission(rising(burst), signature, juventus, rate=100.0)
    assert found is not None
    assert found.at_once == pytest.approx(60 * 200.0)
    assert found.longest == pytest.approx(120.0)
    assert found.from_ == -590.0
    assert found.until == -600.0 + 10 + 180 - 1
    # whoever comes after a quarter of the burst waits for longer than 30 s
    assert found.late == pytest.approx(0.75, abs=0.02)
    assert 0.3 < found.leaves < 0.4


def test_a_room_that_lets_everybody_in_keeps_nobody(
    juventus: Scenario, signature: Signature
) -> None:
    found = admission(rising(SLOPE), signature, juventus, rate=400.0)
    assert found is not None
    assert (found.longest, found.at_once, found.from_, found.leaves) == (0.0, 0.0, None, 0.0)


@settings(deadline=None)
@given(
    arrivals=st.lists(st.floats(0, 1000), min_size=1, max_size=50).filter(any),
    takes=st.integers(1, 100),
)
def test_no_buffer_exceeds_the_peak_and_a_slower_scaler_needs_no_less(
    arrivals: list[float], takes: int
) -> None:
    night, signature = rising(arrivals), replace(signed(MATCH), knee={})
    sizes = [buffers(night, signature, takes=float(t))[0].size for t in (takes, takes + 1)]
    assert sizes[0] <= max(arrivals) + 1e-9
    if len(arrivals) <= takes:
        assert sizes[0] == pytest.approx(max(arrivals))
