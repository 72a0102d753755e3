"""Quality of experience of a window, of any length, in the words of CTA-2066."""

from loadtests.collect.distribution import Distribution
from loadtests.collect.window import Window
from loadtests.vocabulary import End

STARTED = frozenset({End.IN_TIME, End.STARTED_LATE})
"""The ends with a first frame."""


def stalled_ratio(window: Window) -> float | None:
    """Stalled ÷ (watched + stalled), startup being no stall. None if nobody watched."""
    played = window.watched + window.stalled
    return window.stalled / played if played else None


def bit_rate(window: Window) -> float | None:
    """Bits per second of what was on screen, mean over the time watched. None if nobody watched."""
    return 8 * window.bits_watched / window.watched if window.watched else None


def startup_times(window: Window) -> Distribution:
    """From turning up to the first frame (seconds), of all viewers who got one."""
    times = Distribution()
    for of_minute in window.startup.values():
        times.merge(of_minute)
    return times


def arrived(window: Window) -> int:
    """Viewers who turned up."""
    return window.arrived.total()


def ended(window: Window, end: End) -> int:
    """Viewers who came to watch, or on an errand, and ended so."""
    return sum(n for (_, of), n in window.ends.items() if of is end)


def still_starting(window: Window) -> int:
    """Viewers of a whole run whose end is not known: arrived - all eight ends."""
    return arrived(window) - window.ends.total()


def watching(window: Window) -> int:
    """Viewers who have started and not left (of all windows so far, merged)."""
    return sum(ended(window, end) for end in STARTED) - window.left
