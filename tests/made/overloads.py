"""Stacks whose knees are known by construction, their signatures, and overloads drawn by a seed."""

from dataclasses import dataclass, replace

from loadtests.chance import Chance
from loadtests.diagnosis.black_screens import black, decided
from loadtests.diagnosis.signature import VERSION, Demand, Figure, Signature
from loadtests.paper.plan.losses import Expected, expected
from loadtests.paper.plan.night import night
from loadtests.paper.simulate import simulate
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario, Span
from loadtests.scenario.read import read_scenario
from loadtests.stack.model import Stack, Station, WaitingRoom
from loadtests.vocabulary import Step

PEAKS = {  # of the match, in requests a second of the event
    Step.HOME: 1630.0,
    Step.SIGN_IN: 790.0,
    Step.REFRESH: 845.0,
    Step.ENTITLEMENT: 1630.0,
    Step.SESSION: 1630.0,
    Step.LICENSE: 1630.0,
}


def figure(value: float, *, spread: float = 0.0, at_least: bool = False) -> Figure:
    """A knee whose interval reaches so far either way."""
    high = None if at_least else value * (1 + spread)
    return Figure(
        value=value, low=value * (1 - spread), high=high, unit="requests/s", at_least=at_least
    )


def signed(scenario: Scenario, *, spread: float = 0.0) -> Signature:
    """What a perfect capacity search would write about the scenario's own stack."""
    stack = scenario.embedded_stack
    assert stack is not None
    return Signature(
        version=VERSION,
        scenario=scenario.name,
        variant=scenario.variant,
        target="the embedded stack",
        created="2026-11-23T00:00:00+00:00",
        matchnight="0",
        build="",
        topology="",
        replicas={},
        knee={s: figure(at.capacity, spread=spread) for s, at in stack.stations.items()},
        joins={},
        demand={step: _demand(station) for step, station in stack.stations.items()},
        mix={},
        steady=True,
        drift=None,
        target_duration=4.0,
        bit_rate=None,
        scale=scenario.scale,
        speed=scenario.speed,
    )


def _demand(station: Station) -> Demand:
    return Demand(
        per_join=1.0,
        response_time=station.service_time,
        cost=1.0,
        bytes=100.0,
        waits_up_to=station.queue / station.capacity,
        refuses=True,
    )


def on_paper(scenario: Scenario, *, spread: float = 0.0) -> Expected:
    """The black screens of the scenario's window, in expected values."""
    stack = scenario.embedded_stack
    assert stack is not None
    room = stack.waiting_room
    return expected(
        night(scenario, speed=scenario.speed, window=scenario.window),
        signed(scenario, spread=spread),
        scenario,
        room=room and replace(room, admit=room.admit / scenario.scale),
    )


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One share of black screens, reckoned and simulated."""

    reckoned: float
    simulated: float

    @property
    def apart(self) -> float:
        return self.reckoned - self.simulated

    @property
    def agrees(self) -> bool:
        """Within two points, or a tenth of the share."""
        return abs(self.apart) <= max(0.02, 0.1 * self.simulated)


def pair(scenario: Scenario) -> Pair:
    reckoned = on_paper(scenario).share
    assert reckoned is not None
    total = simulate(scenario).total
    met = black(total, scenario.black_screens)
    return Pair(reckoned=reckoned.value, simulated=met / decided(total))


def drawn(seed: int, *, scale: float) -> Scenario:
    """The match on a stack with one or two bottlenecks, at times behind a waiting room.

    Its viewers are as impatient and as insistent as the seed says.
    """
    chance = Chance(seed, 7)
    speed = chance.between(1.0, 5.0)
    match = read_scenario(find("psg-juventus"), variant="none", scale=scale, speed=speed, seed=seed)
    human = HumanRetry(times=int(chance.between(0, 4)), after=chance.between(2, 10))
    patience = Patience(
        none_before=chance.between(2, 7),
        leaving_per_second=chance.between(0.01, 0.06),
        at_most=chance.between(0.3, 0.7),
    )
    devices = {
        name: replace(device, human_retry=human, patience=patience)
        for name, device in match.devices.items()
    }
    window = Span(start=-chance.between(240, 360), stop=chance.between(120, 420))
    stack = _stack(match, chance, scale * speed)
    return replace(match, devices=devices, window=window, stack=stack, stack_sized_for=None)


def _stack(match: Scenario, chance: Chance, pace: float) -> Stack:
    assert match.stack is not None
    steps = list(PEAKS)
    tight = {steps[int(chance.between(0, len(steps)))] for _ in range(1 + (chance.uniform() < 0.4))}
    room = None
    if chance.uniform() < 0.3:
        admit = max(PEAKS.values()) * pace * chance.between(0.2, 1.0)
        room = WaitingRoom(admit=admit, retry_after=float(int(chance.between(2, 10))))
    return replace(
        match.stack,
        stations={step: _station(PEAKS[step] * pace, chance) for step in sorted(tight)},
        waiting_room=room,
        # those who watch are of no interest here, and ask for little
        stream=replace(match.stack.stream, target_duration=60.0),
    )


def _station(peak: float, chance: Chance) -> Station:
    capacity = peak * chance.between(0.1, 1.0)
    service_time = (0.05, 0.2, 0.7, 1.5)[int(chance.between(0, 4))]
    servers = max(1, round(capacity * service_time))
    queue = round(capacity * (0.2, 1.0, 3.0)[int(chance.between(0, 3))])
    return Station(servers=servers, service_time=servers / capacity, queue=max(1, queue))
