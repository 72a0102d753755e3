"""One trouble with what surrounds it: where evidence is looked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from loadtests.collect.edge.sighting import Said
from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.hostile.report import HostileReport
from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.measures.causes import count
from loadtests.diagnosis.measures.measure import merged, traffic
from loadtests.diagnosis.verdict.bins import Bins
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import Reading, Span
from loadtests.diagnosis.verdict.trouble import SAYS, Trouble
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step

CORE: Seconds = 60.0
"""Of a trouble is judged what hurt most viewers: its worst minute."""

EDGES = 4
"""Bins of a trouble from which the first and the last, half in and half out, can be spared."""

HALF: Ratio = 0.5
"""Of a trouble's share of failures: where fewer fail it has not quite begun, or is ending."""

QUIET: Ratio = 0.5
"""Of the bins before a trouble, those with the fewest requests say what is usual."""

FARTHEST = 720
"""Bins before a trouble that still say what is usual: an hour, and more of a long night."""

ENOUGH = 30
"""Good answers that say what is usual."""


@dataclass(frozen=True)
class Scene:
    """A trouble at the step that shows it best; `steps` began to fail together."""

    night: Night
    bins: Bins
    trouble: Trouble
    steps: tuple[Step, ...]
    others: tuple[Trouble, ...]  # of the same night
    report: HostileReport

    @property
    def step(self) -> Step:
        """The trouble's."""
        return self.trouble.step

    @property
    def span(self) -> Span:
        """Of the whole trouble."""
        return self.bins.span(self.trouble.start, self.trouble.stop)

    @cached_property
    def core_bins(self) -> tuple[int, int]:
        """The part of the trouble, CORE long at most, in which most failed."""
        says = SAYS[self.trouble.sort]
        start, stop = self._inner
        failed = [count(traffic(cell, self.step), says) for cell in self.bins.cells[start:stop]]
        length = min(stop - start, max(1, round(CORE / self.bins.size)))
        worst = max(range(stop - start - length + 1), key=lambda at: sum(failed[at : at + length]))
        return start + worst, start + worst + length

    @property
    def _inner(self) -> tuple[int, int]:
        """The trouble without what is partly before it, and without what is left when it ends."""
        of, says = self.trouble, SAYS[self.trouble.sort]
        looks = {at: traffic(self.bins.cells[at], self.step) for at in range(of.start, of.stop)}
        failed, asked = (
            {at: count(look, which) for at, look in looks.items()} for which in (says, None)
        )
        usual = HALF * sum(failed.values()) / max(1, sum(asked.values()))
        bad = [at for at in looks if failed[at] and failed[at] >= usual * asked[at]]
        if bad[-1] - bad[0] < EDGES:
            return of.start, of.stop
        return bad[0] + 1, bad[-1]

    @property
    def core_span(self) -> Span:
        """Of the core."""
        return self.bins.span(*self.core_bins)

    @cached_property
    def core(self) -> EdgeWindow:
        """The core in one."""
        return self.bins.over(*self.core_bins)

    @cached_property
    def before(self) -> tuple[int, ...]:
        """Bins before the trouble in which the step was asked, did not fail and was not attacked.

        Attacked ones too where the others say too little: some attacks last as long as the night.
        """
        bad = {
            at
            for other in (self.trouble, *self.others)
            if other.step is self.step
            for at in range(other.start, other.stop)
        }
        last = max(0, self.trouble.start - 1)
        early = range(max(0, last - FARTHEST), last)
        sound = tuple(at for at in early if at not in bad and self.asked(at))
        usual = tuple(at for at in sound if not self._suspected(at))
        return usual if sum(map(self.good, usual)) >= ENOUGH else sound

    @cached_property
    def calm_bins(self) -> tuple[int, ...]:
        """Of `before` the quieter half, in order; more where so few would say little."""
        by_load = sorted(self.before, key=self.asked)
        half, good = round(len(by_load) * QUIET), 0
        for number, at in enumerate(by_load):
            if number >= half and good >= ENOUGH:
                return tuple(sorted(by_load[:number]))
            good += self.good(at)
        return tuple(sorted(by_load))

    @cached_property
    def calm(self) -> EdgeWindow | None:
        """What was usual at the step, in one; None: nothing went before."""
        return self.cells(self.calm_bins) if self.calm_bins else None

    @property
    def calm_span(self) -> Span:
        """From the first to the last of the quieter bins."""
        return self.bins.span(self.calm_bins[0], self.calm_bins[-1] + 1)

    def cells(self, which: Iterable[int]) -> EdgeWindow:
        """The step's requests of these bins in one; of a long night's all would take minutes."""
        step, cells = self.step, self.bins.cells
        return merged(EdgeWindow(at, {step: traffic(cells[at], step)}) for at in which)

    def measure(
        self, name: str, window: EdgeWindow | None, lasted: Seconds = 1.0
    ) -> Reading | None:
        """A measure of the trouble's step over a merged window; None: nothing to measure."""
        if window is None:
            return None
        return MEASURES[name].of(window, self.step, lasted=lasted, sampled=self.night.sampled)

    @cached_property
    def core_lasted(self) -> Seconds:
        """Of the core: the night's last bin may be shorter."""
        start, stop = self.core_bins
        end = min(stop * self.bins.size, len(self.night.windows))
        return float(max(1, end - start * self.bins.size))

    def _suspected(self, at: int) -> Ratio:
        """Share of the step's requests in one bin that is suspected."""
        suspects, report = self.report.suspects.get(self.step), self.report
        place = int((at * self.bins.size - report.span.start) // report.bin)
        return suspects.share[place] if suspects and 0 <= place < len(suspects.share) else 0.0

    def asked(self, at: int) -> int:
        """Requests at the step in one bin."""
        return count(traffic(self.bins.cells[at], self.step))

    def good(self, at: int) -> int:
        """Of them, those that went well."""
        return count(traffic(self.bins.cells[at], self.step), {Said.OK})
