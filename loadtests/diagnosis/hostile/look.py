"""One night as every pattern looks at it: readings over spans, and what they are held against."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from loadtests.collect.edge.funnel import KNOWN_AFTER
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.diagnosis.hostile.report import Asked
from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.measures.measure import merged, share, traffic
from loadtests.diagnosis.measures.ratios import COUNTED, FUNNEL, OF_ALL
from loadtests.diagnosis.verdict.bins import Bins
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import Reading, Span
from loadtests.units import Ratio

FEWEST = 200
"""Of what a ratio is counted in: with fewer nothing is claimed of it."""

SAYS: Ratio = 0.5
"""Share of the requests a source has to say something of, to be asked for it."""

Part = tuple[int, int]
"""Bins from the first up to, not including, the second."""


class Against(Enum):
    """What a reading is held against, the better the earlier."""

    ALIKE = "an evening like it"
    ANYTHING = "anything ordinary traffic does"
    ORDINARY = "an ordinary evening"
    TONIGHT = "the rest of the night"

    @property
    def is_firm(self) -> bool:
        """Whether an event as such cannot be the reason of a difference: kick-offs are special."""
        return self in {Against.ALIKE, Against.ANYTHING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What was usual, and by what it is known."""

    value: float
    against: Against


@dataclass
class Look:
    """A night in bins, and what the funnel says of the requests of each bin, known later."""

    night: Night
    bins: Bins
    first: int = 0  # second of the source's that the first window is of
    known: Sequence[EdgeWindow] = field(init=False)

    def __post_init__(self) -> None:
        self.known = _known(self.night.windows, self.bins.size, len(self.bins.cells))

    @property
    def whole(self) -> Part:
        """All bins."""
        return 0, len(self.bins.cells)

    @cached_property
    def steps(self) -> tuple[Asked, ...]:
        """Met during the night."""
        met = {step for cell in self.bins.cells for step in cell.steps}
        return (*self.bins.steps, None) if None in met else self.bins.steps

    def says(self, observable: Observable) -> bool:
        """Whether the source tells that of enough of the requests."""
        return self.night.observed.get(observable, 0.0) >= SAYS

    def counts(self, measure: str, step: Asked, part: Part) -> tuple[int, int]:
        """Hits and trials of a ratio whose parts add up."""
        hits = trials = 0
        for each in self.each(measure, step)[slice(*part)]:
            hits, trials = hits + each[0], trials + each[1]
        return hits, trials

    def each(self, measure: str, step: Asked) -> list[tuple[int, int]]:
        """The same, bin by bin, of the requests that ended in it."""
        key = measure, step
        if key not in self._each:
            counts = COUNTED[measure][1]
            cells = self.known if measure in FUNNEL else self.bins.cells
            self._each[key] = [counts(_of(cell, step, measure)) for cell in cells]
        return self._each[key]

    @cached_property
    def _each(self) -> dict[tuple[str, Asked], list[tuple[int, int]]]:
        return {}

    def requests(self, step: Asked) -> list[int]:
        """Of each bin."""
        return [trials for _, trials in self.each("starved", step)]

    def read(self, measure: str, step: Asked, part: Part) -> Reading | None:
        """A measure of the requests of these bins; None: there is nothing to measure it in."""
        if measure in COUNTED:
            return share(*self.counts(measure, step, part))
        return self._of(measure, self.over(part), step, bins=part[1] - part[0])

    def _of(self, measure: str, window: EdgeWindow, step: Asked, *, bins: int) -> Reading | None:
        lasted = float(max(1, bins) * self.bins.size)
        return MEASURES[measure].of(window, step, lasted=lasted, sampled=self.night.sampled)

    def over(self, part: Part) -> EdgeWindow:
        """These bins in one."""
        if part not in self._over:
            self._over[part] = self.bins.over(*part)
        return self._over[part]

    @cached_property
    def _over(self) -> dict[Part, EdgeWindow]:
        return {}

    def span(self, part: Part, measure: str = "") -> Span:
        """Of these bins; of what the funnel says of them, so much later as it is known."""
        later = KNOWN_AFTER if measure in FUNNEL else 0
        span, end = self.bins.span(*part), float(len(self.night.windows))
        start, stop = (min(at + later, end) for at in (span.start, span.stop))
        return Span(start=self.first + start, stop=self.first + stop)

    def usual(self, measure: str, step: Asked, part: Part) -> Usual | None:
        """What the measure is when no hostile traffic is there; None: nothing says.

        Of an evening before, if there is one, else of the night without `part`.
        """
        known = self.night.baseline
        value = known.usual.get((measure, step or "")) if known is not None else None
        if known is not None and value is None and measure in OF_ALL and step is None:
            value = 0.0  # nobody asked for anything off the way
        if known is not None and value is not None:
            against = Against.ALIKE if known.same_class else Against.ORDINARY
            return Usual(value=value, against=against)
        return self._rest(measure, step, part)

    def _rest(self, measure: str, step: Asked, part: Part) -> Usual | None:
        if measure not in COUNTED:
            start, stop = part
            cells = [*self.bins.cells[:start], *self.bins.cells[stop:]]
            found = self._of(measure, merged(cells), step, bins=len(cells)) if cells else None
            if found is None or found.samples < FEWEST:
                return None
            return Usual(value=found.value, against=Against.TONIGHT)
        hits, trials = self.counts(measure, step, self.whole)
        inside = self.counts(measure, step, part)
        hits, trials = hits - inside[0], trials - inside[1]
        if trials < FEWEST:
            return None
        return Usual(value=hits / trials, against=Against.TONIGHT)


def _of(cell: EdgeWindow, step: Asked, measure: str) -> Traffic:
    return cell.total if measure in OF_ALL and step is None else traffic(cell, step)


def _known(windows: Sequence[EdgeWindow], size: int, count: int) -> list[EdgeWindow]:
    """What is known of the requests of each bin: told KNOWN_AFTER seconds later, and only that."""
    cells = [EdgeWindow(second=number * size) for number in range(count)]
    for at, window in enumerate(windows[KNOWN_AFTER:]):
        for step, of in window.steps.items():
            if of.settled or of.denied:
                _add(cells[at // size].steps.setdefault(step, Traffic()), of)
    return cells


def _add(cell: Traffic, of: Traffic) -> None:
    cell.settled += of.settled
    cell.continued += of.continued
    cell.denied += of.denied
    cell.returned += of.returned
