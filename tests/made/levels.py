"""Levels as arithmetic makes them of a load and the knees of a target."""

from collections.abc import Mapping

from loadtests.audience.trial import Trial
from loadtests.diagnosis.judging import BOUND
from loadtests.diagnosis.level import Found, Level, StepLoad
from loadtests.vocabulary import Step

NEED = {Step.HOME: 1.0, Step.SIGN_IN: 0.5, Step.SESSION: 1.0}
"""Requests of a viewer at each step."""


def level(
    trial: Trial,
    knees: Mapping[Step, float],
    *,
    usual: float = 0.0,
    noise: float = 0.0,
    response_time: float = 0.1,
) -> Level:
    """What a perfect judge, or one as much in error, says of a target with these knees."""
    steps = {}
    rate = trial.rate
    for step, need in NEED.items():
        served = min(rate, knees.get(step, 1e9)) * (1 - usual)
        short = max(0.0, 1 - served / rate + noise * (step in knees))
        steps[step] = StepLoad(
            asked=need * rate,
            attempts=need * rate,
            good=need * served,
            failed=short,
            response_time=response_time,
            slowest=response_time,
            in_flight=need * rate * response_time,
            most_in_flight=round(need * rate * response_time) + 1,
            growth=0.0,
            shortfall=short,
            error=0.001,
        )
        rate = min(rate, served)
    first = max(steps, key=lambda step: steps[step].shortfall)
    worst = steps[first].shortfall
    breaks = worst > BOUND
    return Level(
        trial=trial,
        found=Found.BROKE if breaks else Found.HELD,
        why="",
        joins=trial.rate,
        carried=trial.rate * (1 - worst),
        shortfall=worst,
        error=0.001,
        first=first if breaks else None,
        steps=steps,
        start=15.0,
        stop=30.0,
    )
