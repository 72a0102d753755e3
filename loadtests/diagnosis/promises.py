"""Whether a load that was carried kept the scenario's promises about times as well."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from loadtests.collect.distribution import Distribution
from loadtests.collect.requests import response_times
from loadtests.collect.window import Window
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.objectives import USUAL_QUANTILE
from loadtests.scenario.model import Metric, Objective
from loadtests.units import Seconds, write_duration

OF_TIMES = frozenset({Metric.STARTUP_TIME, Metric.RESPONSE_TIME})
"""What can be missed though every step keeps up; of failures a level has its own bound."""


def kept(level: Level, objectives: Iterable[Objective], windows: Sequence[Window]) -> Level:
    """The level; broken if in these seconds of it an objective about times was missed."""
    for objective in objectives:
        times = _times(objective, windows)
        quantile = objective.quantile or USUAL_QUANTILE
        if times.count and times.quantile(quantile) > objective.at_most.value:
            missed = _sentence(objective, quantile, times.quantile(quantile))
            return replace(
                level, found=Found.BROKE, first=objective.step, why=missed, is_too_slow=True
            )
    return level


def _times(objective: Objective, windows: Sequence[Window]) -> Distribution:
    times = Distribution()
    if objective.metric in OF_TIMES:
        for window in windows:
            times.merge(_of(objective, window))
    return times


def _of(objective: Objective, window: Window) -> Distribution:
    if objective.metric is Metric.RESPONSE_TIME:
        return response_times(window, objective.step)
    times = Distribution()
    for started in window.startup.values():
        times.merge(started)
    return times


def _sentence(objective: Objective, quantile: float, measured: Seconds) -> str:
    of = f" of {objective.step}" if objective.step else ""
    bound = write_duration(objective.at_most.value)
    what = objective.metric.replace("_", " ")
    return f"{what}{of}, {quantile:.0%}: {measured:.2f} s, above the objective of {bound}"
