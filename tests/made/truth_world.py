"""Services drawn at random, sized for their crowd: what is then done to one is the ground truth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, log
from random import Random

from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span, Viewing
from loadtests.stack.model import EdgeCache, Stack, Station, Stream
from loadtests.units import PerSecond, Seconds
from loadtests.vocabulary import Player, Step

QUIET: Seconds = 90.0
"""Before the surge: what is usual shows here."""

RISE: Seconds = 20.0
PEAK: Seconds = 60.0
FALL: Seconds = 30.0
CALM: Seconds = 60.0
"""After it."""

LENGTH: Seconds = QUIET + RISE + PEAK + FALL + CALM
STEPS = (Step.HOME, Step.SIGN_IN, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE)

_ONE = Estimate(value=1.0, low=1.0, high=1.0)


@dataclass(frozen=True, kw_only=True)
class World:
    """One service that holds its evening: the stations' peak load is below their capacity."""

    seed: int
    quiet: PerSecond  # viewers who come in ordinary minutes
    peak: PerSecond
    scenario: Scenario

    @property
    def stack(self) -> Stack:
        assert self.scenario.stack is not None
        return self.scenario.stack

    def asked(self, step: Step, joins: PerSecond | None = None) -> PerSecond:
        """First requests of viewers at a step, a second, at the peak or at so many joins."""
        return (self.peak if joins is None else joins) * _per_join(self.scenario.devices)[step]

    def load(self, step: Step) -> float:
        """Of a station at the peak: requests ÷ capacity."""
        return self.asked(step) / self.stack.stations[step].capacity

    def with_stack(self, stack: Stack) -> "World":
        return replace(self, scenario=replace(self.scenario, stack=stack))

    def with_station(self, step: Step, station: Station) -> "World":
        stations = {**self.stack.stations, step: station}
        return self.with_stack(replace(self.stack, stations=stations))

    def loaded(self, step: Step, load: float) -> "World":
        """The same, but for a station of a size that makes this its load at the peak."""
        factor = self.load(step) / load
        return self.with_station(step, self.stack.stations[step].sized(factor))

    def flat(self, joins: PerSecond) -> "World":
        """The same service with an evening without a surge."""
        surge = Surge(shape=Shape.STEADY, start=0.0, stop=LENGTH, share=1.0)
        changed = replace(self.scenario, audience=_audience(joins * LENGTH), arrivals=(surge,))
        return replace(self, quiet=joins, peak=joins, scenario=changed)

    def anew(self, seed: int) -> "World":
        """Another evening of the same class: the same crowd, dealt anew."""
        return replace(self, scenario=replace(self.scenario, seed=seed))


def draw(seed: int) -> World:
    """The service numbered `seed`."""
    random = Random(seed)  # noqa: S311 - a draw, not a secret
    peak = between(random, 15.0, 35.0)
    quiet = peak / between(random, 2.5, 6.0)
    devices = _devices(random)
    scenario = Scenario(
        name=f"drawn-{seed}",
        title="a service drawn at random",
        event=Event(name="Match", kick_off="2022-09-06 21:00"),
        audience=_audience(_viewers(quiet, peak)),
        scale=1.0,
        speed=1.0,
        window=Span(start=0.0, stop=LENGTH),
        arrivals=_arrivals(quiet, peak),
        devices=devices,
        seed=seed,
        viewing=Viewing(until=LENGTH, early=0.9, early_stay=12.0),
        stack=_stack(random, peak, devices),
    )
    return World(seed=seed, quiet=quiet, peak=peak, scenario=scenario)


def between(random: Random, low: float, high: float) -> float:
    """Evenly on a logarithmic scale."""
    return exp(random.uniform(log(low), log(high)))


def _viewers(quiet: PerSecond, peak: PerSecond) -> float:
    more = peak - quiet
    return quiet * LENGTH + more * (RISE / 2 + PEAK + FALL / 2)


def _audience(viewers: float) -> Audience:
    return Audience(published=round(viewers), people_per_account=_ONE, share_on_app=_ONE)


def _arrivals(quiet: PerSecond, peak: PerSecond) -> tuple[Surge, ...]:
    whole, more = _viewers(quiet, peak), peak - quiet
    up, top, down = QUIET, QUIET + RISE, QUIET + RISE + PEAK
    return (
        Surge(shape=Shape.STEADY, start=0.0, stop=LENGTH, share=quiet * LENGTH / whole),
        Surge(shape=Shape.RISE, start=up, stop=top, share=more * RISE / 2 / whole),
        Surge(shape=Shape.STEADY, start=top, stop=down, share=more * PEAK / whole),
        Surge(shape=Shape.FALL, start=down, stop=down + FALL, share=more * FALL / 2 / whole),
    )


def _devices(random: Random) -> dict[str, Device]:
    weights = [random.uniform(0.2, 1.0) for _ in range(random.randint(1, 3))]
    return {
        f"device_{number}": Device(
            share=weight / sum(weights),
            player=random.choice([Player.HLS_JS, Player.SHAKA, Player.MEDIA3, Player.AVPLAYER]),
            signs_in=random.uniform(0.25, 0.8),
            patience=Patience(none_before=5.0, leaving_per_second=0.03, at_most=0.5),
            human_retry=HumanRetry(times=random.randint(0, 2), after=random.uniform(5.0, 10.0)),
        )
        for number, weight in enumerate(weights)
    }


def _per_join(devices: Mapping[str, Device]) -> Mapping[Step, float]:
    signs_in = sum(device.share * device.signs_in for device in devices.values())
    return dict.fromkeys(STEPS, 1.0) | {Step.SIGN_IN: signs_in, Step.REFRESH: 1 - signs_in}


def _stack(random: Random, peak: PerSecond, devices: Mapping[str, Device]) -> Stack:
    asked = _per_join(devices)
    stations = {
        step: _station(random, peak * asked[step] / random.uniform(0.3, 0.7)) for step in STEPS
    }
    return Stack(
        stations=stations,
        stream=Stream(target_duration=4.0, bit_rates=(20_000.0,)),
        cache=EdgeCache(),
    )


def _station(random: Random, capacity: PerSecond) -> Station:
    time = between(random, 0.02, 0.3)
    servers = max(1, round(capacity * time))
    rest = max(0.0, servers / capacity - time)
    queue = max(3, round(capacity * between(random, 0.5, 4.0)))
    return Station(
        servers=servers, service_time=min(time, servers / capacity), rest=rest, queue=queue
    )
