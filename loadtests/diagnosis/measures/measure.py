"""What a measure is: a number anybody can recompute from what the edge saw."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.diagnosis.interval import wilson
from loadtests.diagnosis.verdict.records import Reading
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step

Read = Callable[[EdgeWindow, Step | None], Reading | None]
"""Of the windows of a span, merged into one, and a step (None: paths that are no step's)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One line of `diagnosis.measures.MEASURES`."""

    what: str  # one line, with its unit
    read: Read  # None: there is nothing to measure it in
    promql: str | None = None  # the same over a Prometheus range; None: it does not know
    is_rate: bool = False  # `read` counts, and the measure is that a second
    unit: str = ""  # s, or empty: a plain number, of a rate a second

    def over(
        self,
        windows: Iterable[EdgeWindow],
        step: Step | None,
        *,
        lasted: Seconds,
        sampled: Ratio = 1.0,
    ) -> Reading | None:
        """The reading over `windows`, which lasted so long; `sampled`: share that was logged."""
        return self.of(merged(windows), step, lasted=lasted, sampled=sampled)

    def of(
        self, window: EdgeWindow, step: Step | None, *, lasted: Seconds, sampled: Ratio = 1.0
    ) -> Reading | None:
        """The same of windows merged before."""
        found = self.read(window, step)
        if found is None or not self.is_rate:
            return found
        return times(found, 1 / (lasted * sampled))


def merged(windows: Iterable[EdgeWindow]) -> EdgeWindow:
    """All of them in one, which keeps the second of the first."""
    whole: EdgeWindow | None = None
    first = 0
    for window in windows:
        if whole is None:
            first = window.second
            whole = EdgeWindow(second=first)
        whole.merge(window)
    if whole is None:
        return EdgeWindow(second=0)
    whole.second = first
    return whole


def traffic(window: EdgeWindow, step: Step | None) -> Traffic:
    """What the step did; nothing if it is not in the window."""
    return window.steps.get(step) or Traffic()


def share(hits: int, of: int) -> Reading | None:
    """A counted ratio with its Wilson 95 % interval; None of nothing."""
    if not of:
        return None
    low, high = wilson(hits, of)
    return Reading(value=hits / of, low=low, high=high, samples=of)


def times(reading: Reading, factor: float) -> Reading:
    """The reading so many times."""
    return Reading(
        value=reading.value * factor,
        low=reading.low * factor,
        high=reading.high * factor,
        samples=reading.samples,
    )
