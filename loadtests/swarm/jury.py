"""Looks at a trial second by second until its judge has decided: while it is played, and after."""

from collections.abc import Sequence

from loadtests.audience.trial import Trial
from loadtests.collect.timeline import Timeline
from loadtests.diagnosis.hold import Hold
from loadtests.diagnosis.level import Level
from loadtests.scenario.model import Objective


class Jury:
    """One trial's. It decides by the first so many whole seconds that are enough.

    So whoever looks later, at more of them, finds the same.
    """

    def __init__(
        self, trial: Trial, timeline: Timeline, objectives: Sequence[Objective] = ()
    ) -> None:
        """`timeline`: of the trial, and may still grow; `objectives`: of its scenario."""
        self._judge = Hold(trial, objectives)
        self._timeline = timeline
        self._seen = 0
        self._level: Level | None = None

    def look(self, seconds: int) -> Level | None:
        """What it has shown, `seconds` of it being complete; None: nothing yet."""
        while self._level is None and self._seen < seconds:
            self._seen += 1
            self._level = self._judge.look(self._timeline.seconds(0, self._seen))
        return self._level
