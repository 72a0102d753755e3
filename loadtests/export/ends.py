"""What became of the viewers of a run, in words and in numbers."""

from loadtests.export.summary import Summary
from loadtests.vocabulary import End

ENDS = {
    "in_time": "started in time",
    "started_late": "started late",
    "refused": "refused by policy",
    "left_waiting": "left while waiting",
    "never_started": "never started",
    "served": "errand done",
    "turned_away": "errand refused by policy",
    "unserved": "errand failed, or given up",
    "still_starting": "still starting at the end",
}
"""What becomes of an arrived viewer: all ends, and those whose end the run did not see."""

_OF_ERRANDS = {end for end in End if not end.is_of_a_watcher}


def black(summary: Summary) -> int:
    """Viewers who met a black screen."""
    return sum(minute.black for minute in summary.black_screens.by_minute)


def possible(summary: Summary) -> dict[str, str]:
    """`ENDS` without those of errands where nobody came on one."""
    if errands(summary):
        return ENDS
    return {end: said for end, said in ENDS.items() if end not in _OF_ERRANDS}


def errands(summary: Summary) -> int:
    """Viewers who came on an errand, and whose end is known."""
    viewers = summary.viewers
    return viewers.served + viewers.turned_away + viewers.unserved


def decided(summary: Summary) -> int:
    """Viewers who came to watch and whose end is known."""
    return summary.viewers.arrived - summary.viewers.still_starting - errands(summary)
