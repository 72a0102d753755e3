"""Figures about the requests of a window, of any length: by step (None: of all steps together)."""

from collections import Counter
from collections.abc import Iterator

from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Tally, Window
from loadtests.vocabulary import Outcome, Step


def sent(window: Window, step: Step | None = None) -> int:
    """Requests that were sent."""
    return sum(n for (of, _), n in window.sent.items() if step in {None, of})


def retries(window: Window, step: Step | None = None) -> int:
    """Those of them that tried again what had failed."""
    return sum(n for (of, retry), n in window.sent.items() if retry and step in {None, of})


def amplification(window: Window) -> float | None:
    """Requests sent ÷ requests intended, 1 without retries; None if nothing was intended."""
    everything = sent(window)
    intended = everything - retries(window)
    return everything / intended if intended else None


def outcomes(window: Window, step: Step | None = None) -> Counter[Outcome]:
    """How those that ended did."""
    counted: Counter[Outcome] = Counter()
    for outcome, tally in _tallies(window, step):
        counted[outcome] += tally.count
    return counted


def ended(window: Window, step: Step | None = None) -> int:
    """Requests that ended, in whatever way."""
    return sum(tally.count for _, tally in _tallies(window, step))


def failures(window: Window, step: Step | None = None) -> int:
    """Those of them the target is to blame for (`Outcome.is_failure`)."""
    return sum(tally.count for outcome, tally in _tallies(window, step) if outcome.is_failure)


def response_times(window: Window, step: Step | None = None) -> Distribution:
    """From due to last byte (seconds), of all that ended; those the viewer gave up are left out."""
    times = Distribution()
    for outcome, tally in _tallies(window, step):
        if outcome is not Outcome.CANCELED:
            times.merge(tally.times)
    return times


def _tallies(window: Window, step: Step | None) -> Iterator[tuple[Outcome, Tally]]:
    for (of, outcome, _), tally in window.ended.items():
        if step in {None, of}:
            yield outcome, tally
