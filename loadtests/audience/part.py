"""What of an evening a run plays: all of its window, or what is made of it for another purpose."""

from loadtests.audience.canary import canary as canary_of
from loadtests.audience.trial import Trial, trial_scenario
from loadtests.scenario.model import Scenario
from loadtests.units import Seconds


def part(
    scenario: Scenario, *, canary: Seconds | None = None, trial: Trial | str | None = None
) -> Scenario:
    """The scenario of the run itself, of its canary, for so long, or of one trial of a search.

    ValueError if `trial` is a text and `Trial.to_text` did not make it.
    """
    if canary is not None:
        return canary_of(scenario, canary)
    if trial is None:
        return scenario
    return trial_scenario(scenario, Trial.from_text(trial) if isinstance(trial, str) else trial)
