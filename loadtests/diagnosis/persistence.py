"""How long people and devices go on trying, on their own clock, and how far that reaches."""

from typing import NamedTuple

from loadtests.behavior.player_rules import Retry
from loadtests.behavior.players import PROFILES
from loadtests.behavior.steps import Fetch, Reply, Timeouts
from loadtests.chance import Chance
from loadtests.scenario.habits import Patience
from loadtests.scenario.model import Scenario
from loadtests.units import Seconds
from loadtests.vocabulary import End, Outcome, Step


class Persistence(NamedTuple):
    """How somebody who is refused goes on, on average; client time."""

    trying: Seconds  # as long as it can still be a start in time
    lasting: Seconds  # until their end is known
    attempts: float


def persistence(scenario: Scenario, step: Step, wait: Seconds) -> Persistence:
    """Mean over the crowd, of viewers refused at `step` each time after a `wait` in line."""
    limit = limit_of_trying(scenario)
    trying = lasting = attempts = 0.0
    for device in scenario.devices.values():
        human = device.human_retry
        alone = _alone(PROFILES[device.player].manners[step].retry, step, wait, limit)
        seconds = human.times * human.after + (human.times + 1) * alone.lasting
        trying += device.share * expected(device.patience, min(limit, seconds))
        lasting += device.share * expected(device.patience, seconds)
        attempts += device.share * (human.times + 1) * alone.attempts
    return Persistence(trying, lasting, attempts)


def reach(scenario: Scenario, step: Step, wait: Seconds) -> Seconds:
    """Event seconds by which `speed` moves the edges of a failure; 0 at the evening's own pace.

    Whoever is refused goes on trying for some seconds of their own, and the calendar runs on
    `speed` times as fast meanwhile: who joined that long before a repair is served after all, and
    would not have been; who joined just before the failure is met by it, and would have been in.
    """
    return persistence(scenario, step, wait).trying * max(0.0, scenario.speed - 1)


def limit_of_trying(scenario: Scenario) -> Seconds:
    """Whoever starts later than this is black anyway."""
    if End.STARTED_LATE in scenario.black_screens:
        return scenario.start_limit
    return scenario.window.stop - scenario.window.start


def expected(patience: Patience, trying: Seconds) -> Seconds:
    """Mean of the shorter of the two: how long somebody lasts who may give up before."""
    if trying <= patience.none_before or patience.leaving_per_second == 0:
        return trying
    leaving = patience.at_most / patience.leaving_per_second  # from the first to the last to go
    further = trying - patience.none_before
    among = min(further, leaving)
    return trying - patience.leaving_per_second * among * (further - among / 2)


def _alone(retry: Retry, step: Step, wait: Seconds, limit: Seconds) -> Persistence:
    """How long and how often a device tries by itself, refused every time; at most for `limit`."""
    refused = Reply(Fetch(step, "http://nowhere.invalid/", Timeouts(limit, limit, limit)), 0.0)
    refused.status, refused.outcome = 503, Outcome.OVERLOAD
    spent, failed, chance = wait, 1, Chance(0)
    while spent < limit:
        delay = retry(failed, refused, chance)
        if delay is None:
            break
        spent += max(delay, 1.0) + wait  # one that retries at once would never get to the limit
        failed += 1
    return Persistence(min(spent, limit), spent, float(failed))
