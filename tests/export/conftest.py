"""A synthetic evening, second by second and without chance: sign-in holds so many a second."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from loadtests.audience import crowd
from loadtests.collect.distribution import Distribution
from loadtests.collect.health import Pulse
from loadtests.collect.recorder import minute_of
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.export.archive import Event, Manifest, Run
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import (
    Audience,
    Device,
    Estimate,
    Limit,
    Mark,
    Metric,
    Objective,
    Scenario,
    Span,
)
from loadtests.scenario.model import Event as LiveEvent
from loadtests.stack.model import Stack as Reference
from loadtests.stack.model import Station
from loadtests.vocabulary import End, Outcome, Player, Step

START = 1_789_000_000.0

SCENARIO = Scenario(
    name="psg-juventus",
    variant="a",
    title="PSG-Juventus, demand above capacity at sign-in",
    event=LiveEvent(
        name="PSG-Juventus",
        kick_off="2022-09-06 21:00",
        marks=(Mark(at=300.0, label="goal 1-0"), Mark(at=1320.0, label="goal 2-0")),
    ),
    audience=Audience(
        published=2_300_000,
        people_per_account=Estimate(value=1.5, low=1.0, high=2.5),
        share_on_app=Estimate(value=0.15, low=0.08, high=0.3),
    ),
    scale=1 / 200,
    speed=1.0,
    window=Span(start=-240.0, stop=360.0),
    arrivals=(
        Surge(shape=Shape.STEADY, start=-1800.0, stop=-180.0, share=0.25),
        Surge(shape=Shape.RUSH, start=-180.0, stop=0.0, share=0.45),
        Surge(shape=Shape.FALL, start=0.0, stop=600.0, share=0.2),
        Surge(shape=Shape.WAVE, start=300.0, stop=480.0, share=0.1),
    ),
    devices={"phone": Device(share=1.0, player=Player.HLS_JS, signs_in=0.4)},
    stack=Reference(stations={Step.SIGN_IN: Station(servers=8, service_time=10.0, queue=40)}),
    objectives=(
        Objective(
            name="black screens around kick-off",
            metric=Metric.BLACK_SCREENS,
            at_most=Limit(value=0.02, kind="ratio"),
            between=Span(start=-300.0, stop=600.0),
        ),
        Objective(
            name="startup time p95",
            metric=Metric.STARTUP_TIME,
            at_most=Limit(value=10.0, kind="seconds"),
            between=Span(start=-300.0, stop=600.0),
            quantile=0.95,
        ),
        Objective(
            name="errors of playlists",
            metric=Metric.ERROR_RATIO,
            at_most=Limit(value=0.001, kind="ratio"),
            between=Span(start=-300.0, stop=600.0),
            step=Step.PLAYLIST,
        ),
    ),
)


@dataclass(slots=True)
class Stack:
    """What the synthetic evening is played against; `seconds` of it."""

    capacity: float = 0.8  # sign-ins a second
    broken_from: int = 10**9  # second from which every entitlement fails
    lag: float = 0.002
    seconds: int = 600
    backlog: float = 0.0
    watching: float = 0.0
    carry: dict[str, float] = field(default_factory=dict)

    def whole(self, name: str, value: float) -> int:
        """`value` as a whole number; what is cut off counts the next time."""
        self.carry[name] = self.carry.get(name, 0.0) + value
        number = int(self.carry[name])
        self.carry[name] -= number
        return number


def _times(count: int, middle: float) -> Distribution:
    times = Distribution()
    for i in range(count):
        times.add(middle * (0.7 + 1.2 * ((i * 7919) % 97) / 97))
    return times


def _ask(
    window: Window,
    step: Step,
    count: int,
    middle: float,
    outcome: Outcome = Outcome.OK,
    *,
    retry: bool = False,
) -> None:
    if count:
        window.sent[step, retry] += count
        tally = window.ended.setdefault((step, outcome, retry), Tally())
        tally.merge(Tally(count, 900 * count, _times(count, middle)))


def _second(scenario: Scenario, stack: Stack, second: int, joins: float) -> Window:
    window = Window(second, workers=1, cpu=0.41, sockets=int(stack.watching) + 40)
    minute = minute_of(scenario.offset(second))
    arrived = stack.whole("arrived", joins)
    window.arrived[minute] = arrived
    window.lag = _times(max(arrived, 1), stack.lag)
    stack.backlog = max(0.0, stack.backlog + 0.4 * arrived - stack.capacity)
    wait = stack.backlog / stack.capacity
    refused = stack.whole("refused", 0.4 * arrived * min(0.95, wait / 4))
    lost = stack.whole("broken", 0.9 * arrived) if second >= stack.broken_from else 0
    _join(window, arrived, refused, wait)
    if lost:
        _ask(window, Step.ENTITLEMENT, lost, 2.1, Outcome.SERVER_ERROR)
    policy = min(arrived - max(lost, refused), stack.whole("policy", 0.01 * arrived))
    ends = {
        End.NEVER_STARTED: max(lost, refused // 2),
        End.LEFT_WAITING: 0 if lost else refused // 3,
        End.STARTED_LATE: 0 if lost else refused - refused // 2 - refused // 3,
        End.REFUSED: policy,
    }
    undecided = 3 if second == stack.seconds - 1 else 0
    ends[End.IN_TIME] = max(0, arrived - sum(ends.values()) - undecided)
    for end, number in ends.items():
        if number:
            window.ends[minute, end] = number
    started = ends[End.IN_TIME] + ends[End.STARTED_LATE]
    window.startup[minute] = _times(started, 1.4 + wait)
    _watch(window, stack, started)
    return window


def _join(window: Window, arrived: int, refused: int, wait: float) -> None:
    signs_in = int(0.4 * arrived)
    _ask(window, Step.HOME, arrived, 0.012)
    _ask(window, Step.SIGN_IN, max(0, signs_in - refused), 0.05 + wait)
    _ask(window, Step.SIGN_IN, refused, 0.004, Outcome.OVERLOAD)
    _ask(window, Step.SIGN_IN, refused // 2, 0.006, Outcome.OVERLOAD, retry=True)
    _ask(window, Step.REFRESH, arrived - signs_in, 0.021)
    through = max(0, arrived - refused)
    for step, middle in ((Step.ENTITLEMENT, 0.03), (Step.SESSION, 0.04), (Step.LICENSE, 0.06)):
        _ask(window, step, through, middle)
    _ask(window, Step.MASTER, through, 0.004)
    _ask(window, Step.INIT, through, 0.006)
    window.connections = arrived


def _watch(window: Window, stack: Stack, started: int) -> None:
    window.left = min(int(stack.watching), stack.whole("left", stack.watching * 0.002))
    stack.watching += started - window.left
    for step, share, middle in (
        (Step.PLAYLIST, 0.25, 0.005),
        (Step.SEGMENT, 0.25, 0.03),
        (Step.HEARTBEAT, 0.033, 0.004),
    ):
        _ask(window, step, stack.whole(step, stack.watching * share), middle)
    window.watched = stack.watching
    window.stalled = stack.watching * 0.004
    window.stalls = window.stalled_viewers = stack.whole("stalls", stack.watching * 0.001)
    window.bits_watched = stack.watching * 40_000
    window.live_latency = _times(int(stack.watching) // 4, 14.0)
    window.playlist_age = _times(int(stack.watching) // 4, 2.2)
    window.in_flight = 5 + int(stack.backlog)


def played(scenario: Scenario, stack: Stack) -> Timeline:
    """The evening as this stack would have served it."""
    joins = crowd.planned(scenario)
    seconds = range(min(stack.seconds, len(joins)))
    return Timeline(_second(scenario, stack, second, joins[second]) for second in seconds)


class Rehearsal:
    """Makes runs, as `read_run` would have read them."""

    def __call__(
        self,
        stack: Stack,
        *,
        scenario: Scenario = SCENARIO,
        stopped: str | None = "finished",
        embedded: bool = True,
        problem: str = "",
    ) -> Run:
        """Plays `scenario` against `stack`; `problem` is what the tester confesses."""
        timeline = played(scenario, stack)
        events = [Event(kind="started", at=START, facts={})]
        if problem:
            events.append(Event(kind="tester", at=START + 300, facts={"problem": problem}))
        if stopped:
            at = START + len(timeline)
            events.append(Event(kind="stopped", at=at, facts={"reason": stopped}))
        return Run(
            folder=Path(),
            manifest=_manifest(scenario, embedded=embedded),
            scenario=scenario,
            timeline=timeline,
            events=events,
            pulses=[
                Pulse(time=START + second, lag=0.003, cpu=0.3)
                for second in range(len(timeline) + 1)
            ],
            damaged=[],
        )


def _manifest(scenario: Scenario, *, embedded: bool) -> Manifest:
    return Manifest(
        scenario=scenario.name,
        variant=scenario.variant,
        target="http://127.0.0.1:8080",
        embedded=embedded,
        created="2026-11-22T19:30:00+00:00",
        command=["matchnight", "rehearse", scenario.name, "--variant", "a"],
        matchnight="0.1.0",
    )


@pytest.fixture(scope="session")
def rehearse() -> Rehearsal:
    return Rehearsal()


@pytest.fixture(scope="session")
def overloaded(rehearse: Rehearsal) -> Run:
    """Sign-in holds less than kick-off asks for."""
    return rehearse(Stack(capacity=0.8))


@pytest.fixture(scope="session")
def healthy(rehearse: Rehearsal) -> Run:
    """A real target that holds everything."""
    return rehearse(Stack(capacity=1e6), embedded=False)


@pytest.fixture(scope="session")
def terrible(rehearse: Rehearsal) -> Run:
    """Nearly nobody starts, and the tester was at its own limit."""
    problem = "worker 2 ran at 100 % of a core for 41 s"
    return rehearse(Stack(capacity=0.2, broken_from=120, lag=0.3), problem=problem)


@pytest.fixture(scope="session")
def killed(rehearse: Rehearsal) -> Run:
    """Cut short after kick-off."""
    return rehearse(Stack(seconds=370), stopped=None)


@pytest.fixture(scope="session")
def empty(rehearse: Rehearsal) -> Run:
    """Killed before its first second was written."""
    return rehearse(Stack(seconds=0), stopped=None)


@pytest.fixture(scope="session")
def two_hours(rehearse: Rehearsal) -> Run:
    """Two hours at the evening's own pace."""
    window = Span(start=-1800.0, stop=5400.0)
    scenario = replace(SCENARIO, window=window)
    return rehearse(Stack(capacity=0.8, seconds=7200), scenario=scenario)
