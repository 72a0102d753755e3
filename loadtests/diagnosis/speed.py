"""Up to which speed a rehearsal says what the evening at its own pace would.

`speed` compresses the evening's calendar; patience and retries stay as they are. Whoever is refused
keeps trying for some seconds of their own, `trying`, and those are `trying x speed` seconds of the
evening. While an overload lasts this changes nothing: what is served is what capacity allows. When
it ends, everybody still trying is served after all. So, against the evening at its own pace, each
overload that ends lacks up to

    capacity x trying x (speed - 1)

black screens, though never more than it turned away. Where the window is over before they have
stopped trying, those still trying are lacking too: their end is not known, and most are black.

A speed is faithful while all of these together stay within TOLERANCE of the share's 95 % interval.
Simulated time agrees (tests/paper/test_scaling.py); over random crowds, capacities and patience the
lacking share found was 0.75 times the one said here in the median, and 1.5 times it at the 95th
percentile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from loadtests.audience.crowd import size
from loadtests.audience.curve import evening
from loadtests.behavior.players import PROFILES, Retry
from loadtests.behavior.steps import Fetch, Reply, Timeouts
from loadtests.chance import Chance
from loadtests.diagnosis.interval import wilson
from loadtests.scenario.model import Device, Patience, Scenario
from loadtests.stack.model import Stack
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import End, Outcome, Step

TOLERANCE: Ratio = 1 / 3
"""Of the whole interval: two thirds of what is found to either side of the share."""

_JOINING = (Step.HOME, Step.SIGN_IN, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE)
_TENTHS = range(1, 10)
_HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """One joining step of the stack, in viewers of the real event and event seconds."""

    asked_by: Ratio
    capacity: PerSecond
    trying: Seconds  # client time for which somebody refused here goes on, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overload:
    """A time during which more come to a desk than it can serve."""

    excess: Sequence[float]  # turned away at their first attempt, in each event second
    desk: _Desk
    calm: Seconds  # event time from its end to the end of the window; 0: it lasts longer

    @property
    def black(self) -> float:
        """Viewers it costs, about: at its end those still trying are served."""
        return max(0.0, sum(self.excess) - self.desk.capacity * self.desk.trying)

    def missing(self, speed: float) -> float:
        """Black screens too few, at most, when the evening is played `speed` times as fast."""
        late = self.desk.capacity * self.desk.trying * (speed - 1) if self.calm else 0.0
        unknown = self._undecided(speed) - self._undecided(1.0)
        return min(sum(self.excess), late + unknown)

    def _undecided(self, speed: float) -> float:
        last = round(self.desk.trying * speed - self.calm)
        return sum(self.excess[-last:]) if last > 0 else 0.0


def faithful_up_to_speed(scenario: Scenario) -> float:
    """Highest speed at which the share of black screens is that of the evening at its own pace.

    Never below 1, and never so high that the run is shorter than the start limit, when hardly
    anybody's end would be known. A target of unknown capacity is taken to have the capacity most
    sensitive to speed.
    """
    span = scenario.window
    highest = max(1.0, (span.stop - span.start) / max(1.0, scenario.start_limit))
    arrivals = _arrivals(scenario)
    stack = scenario.embedded_stack
    if stack is not None:
        return _limit(scenario, list(_overloads(arrivals, _desks(scenario, stack))), highest)
    peak = max(arrivals, default=0.0)
    trying = _mean_trying(scenario, None, wait=scenario.start_limit)
    gates = (_Desk(asked_by=1.0, capacity=peak * n / 10, trying=trying) for n in _TENTHS)
    return min(_limit(scenario, list(_overloads(arrivals, [gate])), highest) for gate in gates)


def _limit(scenario: Scenario, overloads: Sequence[_Overload], highest: float) -> float:
    allowed = _tolerance(scenario, sum(overload.black for overload in overloads))
    low, high = 1.0, highest
    if sum(overload.missing(high) for overload in overloads) <= allowed:
        return high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        fits = sum(overload.missing(middle) for overload in overloads) <= allowed
        low, high = (middle, high) if fits else (low, middle)
    return low


def _tolerance(scenario: Scenario, black: float) -> float:
    """Viewers of the real event that so much of the share's interval stands for."""
    played = size(scenario)
    low, high = wilson(min(played, round(black * scenario.scale)), played)
    return TOLERANCE * (high - low) * played / scenario.scale


def _arrivals(scenario: Scenario) -> list[float]:
    """Viewers of the real event in each event second of the window."""
    curve, span = evening(scenario), scenario.window
    seconds = range(int(span.stop - span.start))
    return [curve.area(span.start + second, span.start + second + 1) for second in seconds]


def _overloads(arrivals: Sequence[float], desks: Sequence[_Desk]) -> Iterator[_Overload]:
    """Desk by desk: one is asked only by those whom the desks before it did not turn away."""
    for desk in desks:
        excess = [max(0.0, came * desk.asked_by - desk.capacity) for came in arrivals]
        start = 0
        for is_over, group in groupby(excess, key=bool):
            stop = start + len(list(group))
            if is_over:
                calm = float(len(excess) - stop)
                yield _Overload(excess=excess[start:stop], desk=desk, calm=calm)
            start = stop
        arrivals = [came - away for came, away in zip(arrivals, excess, strict=True)]


def _desks(scenario: Scenario, stack: Stack) -> list[_Desk]:
    pace = scenario.scale * scenario.speed
    desks = []
    if stack.waiting_room is not None:
        trying = _mean_trying(scenario, None, wait=scenario.start_limit)
        admit = stack.waiting_room.admit / pace
        desks.append(_Desk(asked_by=1.0, capacity=admit, trying=trying))
    for step in _JOINING:
        station = stack.stations.get(step)
        if station is not None:
            trying = _mean_trying(scenario, step, wait=station.queue / station.capacity)
            asked_by = _asked_by(scenario, step)
            desks.append(_Desk(asked_by=asked_by, capacity=station.capacity / pace, trying=trying))
    return desks


def _asked_by(scenario: Scenario, step: Step) -> Ratio:
    signs_in = sum(device.share * device.signs_in for device in scenario.devices.values())
    return {Step.SIGN_IN: signs_in, Step.REFRESH: 1 - signs_in}.get(step, 1.0)


def _mean_trying(scenario: Scenario, step: Step | None, *, wait: Seconds) -> Seconds:
    """Mean over the crowd; one attempt may take up to `wait`. No `step`: nobody is refused."""
    late_is_black = End.STARTED_LATE in scenario.black_screens
    limit = scenario.start_limit if late_is_black else scenario.window.stop - scenario.window.start
    return sum(
        device.share * _expected(device.patience, min(limit, _retrying(device, step, wait, limit)))
        for device in scenario.devices.values()
    )


def _retrying(device: Device, step: Step | None, wait: Seconds, limit: Seconds) -> Seconds:
    """How long the device and its owner go on together if every attempt is refused after `wait`."""
    human = device.human_retry
    attempt = wait
    if step is not None:
        retry = PROFILES[device.player].manners[step].retry
        attempt += _retrying_by_itself(retry, step, wait, limit)
    return human.times * human.after + (human.times + 1) * attempt


def _retrying_by_itself(retry: Retry, step: Step, wait: Seconds, limit: Seconds) -> Seconds:
    refused = Reply(Fetch(step, "http://nowhere.invalid/", Timeouts(limit, limit, limit)), 0.0)
    refused.status, refused.outcome = 503, Outcome.OVERLOAD
    spent, failed, chance = 0.0, 1, Chance(0)
    while spent < limit:
        delay = retry(failed, refused, chance)
        if delay is None:
            break
        spent += max(delay, 1.0) + wait  # a device that retries at once is no endless loop here
        failed += 1
    return spent


def _expected(patience: Patience, trying: Seconds) -> Seconds:
    """Mean of the shorter of the two: how long somebody lasts who may give up before."""
    if trying <= patience.none_before or patience.leaving_per_second == 0:
        return trying
    leaving = patience.at_most / patience.leaving_per_second  # from the first to the last to go
    further = trying - patience.none_before
    among = min(further, leaving)
    gone_for = patience.leaving_per_second * among * (further - among / 2)
    return trying - gone_for
