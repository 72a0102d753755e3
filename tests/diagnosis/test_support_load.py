"""The desk's figures of a run, from the facts its windows count."""

from collections import Counter, defaultdict
from dataclasses import replace
from math import inf, log

import pytest

from loadtests.chance import Chance
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.erlang import agents_needed, erlang_b, mean_wait
from loadtests.diagnosis.support_load import Measured, SupportLoad, support_load
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import Calls
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Sizing, Span
from loadtests.stack.model import Stack
from loadtests.stack.policies import Message, SupportDesk
from loadtests.stack.support_desk import By, Switchboard
from loadtests.vocabulary import Fact, Outcome, Player, Step

ONE = Estimate(value=1.0, low=1.0, high=1.0)
HOTLINE = Scenario(
    name="hotline",
    title="everybody calls",
    event=Event(name="An outage", kick_off="2026-05-30 21:00"),
    audience=Audience(published=1_000_000, people_per_account=ONE, share_on_app=ONE),
    scale=1 / 100,
    speed=5.0,
    window=Span(start=0.0, stop=600_000.0),
    arrivals=(Surge(shape=Shape.STEADY, start=0.0, stop=600_000.0, share=1.0),),
    devices={"tv": Device(share=1.0, player=Player.SHAKA, signs_in=1.0)},
)
_ENDS = {
    By.AGENT: Fact.CALL_ANSWERED,
    By.MESSAGE: Fact.CALL_INFORMED,
    By.NOBODY: Fact.CALL_ABANDONED,
}


def with_desk(desk: SupportDesk, scenario: Scenario = HOTLINE) -> Scenario:
    return replace(scenario, stack=Stack(stations={}, support=desk))


def played(
    scenario: Scenario, pieces: list[tuple[float, float]], *, patience: float = inf
) -> Timeline:
    """A run of Poisson callers: so many per second for so many seconds, one piece after another."""
    stack = scenario.embedded_stack
    assert stack is not None
    assert stack.support is not None
    switchboard, chance = Switchboard(stack.support), Chance(7)
    windows: defaultdict[int, Window] = defaultdict(lambda: Window(0))
    now = over = 0.0
    for rate, seconds in pieces:
        over += seconds
        while now < over:
            now -= log(1 - chance.uniform()) / rate
            waits = inf if patience == inf else -log(1 - chance.uniform()) * patience
            call = switchboard.offer(now, scenario.offset(now), waits)
            windows[int(now)].facts[Fact.CALLED] += 1
            fact = Fact.CALL_BLOCKED if call is None else _ENDS[call.by]
            waited = call.waited if call else 0.0
            window = windows[int(now + waited)]
            window.facts[fact] += 1
            outcome = Outcome.OVERLOAD if call is None else Outcome.OK
            tally = window.ended.setdefault((Step.SUPPORT, outcome, False), Tally())
            tally.count += 1
            tally.times.add(waited)
    for second, window in windows.items():
        window.second = second
    return Timeline(windows.values())


def found(scenario: Scenario, timeline: Timeline) -> SupportLoad:
    load = support_load(scenario, timeline)
    assert load is not None
    return load


def counted(seconds: int = 1, **facts: int) -> Timeline:
    """The same facts in each of so many seconds."""
    told = Counter({Fact(name): n for name, n in facts.items()})
    return Timeline(Window(second, facts=told.copy()) for second in range(seconds))


def test_there_is_no_desk_to_speak_of_where_nobody_called() -> None:
    desk = SupportDesk(agents=1, lines=1, handle_time=1.0)
    assert support_load(with_desk(desk), Timeline([Window(0), Window(1)])) is None


def test_calls_are_counted_even_if_nobody_knows_the_desk() -> None:
    load = found(HOTLINE, counted(called=10, redialed=3, call_blocked=5, call_answered=5))
    assert (load.calls, load.redials, load.blocked, load.answered) == (10, 3, 5, 5)
    assert load.measured == Measured(blocking=0.5, abandoned=0.0, wait=0.0)
    assert (load.expected, load.offered, load.busiest, load.real) == (None, None, None, None)


def test_where_all_were_blocked_nobody_waited() -> None:
    load = found(HOTLINE, counted(called=10, call_blocked=10))
    assert load.measured == Measured(blocking=1.0, abandoned=None, wait=None)


def test_what_is_offered_is_calls_times_handle_time_whoever_gets_through() -> None:
    desk = SupportDesk(agents=2, lines=2, handle_time=20.0)
    load = found(with_desk(desk), counted(100, called=3, call_blocked=2, call_answered=1))
    assert load.offered == load.busiest == pytest.approx(60.0)


def test_the_real_desk_is_counted_back_by_scale_and_speed_without_redials() -> None:
    desk = SupportDesk(agents=2, lines=2, handle_time=20.0)
    scenario = with_desk(desk)
    load = found(scenario, counted(100, called=3, redialed=1, call_answered=3))
    assert load.real is not None
    # 2 first calls a second are 0.4 an event second, 40 of the real crowd
    assert load.real.offered == load.real.busiest == pytest.approx(40 * 20.0)
    assert load.real.agents == agents_needed(800.0, 20.0)


def test_the_desk_is_the_one_sized_for_the_rehearsal() -> None:
    desk = SupportDesk(agents=20, lines=20, handle_time=20.0)
    sized = replace(with_desk(desk), stack_sized_for=Sizing(scale=1 / 50, speed=10.0))
    load = found(sized, counted(500, called=1, call_answered=1))
    assert load.expected is not None
    assert load.expected.blocking == pytest.approx(erlang_b(20.0, 5))


@pytest.mark.parametrize(("agents", "rate"), [(2, 15.0), (10, 150.0)])
def test_without_patience_or_redial_blocking_is_erlang_b(agents: int, rate: float) -> None:
    scenario = with_desk(SupportDesk(agents=agents, lines=agents, handle_time=0.1))
    load = found(scenario, played(scenario, [(rate, 60_000 / rate)]))
    assert load.expected is not None
    assert load.expected.blocking == pytest.approx(erlang_b(rate / 10, agents), rel=0.03)
    assert load.measured.blocking == pytest.approx(load.expected.blocking, rel=0.05)


@pytest.mark.parametrize(("agents", "rate"), [(1, 5.0), (3, 18.0)])
def test_without_patience_or_redial_waiting_is_erlang_c(agents: int, rate: float) -> None:
    scenario = with_desk(SupportDesk(agents=agents, lines=500, handle_time=0.1))
    load = found(scenario, played(scenario, [(rate, 120_000 / rate)]))
    assert load.expected is not None
    assert load.expected.wait is not None
    assert load.expected.wait == pytest.approx(mean_wait(rate / 10, agents, 0.1), rel=0.03)
    assert load.measured.wait == pytest.approx(load.expected.wait, rel=0.05)
    assert load.measured.blocking == 0


def test_patience_is_expected_as_callers_have_it() -> None:
    scenario = replace(
        with_desk(SupportDesk(agents=3, lines=9, handle_time=1.0)), calls=Calls(patience=0.8)
    )
    load = found(scenario, played(scenario, [(6.0, 10_000.0)], patience=0.8))
    assert load.expected is not None
    for name in ("blocking", "abandoned", "wait"):
        expected = getattr(load.expected, name)
        assert getattr(load.measured, name) == pytest.approx(expected, rel=0.05)


def test_a_message_spares_the_desk_until_it_fails() -> None:
    message = Message(satisfies=0.6, length=0.2, fails=(20_000.0, 60_000.0))
    scenario = with_desk(SupportDesk(agents=8, lines=12, handle_time=1.0, message=message))
    timeline = played(scenario, [(10.0, 12_000.0)])  # two thirds of it without the message
    load = found(scenario, timeline)
    assert load.expected is not None
    assert load.measured.blocking == pytest.approx(load.expected.blocking, rel=0.05)
    assert load.measured.wait == pytest.approx(load.expected.wait, rel=0.05)
    assert load.busiest == pytest.approx(10.0, rel=0.02)
    assert load.offered == pytest.approx(10.0 * (2 + 0.4) / 3, rel=0.02)


def test_a_wave_of_calls_is_held_against_its_own_rate_not_the_evenings() -> None:
    scenario = with_desk(SupportDesk(agents=10, lines=10, handle_time=1.0))
    load = found(scenario, played(scenario, [(3.0, 4_000.0), (40.0, 800.0), (3.0, 4_000.0)]))
    assert load.expected is not None
    assert load.busiest == pytest.approx(40.0, rel=0.05)
    assert load.measured.blocking == pytest.approx(load.expected.blocking, rel=0.05)
    assert load.offered is not None
    assert load.measured.blocking is not None
    assert load.measured.blocking > 2 * erlang_b(load.offered, 10)


def test_a_second_before_the_message_fails_is_not_the_busiest_of_the_evening() -> None:
    # it fails one second after the first call, and 40 call at once
    message = Message(satisfies=0.5, length=1.0, fails=(5.0, 60_000.0))
    desk = SupportDesk(agents=8, lines=12, handle_time=10.0, message=message)
    windows = [Window(0, facts=Counter({Fact.CALLED: 40}))]
    windows += [Window(second, facts=Counter({Fact.CALLED: 1})) for second in range(1, 60)]
    load = found(with_desk(desk), Timeline(windows))
    assert load.busiest == pytest.approx(10.0)


def test_a_run_still_under_way_has_figures_too() -> None:
    desk = SupportDesk(agents=2, lines=2, handle_time=20.0)
    load = found(with_desk(desk), counted(called=1))
    assert load.offered == pytest.approx(20.0)
    assert load.measured == Measured(blocking=0.0, abandoned=None, wait=None)
