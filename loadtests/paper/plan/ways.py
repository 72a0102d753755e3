"""The crowd by the way it takes: viewers who ask the same desks and try again alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import ceil, inf

from loadtests.audience.curve import Curve
from loadtests.audience.draws import among
from loadtests.audience.errands import Errand, errands
from loadtests.behavior.player_rules import Retry
from loadtests.behavior.players import PROFILES
from loadtests.behavior.session import HASTE
from loadtests.behavior.steps import Fetch, Reply
from loadtests.chance import Chance
from loadtests.diagnosis.speed import TO_WATCH
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.scenario.model import Device, Scenario
from loadtests.units import Offset, Ratio, Seconds
from loadtests.vocabulary import Outcome, Purpose, Step

ROOM = "waiting_room"
"""The place before every step, where there is one."""

_STREAM = (Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT)
_PARTS = 4  # of a person's pause, which is spread evenly


@dataclass(frozen=True, slots=True)
class Manner:
    """What a device does at one step that does not serve it."""

    timeout: Seconds
    after_refusals: tuple[Seconds, ...]  # from each to the next attempt; then it gives up
    after_timeouts: tuple[Seconds, ...]
    is_endless: bool  # it goes on as it did last


@dataclass(frozen=True, eq=False)
class Way:
    """How some viewers go; compared by identity, so that it is quick to look up."""

    places: tuple[str, ...]  # that may turn them away, in this order
    leads: tuple[Seconds, ...]  # what lies before each of them and the first frame takes
    manners: tuple[Manner, ...]  # at each of them
    patience: Patience
    human: HumanRetry

    @property
    def contents(self) -> tuple[object, ...]:
        """What it is made of: ways with the same contents are taken for one."""
        return self.places, self.leads, self.manners, self.patience, self.human

    @cached_property
    def pauses(self) -> tuple[tuple[Seconds, Ratio], ...]:
        """How long people look at an error before they start again: some times, equally likely."""
        middle, spread = self.human.after, self.human.after * self.human.spread
        parts = (middle + spread * ((2 * n + 1) / _PARTS - 1) for n in range(_PARTS))
        return tuple((max(HASTE, part), 1 / _PARTS) for part in parts)


def ways(
    scenario: Scenario,
    places: Mapping[str, Seconds],
    times: Mapping[Step, Seconds],
    *,
    start: Offset,
    seconds: int,
    speed: float = 1.0,
) -> dict[Way, list[float]]:
    """Viewers of the real event who come to watch: on each way, those of each second.

    The first second begins at `start`; there the calendar goes `speed` times as fast. `places` has
    the longest wait at each that may turn somebody away, `times` the steps' response times; a step
    that is not named takes none.
    """
    found: dict[tuple[object, ...], Way] = {}
    came: dict[Way, list[float]] = {}
    for errand, curve in _to_watch(scenario):
        upto = [curve.area(start, start + n * speed) for n in range(seconds + 1)]
        rates = [after - before for before, after in pairwise(upto)]
        for way, part in _of_errand(scenario, errand, places, times):
            first = found.setdefault(way.contents, way)
            so_far = came.setdefault(first, [0.0] * seconds)
            came[first] = [n + part * rate for n, rate in zip(so_far, rates, strict=True)]
    return came


def watchers(scenario: Scenario, start: Offset, stop: Offset) -> float:
    """Viewers of the real event who come to watch from `start` to `stop`."""
    return sum(curve.area(start, stop) for _, curve in _to_watch(scenario))


def asks(crowd: Mapping[Way, Sequence[float]], place: str) -> list[float]:
    """How many ask a place in each second, if nobody is in line or turned away anywhere."""
    rates = [came for way, came in crowd.items() if place in way.places]
    return [sum(each) for each in zip(*rates, strict=True)]


def _to_watch(scenario: Scenario) -> Iterator[tuple[Errand, Curve]]:
    for errand, pieces in errands(scenario).items():
        if errand.purpose in TO_WATCH:
            yield errand, Curve(pieces)


def _of_errand(
    scenario: Scenario, errand: Errand, places: Mapping[str, Seconds], times: Mapping[Step, Seconds]
) -> Iterator[tuple[Way, Ratio]]:
    """The ways of those with one errand, with the share of each."""
    limit = scenario.start_limit
    for device, share in _devices(scenario, errand):
        for signs_in, part in ((True, device.signs_in), (False, 1 - device.signs_in)):
            if share * part > 0:
                steps = _steps(device, errand.purpose, signs_in=signs_in)
                yield _among(places, device, steps, times, limit), share * part


def _devices(scenario: Scenario, errand: Errand) -> list[tuple[Device, Ratio]]:
    """The devices an errand is pursued on, with the share of each among them."""
    shares = {name: device.share for name, device in scenario.devices.items()}
    chosen = among(errand.devices, shares)
    total = sum(chosen.values())
    return [(scenario.devices[name], share / total) for name, share in chosen.items()]


def _steps(device: Device, purpose: Purpose, *, signs_in: bool) -> tuple[Step, ...]:
    """Every step from the decision to watch to the first frame, as journeys take them."""
    steps = device.join
    if purpose is Purpose.BOOT and Step.BOOT not in steps:
        steps = (Step.BOOT, *steps)
    if purpose is Purpose.SIGN_UP and Step.SIGN_IN not in steps:
        steps = (Step.SIGN_IN, *steps)
    access = Step.SIGN_IN if signs_in else Step.REFRESH
    access = Step.SIGN_UP if purpose is Purpose.SIGN_UP else access
    return (*(access if step is Step.SIGN_IN else step for step in steps), *_STREAM)


def _among(
    places: Mapping[str, Seconds],
    device: Device,
    steps: Sequence[Step],
    times: Mapping[Step, Seconds],
    limit: Seconds,
) -> Way:
    """The way through these places of whoever takes these steps."""
    asked: list[str] = [ROOM] if ROOM in places else []
    manners = [Manner(inf, (), (), is_endless=False)] if asked else []
    leads = [0.0] * (len(asked) + 1)
    for step in steps:
        if step in places:
            asked.append(step)
            manners.append(_manner(device, step, limit, places[step]))
            leads.append(0.0)
        else:
            leads[-1] += times.get(step, 0.0)
    return Way(tuple(asked), tuple(leads), tuple(manners), device.patience, device.human_retry)


def _manner(device: Device, step: Step, limit: Seconds, longest: Seconds) -> Manner:
    manners = PROFILES[device.player].manners[step]
    timeouts = manners.timeouts
    asked = Reply(Fetch(step, "http://nowhere.invalid/", timeouts), 0.0)
    asked.status, asked.outcome = 503, Outcome.OVERLOAD
    horizon = max(limit, _patient_until(device.patience))
    after_refusals, is_endless = _delays(manners.retry, asked, horizon)
    timeout = min(timeouts.first_byte, timeouts.whole)
    if longest <= timeout:  # a device that would not wait so long is like any other
        return Manner(inf, after_refusals, (), is_endless)
    asked.status, asked.outcome = 0, Outcome.FIRST_BYTE_TIMEOUT
    after_timeouts, _ = _delays(manners.retry, asked, horizon)
    return Manner(timeout, after_refusals, after_timeouts, is_endless)


def _delays(retry: Retry, reply: Reply, horizon: Seconds) -> tuple[tuple[Seconds, ...], bool]:
    """When it asks again, for as long as anything depends on it; whether it would go on."""
    delays: list[Seconds] = []
    spent, chance = 0.0, _Mean(0)
    while spent < horizon:
        delay = retry(len(delays) + 1, reply, chance)
        if delay is None:
            return tuple(delays), False
        delays.append(max(delay, 0.0))
        spent += max(delay, HASTE)
    return tuple(delays), True


class _Mean(Chance):
    """Chance that always gives the middle."""

    def uniform(self) -> float:
        return 0.5


def _patient_until(patience: Patience) -> Seconds:
    """The age at which all have left who ever do."""
    if patience.leaving_per_second == 0:
        return 0.0
    return patience.none_before + ceil(patience.at_most / patience.leaving_per_second)


def oldest(way: Way, limit: Seconds) -> Seconds:
    """The age beyond which nothing depends on a viewer's age any more."""
    return max(limit, _patient_until(way.patience))
