"""Trials in simulated time, one after the other against one stack that lives on between them."""

from math import ceil

from loadtests.audience.trial import Trial, trial_scenario
from loadtests.collect.timeline import Timeline
from loadtests.diagnosis.explore import Capacity, Plan, explore
from loadtests.diagnosis.hold import Hold
from loadtests.diagnosis.level import Level
from loadtests.errors import MatchnightError
from loadtests.paper.simulate import START, play
from loadtests.scenario.model import Scenario
from loadtests.stack.service import Service
from loadtests.units import Seconds

REST: Seconds = 5.0
"""Between two trials at least; in any case as long as somebody waits in a line of the stack."""


class Bench:
    """A scenario's embedded stack, and its viewers in such numbers as trials ask for."""

    def __init__(self, scenario: Scenario, *, delay: Seconds = 0.0) -> None:
        """`delay` is what the network takes, either way.

        Raises MatchnightError if the scenario has no stack.
        """
        stack = scenario.embedded_stack
        if stack is None:
            raise MatchnightError(f"{scenario.name}: without a `stack` there is nothing to measure")
        self._scenario = scenario
        self._delay = delay
        self._service = Service(stack)  # its timetable never begins, as on the wire
        self._now = START

    def play(self, trial: Trial) -> Level:
        """What the trial shows. It ends as soon as that is clear; then the stack has its rest."""
        scenario = trial_scenario(self._scenario, trial)
        jury = _Jury(trial, scenario)
        timeline = play(
            scenario,
            self._service,
            start=self._now,
            delay=self._delay,
            until=jury.is_sure,
            sampled=False,
        )
        level = jury.verdict(timeline)
        self._rest(len(timeline))
        return level

    def _rest(self, seconds: int) -> None:
        self._now += seconds + REST
        while any(self._service.waiting(self._now).values()):
            self._now += 1.0


def capacity(scenario: Scenario, plan: Plan, *, delay: Seconds = 0.0) -> Capacity:
    """What the scenario's embedded stack carries, demonstrated trial by trial.

    Raises MatchnightError if there is no stack, or nobody comes to watch.
    """
    bench = Bench(scenario, delay=delay)
    trials = explore(plan)
    trial = next(trials)
    while True:
        try:
            trial = trials.send(bench.play(trial))
        except StopIteration as end:
            found: Capacity = end.value
            return found


class _Jury:
    """Asks the judge of a trial at the end of each of its seconds, until he is sure."""

    def __init__(self, trial: Trial, scenario: Scenario) -> None:
        self._hold = Hold(trial, scenario.objectives)
        self._seconds = ceil(trial.duration)
        self._level: Level | None = None

    def is_sure(self, timeline: Timeline) -> bool:
        self._level = self._hold.look(timeline.windows)
        return self._level is not None

    def verdict(self, timeline: Timeline) -> Level:
        """What he said; of a trial played to its end, what he says of all of it."""
        level = self._level or self._hold.look(timeline.seconds(0, self._seconds))
        assert level is not None  # noqa: S101 - Hold's promise: never None at the end
        return level
