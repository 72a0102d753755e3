"""What a viewer is told apart by, and whom its journey tells what happened."""

from typing import Protocol

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Progress
from loadtests.units import Seconds
from loadtests.vocabulary import End


class Observer(Protocol):
    """Told by journeys what became of viewers; `collect.Recorder` is one. Calls must be quick and never raise."""

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:
        """The arrival's end is known, once per arrival: for those that start, at the first frame."""

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:
        """The player went on; progress since the last call."""

    def left(self, arrival: Arrival, at: Seconds) -> None:
        """A viewer who had started is gone (not called for those still watching when the run ends)."""
