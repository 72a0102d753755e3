"""The but-for test: its chances add up, and every interval says what it holds."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_nights import Asked, figure, night, served, signature

from loadtests.collect.edge.sighting import Said
from loadtests.diagnosis.hostile.report import HostileReport, Suspects
from loadtests.diagnosis.signature import Demand
from loadtests.diagnosis.verdict.bins import bins
from loadtests.diagnosis.verdict.episodes import scenes
from loadtests.diagnosis.verdict.load import Load, load
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import Span
from loadtests.vocabulary import Step

STEP = Step.SIGN_IN
LENGTH = 180


def overload(second: int) -> dict[Step, Asked]:
    return {STEP: served(40 if second >= 90 else 5, capacity=20)}


def suspected(share: float, low: float, high: float) -> HostileReport:
    number = LENGTH // 5
    suspects = Suspects(share=(share,) * number, low=(low,) * number, high=(high,) * number)
    return HostileReport(
        span=Span(start=0.0, stop=float(LENGTH)), bin=5.0, suspects={STEP: suspects}
    )


def loaded(of: Night, report: HostileReport | None = None) -> Load | None:
    nobody = HostileReport(span=Span(start=0.0, stop=float(LENGTH)), bin=5.0)
    (scene,) = scenes(of, bins(of), report or nobody)
    return load(scene)


def sure(of: Night, report: HostileReport | None = None) -> Load:
    found = loaded(of, report)
    assert found is not None
    return found


OVERLOADED = night(overload, lasts=LENGTH)


def test_demand_is_requests_a_second_in_the_worst_minute_over_the_knee() -> None:
    found = sure(OVERLOADED)

    assert found.total.value == pytest.approx(40 / 20)
    assert found.total.low < 2 < found.total.high
    assert found.first == found.legitimate


def test_without_the_suspects_there_is_that_much_less() -> None:
    found = sure(OVERLOADED, suspected(0.6, 0.55, 0.65))

    assert found.legitimate.value == pytest.approx(2 * 0.4)
    assert found.chances.malice > 0.9


@settings(max_examples=30)
@given(share=st.floats(0, 1), spread=st.floats(0, 0.3), knee=st.floats(0.5, 500))
def test_the_chances_of_the_four_lines_add_up_to_one(
    share: float, spread: float, knee: float
) -> None:
    report = suspected(share, max(0.0, share - spread), min(1.0, share + spread))
    chances = sure(replace(OVERLOADED, signature=signature({STEP: knee})), report).chances

    parts = (chances.demand, chances.retries, chances.malice, chances.below)
    assert sum(parts) == pytest.approx(1)
    assert min(parts) >= 0


@settings(max_examples=30)
@given(one=st.floats(0, 0.9), other=st.floats(0, 0.9))
def test_more_suspects_never_leave_more_to_viewers(one: float, other: float) -> None:
    less, more = sorted((one, other))
    few, many = (sure(OVERLOADED, suspected(share, share, share)) for share in (less, more))

    assert many.legitimate.value <= few.legitimate.value
    assert many.chances.demand <= few.chances.demand + 1e-12


def test_a_knee_that_was_never_reached_says_nothing_of_more_than_that() -> None:
    known = signature({STEP: 20.0})
    above = replace(known, knee={STEP: figure(20, at_least=True)})
    below = replace(known, knee={STEP: figure(60, at_least=True)})

    assert loaded(replace(OVERLOADED, signature=above)) is None
    assert sure(replace(OVERLOADED, signature=below)).chances.below > 0.9


def test_half_of_the_requests_logged_are_twice_as_many() -> None:
    found = sure(replace(OVERLOADED, sampled=0.5))

    assert found.total.value == pytest.approx(4)


def test_a_wrong_password_counts_for_what_it_costs() -> None:
    def guessed(second: int) -> dict[Step, Asked]:
        rest = served(40 if second >= 90 else 5, capacity=20)
        return {STEP: rest}

    of = night(guessed, lasts=LENGTH)
    for window in of.windows[90:]:
        said = window.steps[STEP].said
        (key,) = (key for key in said if key[0] is Said.OVERLOAD)
        said[key] -= 10
        said[Said.BAD_CREDENTIALS, key[1]] += 10
    known = signature({STEP: 20.0})
    dear = Demand(per_join=1.0, response_time=0.05, cost=1.0, bytes=1.0, denied_cost=3.0)

    found = sure(replace(of, signature=replace(known, demand={STEP: dear})))

    assert found.total.value == pytest.approx((30 + 10 * 3) / 20)
