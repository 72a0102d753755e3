"""A night on which no viewers failed: was there a surge to absorb?"""

from statistics import median

from loadtests.diagnosis.hostile.report import HostileReport
from loadtests.diagnosis.measures.causes import count
from loadtests.diagnosis.measures.measure import traffic
from loadtests.diagnosis.verdict.bins import Bins
from loadtests.diagnosis.verdict.kinds import Cause, Word
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import CauseFound
from loadtests.diagnosis.verdict.say import word
from loadtests.units import Ratio
from loadtests.vocabulary import Step

FEWEST = 200
"""Requests; of fewer nothing is said."""

SURGE: Ratio = 1.75
"""Half a minute's requests ÷ an ordinary half minute's, at a step of joining."""

STRETCH = 6
"""Bins of it."""

JOINING = (Step.HOME, Step.SIGN_IN, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE)


def quiet(night: Night, looked: Bins, report: HostileReport) -> CauseFound:
    """Nominal, or a surge that was absorbed; undetermined where next to nothing was seen."""
    del night
    asked = sum(of.said.total() for cell in looked.cells for of in cell.steps.values())
    if asked < FEWEST:
        return CauseFound(
            kind=Cause.UNDETERMINED,
            word=Word.UNDETERMINED,
            probability=0.0,
            alternatives=(),
            sentence=f"cannot be told: only {asked} requests were seen",
        )
    surge = max((_surge(looked, report, step) for step in JOINING), default=0.0)
    sure = 1.0 - 1.0 / asked
    if surge > SURGE:
        kind, sentence = (
            Cause.SURGE_ABSORBED,
            f"a surge of {surge:.1f} times the usual was absorbed",
        )
    else:
        kind, sentence = Cause.NOMINAL, "nothing failed, and no surge came"
    return CauseFound(
        kind=kind, word=word(sure), probability=sure, alternatives=(), sentence=sentence
    )


def _surge(looked: Bins, report: HostileReport, step: Step) -> Ratio:
    """Greatest half minute ÷ the middle one, of what is not suspected."""
    kept = [
        count(traffic(cell, step)) * (1 - _suspected(report, step, at * looked.size))
        for at, cell in enumerate(looked.cells)
    ]
    sums = [sum(kept[at : at + STRETCH]) for at in range(max(1, len(kept) - STRETCH + 1))]
    usual = median(sums)
    return max(sums) / usual if usual >= STRETCH and max(sums) >= FEWEST / 4 else 0.0


def _suspected(report: HostileReport, step: Step, second: float) -> Ratio:
    suspects = report.suspects.get(step)
    place = int((second - report.span.start) // report.bin)
    if suspects is None or not 0 <= place < len(suspects.share):
        return 0.0
    return suspects.share[place]
