"""What changes nothing about a night makes no other cause of it: the same, or undetermined."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import pytest
from caused_nights import NIGHTS, STEP, times
from hypothesis import given, settings
from hypothesis import strategies as st
from written_nights import Asked, Played, night

from loadtests.collect.edge.distinct import Distinct
from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.diagnosis.verdict.kinds import Cause, Family
from loadtests.diagnosis.verdict.night import Night
from loadtests.vocabulary import Step

LASTS = 240
KNEE = 20.0
BESIDE = Step.SIGN_IN
"""Asked as ever, whatever happens at STEP."""

any_cause = pytest.mark.parametrize("cause", NIGHTS)
few = settings(max_examples=2)


@any_cause
@few
@given(power=st.floats(-1, 1))
def test_all_rates_and_the_knee_so_many_times(cause: Cause, power: float) -> None:
    factor = 10**power

    def scaled(second: int) -> Mapping[Step, Asked]:
        return {step: times(asked, factor) for step, asked in NIGHTS[cause](second).items()}

    assert kind(night(scaled, knee=KNEE * factor)) in {cause, Cause.UNDETERMINED}


@any_cause
@few
@given(lost=st.sets(st.integers(0, LASTS - 1), min_size=LASTS // 20, max_size=LASTS // 10))
def test_one_window_in_ten_lost(cause: Cause, lost: AbstractSet[int]) -> None:
    holes = night(lambda second: {} if second in lost else NIGHTS[cause](second))

    assert kind(holes) in {cause, Cause.UNDETERMINED}


@any_cause
@few
@given(skew=st.integers(-30, 30), step=st.sampled_from([STEP, BESIDE, Step.HOME]))
def test_the_series_of_one_step_half_a_minute_off(cause: Cause, skew: int, step: Step) -> None:
    def skewed(second: int) -> Mapping[Step, Asked]:
        there, late = (beside(NIGHTS[cause])(at) for at in (second, second - skew))
        return {**there, **({step: late[step]} if step in late else {})}

    assert kind(night(skewed)) in {cause, Cause.UNDETERMINED}


@any_cause
@few
@given(key=st.integers(1, 2**64 - 1))
def test_other_identities_of_the_same_clients(cause: Cause, key: int) -> None:
    given_, other = night(NIGHTS[cause]), night(NIGHTS[cause])
    for window in other.windows:
        for step, asked in NIGHTS[cause](window.second).items():
            window.steps[step].clients = _renamed(window.second, asked, key)

    assert kind(other) is kind(given_) is cause


@any_cause
@few
@given(families=st.sets(st.sampled_from(Family), min_size=1))
def test_whatever_families_are_left_out(cause: Cause, families: AbstractSet[Family]) -> None:
    verdict = diagnose(night(NIGHTS[cause]), without=families, formed=False)

    assert verdict.cause.kind in {cause, Cause.UNDETERMINED}


@any_cause
def test_neither_identities_nor_times(cause: Cause) -> None:
    bare = night(NIGHTS[cause])
    for window in bare.windows:
        for traffic in window.steps.values():
            traffic.clients, traffic.times = Distinct(), type(traffic.times)()
            traffic.busy = 0.0

    assert kind(bare) in {cause, Cause.UNDETERMINED}


def beside(play: Played) -> Played:
    return lambda second: {BESIDE: Asked(good=6), **play(second)}


def kind(given_: Night) -> Cause:
    return diagnose(given_, formed=False).cause.kind


def _renamed(second: int, asked: Asked, key: int) -> Distinct:
    clients = Distinct()
    number = asked.good + asked.bad - asked.retries - asked.repaired
    clients.update(
        (second * 1000 + one) * 0x9E3779B97F4A7C15 % 2**64 ^ key for one in range(number)
    )
    return clients
