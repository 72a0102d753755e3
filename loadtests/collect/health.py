"""Was it us? What tester and testbed have to confess before anything is said of a target."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from loadtests.collect.qoe import arrived
from loadtests.collect.requests import outcomes
from loadtests.collect.timeline import Timeline
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Outcome

USUAL_LAG: Seconds = 0.1
"""p99 of starting late. Nobody notices a tenth of a second; response times count from when
a request was due, so a later tester would show as a slower target."""

LONGEST_LAG: Seconds = 1.0
"""In any second. Who stands still for a second (SIGSTOP, a sleeping laptop) is no steady crowd."""

FULL_CORE: Ratio = 0.9
"""Of one core. Above it queues grow in the tester itself."""

FULL_FOR = 3
"""Seconds in a row. A garbage collection or a burst of joins fills one second, not three."""

LATE_ARRIVALS: Ratio = 0.01
"""Of all arrivals. More of them, and the crowd had another shape than the scenario's."""

LAST_SECONDS = 2
"""Workers do not stop in the same instant: the last seconds may lack a window."""

PULSE_GAP: Seconds = 2.0
"""Between two lines of the testbed's health. It writes one a second; standing still, none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """One second of the testbed's own health, as it wrote it."""

    time: Seconds  # since the epoch
    lag: Seconds  # worst lateness of its event loop
    cpu: Ratio  # of a core
    problems: tuple[str, ...] = ()


def busiest(timeline: Timeline) -> float | None:
    """Highest CPU share of the busiest worker's core held for FULL_FOR seconds; None if empty."""
    levels = [window.cpu for window in timeline.windows]
    if not levels:
        return None
    held = min(FULL_FOR, len(levels))
    return max(min(levels[i : i + held]) for i in range(len(levels) - held + 1))


def tester_problems(timeline: Timeline, *, workers: int, seconds: int) -> list[str]:
    """Why the tester's figures are not to be trusted, as sentences; empty if it was healthy.

    `seconds`: for how long there must be figures; 0 where nobody knows.
    """
    return [*_lateness(timeline), *_shortage(timeline), *_absence(timeline, workers, seconds)]


def _lateness(timeline: Timeline) -> Iterator[str]:
    total = timeline.total
    if (p99 := total.lag.quantile(0.99)) > USUAL_LAG:
        yield f"the tester was late: lag p99 {p99:.2f} s, at most {USUAL_LAG} s is healthy"
    frozen = [window for window in timeline.windows if window.lag.max > LONGEST_LAG]
    if frozen:
        worst = max(frozen, key=lambda window: window.lag.max)
        yield f"the tester stood still: {worst.lag.max:.2f} s late in second {worst.second}"
    late, everybody = total.late_arrivals, arrived(total)
    if late > LATE_ARRIVALS * everybody:
        yield (
            f"{late} of {everybody} viewers arrived late; "
            f"at most {100 * LATE_ARRIVALS:g} % of them is healthy"
        )


def _shortage(timeline: Timeline) -> Iterator[str]:
    level = busiest(timeline)
    if level is not None and level > FULL_CORE and len(timeline) >= FULL_FOR:
        yield (
            f"a worker's core was {100 * level:.0f} % busy for {FULL_FOR} s in a row: "
            "add workers or lower the scale"
        )
    if dry := outcomes(timeline.total)[Outcome.NO_SOCKET]:
        yield f"{dry} requests found no socket: raise the limit of open files, or add workers"


def _absence(timeline: Timeline, workers: int, seconds: int) -> Iterator[str]:
    present = [window.workers for window in timeline.windows]
    present += [0] * (seconds - len(present))
    missing = [second for second, n in enumerate(present[:-LAST_SECONDS]) if n < workers]
    if missing:
        yield (
            f"{len(missing)} seconds lack the figures of a worker, "
            f"the first of them second {missing[0]}"
        )


def testbed_problems(pulses: Sequence[Pulse], *, start: Seconds, stop: Seconds) -> list[str]:
    """Why the testbed was not what it was meant to be from `start` to `stop` (epoch seconds)."""
    if not pulses:
        return ["the testbed left no record of its health"]
    during = [pulse for pulse in pulses if start <= pulse.time <= stop]
    return [*_gaps(during, start, stop), *_overload(during), *_confessed(during)]


def _gaps(pulses: Iterable[Pulse], start: Seconds, stop: Seconds) -> Iterator[str]:
    moments = [start, *sorted(pulse.time for pulse in pulses), stop]
    longest, since = max((after - before, before) for before, after in pairwise(moments))
    if longest > PULSE_GAP:
        yield (
            f"the testbed stood still: no sign of it for {longest:.1f} s, "
            f"from second {since - start:.0f}"
        )


def _overload(pulses: Sequence[Pulse]) -> Iterator[str]:
    worst = max((pulse.lag for pulse in pulses), default=0.0)
    if worst > LONGEST_LAG:
        yield f"the testbed stood still: its loop was {worst:.2f} s late"
    if _in_a_row(pulse.lag > USUAL_LAG for pulse in pulses) >= FULL_FOR:
        yield f"the testbed's loop was more than {USUAL_LAG} s late for {FULL_FOR} s in a row"
    if _in_a_row(pulse.cpu > FULL_CORE for pulse in pulses) >= FULL_FOR:
        yield (
            f"the testbed's core was more than {100 * FULL_CORE:g} % busy for {FULL_FOR} s in a row"
        )


def _in_a_row(facts: Iterable[bool]) -> int:
    longest = run = 0
    for fact in facts:
        run = run + 1 if fact else 0
        longest = max(longest, run)
    return longest


def _confessed(pulses: Iterable[Pulse]) -> Iterator[str]:
    said = Counter(problem for pulse in pulses for problem in pulse.problems)
    for problem, seconds in said.items():
        yield f"{problem} (said in {seconds} s of the run)"
