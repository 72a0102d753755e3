"""Whether the evening kept its promises."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from loadtests.collect.distribution import Distribution
from loadtests.collect.qoe import stalled_ratio
from loadtests.collect.recorder import MINUTE
from loadtests.collect.requests import ended, failures, response_times
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.diagnosis.black_screens import by_join_minute
from loadtests.scenario.model import Metric, Objective, Scenario, Span

USUAL_QUANTILE = 0.95
"""Of an objective about times that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an objective was found to be: `measured` is None when there was nothing to measure."""

    objective: Objective
    measured: float | None

    @property
    def passed(self) -> bool | None:
        """Whether it held; None when nothing was measured, which is never a pass."""
        return None if self.measured is None else self.measured <= self.objective.at_most.value


def judge(scenario: Scenario, timeline: Timeline) -> list[Finding]:
    """What became of each objective of the scenario, in its order."""
    return [
        Finding(
            objective=objective,
            measured=_MEASURES[objective.metric](objective, scenario, timeline),
        )
        for objective in scenario.objectives
    ]


def _black_screens(objective: Objective, scenario: Scenario, timeline: Timeline) -> float | None:
    minutes = _minutes(objective.between)
    by_minute = by_join_minute(timeline.total, scenario.black_screens)
    joined = [of for minute, of in by_minute.items() if minute in minutes]
    known = sum(of.decided for of in joined)
    return sum(of.black for of in joined) / known if known else None


def _startup_time(objective: Objective, _: Scenario, timeline: Timeline) -> float | None:
    times = Distribution()
    for minute in _minutes(objective.between):
        times.merge(timeline.total.startup.get(minute, Distribution()))
    return _quantile(times, objective)


def _stalled_ratio(objective: Objective, scenario: Scenario, timeline: Timeline) -> float | None:
    played = Window(0)
    for window in _seconds(objective.between, scenario, timeline):
        played.watched += window.watched
        played.stalled += window.stalled
    return stalled_ratio(played)


def _error_ratio(objective: Objective, scenario: Scenario, timeline: Timeline) -> float | None:
    windows = _seconds(objective.between, scenario, timeline)
    answers = sum(ended(window, objective.step) for window in windows)
    failed = sum(failures(window, objective.step) for window in windows)
    return failed / answers if answers else None


def _response_time(objective: Objective, scenario: Scenario, timeline: Timeline) -> float | None:
    times = Distribution()
    for window in _seconds(objective.between, scenario, timeline):
        times.merge(response_times(window, objective.step))
    return _quantile(times, objective)


_MEASURES: dict[Metric, Callable[[Objective, Scenario, Timeline], float | None]] = {
    Metric.BLACK_SCREENS: _black_screens,
    Metric.STARTUP_TIME: _startup_time,
    Metric.STALLED_RATIO: _stalled_ratio,
    Metric.ERROR_RATIO: _error_ratio,
    Metric.RESPONSE_TIME: _response_time,
}


def _quantile(times: Distribution, objective: Objective) -> float | None:
    q = USUAL_QUANTILE if objective.quantile is None else objective.quantile
    return times.quantile(q) if times.count else None


def _minutes(span: Span) -> range:
    """Every join minute that the span touches: nobody it asks about is left out."""
    return range(math.floor(span.start / MINUTE), math.ceil(span.stop / MINUTE))


def _seconds(span: Span, scenario: Scenario, timeline: Timeline) -> list[Window]:
    """Every second of the run that the span touches."""
    return timeline.seconds(
        math.floor(scenario.run_time(span.start)), math.ceil(scenario.run_time(span.stop))
    )
