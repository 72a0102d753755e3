"""How what failed came back: at once, or bit by bit, and when the last of it did.

Measured on the step that failed most, in first attempts: retries come from those who are still
failing. People who start their app again make first attempts too, so a failure counts as one of the
`tries` a person makes: what is left is about one for each viewer, a fair sample of everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.collect.window import Window
from loadtests.diagnosis.failing import SPAN, FailingSpan, attempts
from loadtests.diagnosis.interval import wilson
from loadtests.stack.model import WATCHING_STEPS
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step

ENOUGH = 10
"""First attempts within SPAN seconds that make a share."""

ERRANDS = frozenset(
    {
        Step.WEBSITE, Step.ACCOUNT, Step.HOUSEHOLD_CODE, Step.HOUSEHOLD, Step.CANCEL, Step.SUPPORT,
        Step.DOWNLOAD, Step.RENEWAL,
    }
)  # fmt: skip
"""Steps beside the way to a picture: looked at only where nothing on that way failed."""

OF_WATCHERS = WATCHING_STEPS | {Step.LEAVE}
"""Asked for by those who watch: they get better as the others give up. Looked at last of all."""

Counts = tuple[int, int]
"""First attempts: failed and counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Run time. `half` and `most` are None where that was not reached, or nobody came to see it."""

    step: Step
    began: Seconds
    worst: Ratio  # share that failed when it was worst
    half: Seconds | None  # from then on at least half of what had failed worked again, for good
    most: Seconds | None  # 90 % of it
    last_failure: Seconds  # of this step, in the whole run, retries included


def recovery(
    windows: Sequence[Window], spans: Sequence[FailingSpan], *, tries: float = 1.0
) -> Recovery | None:
    """How the step that failed most recovered from its longest failing; None if nothing failed.

    `tries`: how often somebody who fails starts their app, on average.
    """
    if not spans:
        return None
    step = _lost_most(_telling(spans))
    mine = [span for span in spans if span.step is step]
    span = max(mine, key=lambda span: span.failed)
    begun_again = min((s.start for s in mine if s.start > span.start), default=len(windows))
    firsts = [attempts(window, step, first=True) for window in windows[: int(begun_again)]]
    peak = max(range(int(span.start), int(span.stop)), key=lambda at: wilson(*_within(firsts, at)))
    worst = _share(_within(firsts, peak), tries)
    return Recovery(
        step=step,
        began=span.start,
        worst=worst,
        half=_back(firsts, peak, worst / 2, tries),
        most=_back(firsts, peak, worst / 10, tries),
        last_failure=_last_failure(windows, step),
    )


def _telling(spans: Sequence[FailingSpan]) -> Sequence[FailingSpan]:
    """Those of the way to a picture, which everybody goes; else of errands; else of watching."""
    joining = [span for span in spans if span.step not in OF_WATCHERS]
    return [span for span in joining if span.step not in ERRANDS] or joining or spans


def _lost_most(spans: Sequence[FailingSpan]) -> Step:
    lost = {span.step: sum(s.failed for s in spans if s.step is span.step) for span in spans}
    return max(lost, key=lost.__getitem__)


def _within(firsts: Sequence[Counts], at: int) -> Counts:
    return _sum(firsts[max(0, at) : at + SPAN])


def _sum(firsts: Sequence[Counts]) -> Counts:
    return sum(failed for failed, _ in firsts), sum(counted for _, counted in firsts)


def _share(counts: Counts, tries: float) -> Ratio:
    """Failed among viewers, each of whom makes one attempt, or `tries` if they fail."""
    failed, counted = counts
    viewers = counted - failed + failed / tries
    return failed / tries / viewers if counted else 0.0


def _back(firsts: Sequence[Counts], peak: int, bound: Ratio, tries: float) -> Seconds | None:
    """From when on no two stretches of SPAN seconds in a row fail by more than `bound`.

    None where all that comes after does, or there is too little of it.
    """

    def over(at: int) -> bool:
        counts = _within(firsts, at)
        return counts[1] >= ENOUGH and _share(counts, tries) > bound

    later = range(peak, len(firsts))
    back = 1 + max((at for at in later if over(at) and over(max(peak, at - SPAN))), default=peak)
    after = _sum(firsts[back:])
    return float(back) if after[1] >= ENOUGH and _share(after, tries) <= bound else None


def _last_failure(windows: Sequence[Window], step: Step) -> Seconds:
    failed = (at for at, window in enumerate(windows) if attempts(window, step)[0])
    return float(1 + max(failed))
