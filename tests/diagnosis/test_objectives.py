from collections import Counter

import pytest

from loadtests.collect.distribution import Distribution
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.objectives import Finding, judge
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import (
    Audience,
    Device,
    Estimate,
    Event,
    Limit,
    Metric,
    Objective,
    Scenario,
    Span,
)
from loadtests.vocabulary import End, Outcome, Player, Step

ONE = Estimate(value=1.0, low=1.0, high=1.0)
EVENING = Span(start=-300.0, stop=600.0)  # 90 s of run at speed 10; kick-off in second 30


def scenario(*objectives: Objective) -> Scenario:
    return Scenario(
        name="cup-final",
        title="a cup final",
        event=Event(name="Cup final", kick_off="2026-05-30 21:00"),
        audience=Audience(published=1000, people_per_account=ONE, share_on_app=ONE),
        scale=1.0,
        speed=10.0,
        window=EVENING,
        arrivals=(Surge(shape=Shape.STEADY, start=-300.0, stop=600.0, share=1.0),),
        devices={"tv": Device(share=1.0, player=Player.SHAKA, signs_in=1.0)},
        objectives=objectives,
    )


def objective(
    metric: Metric,
    at_most: float,
    *,
    span: Span = EVENING,
    step: Step | None = None,
    quantile: float | None = None,
) -> Objective:
    limit = Limit(value=at_most, kind="ratio")
    return Objective(metric=metric, at_most=limit, between=span, step=step, quantile=quantile)


def found(asked: Objective, *windows: Window) -> Finding:
    (finding,) = judge(scenario(asked), Timeline(windows))
    return finding


def times(*values: float) -> Distribution:
    made = Distribution()
    for value in values:
        made.add(value)
    return made


def ends(**minutes: dict[End, int]) -> Window:
    """`ends(m2={End.IN_TIME: 3})`: three viewers of minute 2 started in time."""
    counts = {(int(m[1:]), end): n for m, of in minutes.items() for end, n in of.items()}
    return Window(0, ends=Counter(counts))


def test_objectives_are_judged_in_the_order_of_the_scenario() -> None:
    asked = [objective(metric, 0.1, step=Step.HOME) for metric in Metric]
    assert [f.objective for f in judge(scenario(*asked), Timeline())] == asked


@pytest.mark.parametrize("metric", Metric)
def test_what_could_not_be_measured_has_not_passed(metric: Metric) -> None:
    finding = found(objective(metric, 1e9, step=Step.HOME), Window(5))
    assert (finding.measured, finding.passed) == (None, None)


def test_a_bound_that_is_just_met_is_met() -> None:
    window = Window(40, watched=90.0, stalled=10.0)
    assert found(objective(Metric.STALLED_RATIO, 0.1), window).passed is True
    assert found(objective(Metric.STALLED_RATIO, 0.0999), window).passed is False


def test_black_screens_are_a_share_of_those_decided_of_the_minutes_asked_about() -> None:
    windows = ends(
        m0={End.IN_TIME: 6, End.NEVER_STARTED: 1, End.STARTED_LATE: 1, End.REFUSED: 2},
        m1={End.IN_TIME: 8, End.LEFT_WAITING: 2},
        m2={End.NEVER_STARTED: 50},
    )
    asked = objective(Metric.BLACK_SCREENS, 0.3, span=Span(start=0.0, stop=120.0))
    assert found(asked, windows).measured == pytest.approx(4 / 20)


def test_every_join_minute_the_span_touches_is_looked_at() -> None:
    bad = {End.NEVER_STARTED: 1}
    asked = objective(Metric.BLACK_SCREENS, 0.0, span=Span(start=-30.0, stop=30.0))
    assert found(asked, Window(0, ends=Counter({(-1, End.NEVER_STARTED): 1}))).measured == 1.0
    assert found(asked, ends(m0=bad)).measured == 1.0
    assert found(asked, ends(m1=bad)).measured is None


def test_startup_time_is_the_quantile_asked_for_of_the_minutes_asked_about() -> None:
    window = Window(3, startup={0: times(1.0, 2.0), 1: times(3.0, 4.0), 2: times(99.0)})
    span = Span(start=0.0, stop=120.0)
    asked = objective(Metric.STARTUP_TIME, 3.0, span=span, quantile=0.5)
    assert found(asked, window).measured == pytest.approx(2.0, rel=0.01)
    assert found(objective(Metric.STARTUP_TIME, 3.0, span=span), window).measured == 4.0  # p95


def answered(second: int, *tallies: tuple[Step, Outcome, Distribution]) -> Window:
    return Window(
        second, ended={(step, outcome, False): Tally(t.count, 0, t) for step, outcome, t in tallies}
    )


def test_errors_are_a_share_of_the_requests_that_ended_in_the_span() -> None:
    bad, good = times(0.1), times(0.1, 0.1, 0.1)
    first = answered(29, (Step.HOME, Outcome.OVERLOAD, times(*[0.1] * 50)))  # before kick-off
    second = answered(30, (Step.HOME, Outcome.OVERLOAD, bad), (Step.SEGMENT, Outcome.OK, good))
    after = Span(start=0.0, stop=60.0)
    assert found(objective(Metric.ERROR_RATIO, 0.1, span=after), first, second).measured == 0.25
    of_home = objective(Metric.ERROR_RATIO, 0.1, span=after, step=Step.HOME)
    assert found(of_home, first, second).measured == 1.0


def test_policy_waiting_rooms_and_impatience_are_no_errors() -> None:
    mild = [Outcome.POLICY, Outcome.QUEUED, Outcome.CANCELED, Outcome.OK]
    window = answered(50, *((Step.HOME, outcome, times(0.1)) for outcome in mild))
    assert found(objective(Metric.ERROR_RATIO, 0.0), window).measured == 0.0


def test_response_time_is_that_of_the_step_without_what_viewers_gave_up() -> None:
    window = answered(
        50,
        (Step.HOME, Outcome.OK, times(1.0)),
        (Step.HOME, Outcome.OVERLOAD, times(2.0)),
        (Step.HOME, Outcome.CANCELED, times(30.0)),
        (Step.LICENSE, Outcome.OK, times(40.0)),
    )
    asked = objective(Metric.RESPONSE_TIME, 2.0, step=Step.HOME, quantile=0.99)
    assert found(asked, window) == Finding(objective=asked, measured=2.0)
    assert found(asked, window).passed is True


def test_the_span_is_cut_from_the_run_to_the_second() -> None:
    windows = [Window(second, watched=1.0, stalled=float(second)) for second in range(90)]
    asked = objective(Metric.STALLED_RATIO, 1.0, span=Span(start=0.0, stop=20.0))
    assert found(asked, *windows).measured == pytest.approx((30 + 31) / (30 + 31 + 2))
