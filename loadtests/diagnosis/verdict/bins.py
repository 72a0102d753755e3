"""The night in bins of some seconds: nothing a verdict says may hang on a single second."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.measures.measure import merged
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import Span
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step

SHORTEST: Seconds = 5.0
"""Of a bin: long enough for a step with few requests, short against a surge."""

MOST = 2880
"""Bins of a night: a day in half minutes. What is longer is looked at more coarsely."""


@dataclass(frozen=True)
class Bins:
    """Merged windows, `size` seconds each; the last one may be shorter."""

    size: int
    cells: Sequence[EdgeWindow]
    sampled: Ratio

    def span(self, start: int, stop: int) -> Span:
        """Of bins `start` up to, not including, `stop`."""
        return Span(start=float(start * self.size), stop=float(stop * self.size))

    def over(self, start: int, stop: int) -> EdgeWindow:
        """These bins in one."""
        return merged(self.cells[start:stop])

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Met during the night, in the order viewers meet them."""
        met = {step for cell in self.cells for step in cell.steps}
        return tuple(step for step in Step if step in met)

    def until(self, stop: int) -> "Bins":
        """The night as it was known when so many bins were over."""
        return Bins(self.size, self.cells[:stop], self.sampled)


def bins(night: Night) -> Bins:
    """The night's windows, so many in each bin."""
    length = len(night.windows)
    size = max(SHORTEST, ceil(night.resolution), ceil(length / MOST))
    size = int(size)
    cells = [merged(night.windows[at : at + size]) for at in range(0, length, size)]
    return Bins(size, cells, night.sampled)
