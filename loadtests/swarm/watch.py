"""Everything that may stop a run early, looked at again and again."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from loadtests.collect.window import Window
from loadtests.diagnosis.hold import InvalidTrial
from loadtests.export.archive import STOP
from loadtests.scenario.model import Scenario
from loadtests.swarm.abort import tripwires
from loadtests.swarm.clock import now
from loadtests.swarm.guards import Sentry
from loadtests.swarm.jury import Jury
from loadtests.swarm.rehearsal import Reason
from loadtests.units import Seconds

BY_HAND = "stopped by matchnight stop"


class Cause(NamedTuple):
    """Why a run is to stop."""

    reason: Reason
    text: str


class Watch:
    """A run's own figures, its guards, and the file `matchnight stop` leaves in its folder."""

    def __init__(
        self,
        scenario: Scenario,
        folders: Iterable[Path],
        sentries: Sequence[Sentry],
        jury: Jury | None = None,
    ) -> None:
        """`folders`: where the file may turn up; `jury`: of a trial."""
        self.sentries = sentries
        self._jury = jury
        self._tripwires = tripwires(scenario)
        self._stops = [folder / STOP for folder in folders]
        self._said: str | None = None  # by a guard: out of bounds

    def add(self, window: Window) -> None:
        """A worker's second came in."""
        for tripwire in self._tripwires:
            tripwire.add(window)

    def look(self, seconds: int, at: Seconds) -> Cause | None:
        """Why to stop at `at`, `seconds` of the run being complete; None: there is no reason to."""
        if any(stop.exists() for stop in self._stops):
            return Cause(Reason.INTERRUPTED, BY_HAND)
        if self._said is not None:
            return Cause(Reason.ABORTED, self._said)
        for tripwire in self._tripwires:
            if (struck := tripwire.struck(seconds)) is not None:
                return Cause(Reason.ABORTED, struck)
        for sentry in self.sentries:
            if (silence := sentry.silence(at)) is not None:
                return Cause(Reason.SILENT, silence)
        # last: a load that nobody wants to go on is no finding
        return None if self._jury is None else _verdict(self._jury, seconds)

    def keep_asking(self, sentry: Sentry, sleep: Callable[[Seconds], None] = time.sleep) -> None:
        """Ask one guard until it is out of bounds. A greenlet's whole life."""
        sentry.heard = now()
        while True:
            self._said = sentry.ask() or self._said
            if self._said is not None:
                return
            sleep(sentry.pause)


def _verdict(jury: Jury, seconds: int) -> Cause | None:
    try:
        level = jury.look(seconds)
    except InvalidTrial as invalid:
        return Cause(Reason.FAILED, str(invalid))
    return None if level is None else Cause(Reason.DECIDED, level.why)
