"""Up to which speed a rehearsal says what the evening at its own pace would.

`speed` compresses the evening's calendar; patience and retries stay as they are. Whoever is refused keeps
trying for some seconds of their own, `trying`, and those are `trying x speed` seconds of the evening. While
an overload lasts this changes nothing: what is served is what capacity allows. When it ends, everybody still
trying is served after all. So each end of an overload lacks, against the evening at its own pace, up to

    capacity x trying x (speed - 1)

black screens, but never more than it turned away. A speed is faithful while all of these together disappear
in the sampling error of the share, half the width of its 95 % interval. (Confirmed in simulated time:
tests/paper/test_scaling.py.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

_JOINING = (Step.HOME, Step.SIGN_IN, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE)
_TENTHS = range(1, 10)
_HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """One joining step of the stack, in viewers of the real event and event seconds."""

    asked_by: Ratio
    capacity: PerSecond
    trying: Seconds  # client time for which somebody refused here goes on, on average


@dataclass(frozen=True, slots=True)
class _Overload:
    """A time during which more come to a desk than it can serve, in viewers of the real event."""

    excess: float  # turned away at their first attempt
    still_trying: float  # at most, when it ends, at speed 1

    @property
    def black(self) -> float:
        return max(0.0, self.excess - self.still_trying)

    def missing(self, speed: float) -> float:
        """Black screens too few, at most, when the evening is played `speed` times as fast."""
        return min(self.excess, self.still_trying * (speed - 1))


def faithful_up_to_speed(scenario: Scenario) -> float:
    """Highest speed at which the share of black screens is that of the evening at its own pace.

    Never below 1, and never so high that the run is shorter than the start limit, when hardly anybody's
    end would be known. A target of unknown capacity is taken to have the one most sensitive to speed.
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
    """Viewers of the real event that half the share's interval stands for."""
    played = size(scenario)
    low, high = wilson(min(played, round(black * scenario.scale)), played)
    return (high - low) / 2 * played / scenario.scale


def _arrivals(scenario: Scenario) -> list[float]:
    """Viewers of the real event in each event second of the window."""
    curve, span = evening(scenario), scenario.window
    seconds = range(int(span.stop - span.start))
    return [curve.area(span.start + second, span.start + second + 1) for second in seconds]


def _overloads(arrivals: Sequence[float], desks: Sequence[_Desk]) -> Iterator[_Overload]:
    for desk in desks:
        asked = [came * desk.asked_by for came in arrivals]
        for excess in _excesses(asked, desk.capacity):
            yield _Overload(excess, desk.capacity * desk.trying)
        turned_away = (max(0.0, a - desk.capacity) for a in asked)
        arrivals = [came - away for came, away in zip(arrivals, turned_away, strict=True)]


def _excesses(asked: Sequence[float], capacity: PerSecond) -> Iterator[float]:
    """What exceeds `capacity`, added up over each time without a pause in which something does."""
    excess = 0.0
    for came in asked:
        if came > capacity:
            excess += came - capacity
        elif excess:
            yield excess
            excess = 0.0
    if excess:
        yield excess


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
    """Mean over the crowd; `wait` is the longest one attempt may take. None: no step that refuses."""
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
