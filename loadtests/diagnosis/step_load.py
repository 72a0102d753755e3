"""The steps of a trial, second by second: what each was sent, and what became of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

from loadtests.collect.distribution import Distribution
from loadtests.collect.qoe import STARTED
from loadtests.collect.window import Window
from loadtests.diagnosis.failing import attempts
from loadtests.diagnosis.level import StepLoad
from loadtests.diagnosis.slope import QUANTUM, Point, Slope, slope
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import Outcome, Step

FEWEST = 5
"""First attempts without which a step says nothing."""

_APART = 3.0
"""Standard errors from which the number under way grows as the time they take does not explain,"""

_LOST = 5
"""and requests: fewer are the beat of what comes against the seconds it is counted in."""


@dataclass(slots=True)
class Course:
    """One step's counts, one entry a second from the trial's start."""

    asked: list[int] = field(default_factory=list)  # first attempts sent
    attempts: list[int] = field(default_factory=list)  # all that were sent
    in_flight: list[int] = field(default_factory=list)  # sent and not ended, at the second's end
    good: list[int] = field(default_factory=list)
    time: list[Seconds] = field(default_factory=list)  # response times of those, added up
    missed: list[int] = field(default_factory=list)  # failed, given up, or told to come back

    def add(self, window: Window, step: Step) -> None:
        """The next second."""
        first, again = window.sent.get((step, False), 0), window.sent.get((step, True), 0)
        ended = good = queued = 0
        time = 0.0
        for (of, outcome, _), tally in window.ended.items():
            if of is step:
                ended += tally.count
                queued += tally.count * (outcome is Outcome.QUEUED)
                if outcome is Outcome.OK:
                    good += tally.count
                    time += tally.times.total
        self.asked.append(first)
        self.attempts.append(first + again)
        before = self.in_flight[-1] if self.in_flight else 0
        self.in_flight.append(before + first + again - ended)
        self.good.append(good)
        self.time.append(time)
        # a waiting room does no wrong, but whom it sends away the target has not carried
        self.missed.append(attempts(window, step)[0] + queued)

    def rate(self, start: int, stop: int) -> PerSecond:
        """Requests sent a second, between these seconds."""
        return sum(self.attempts[start:stop]) / (stop - start)


class Played:
    """What of a trial was seen so far."""

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.courses: dict[Step, Course] = {}

    def __len__(self) -> int:
        """Seconds seen."""
        return len(self.windows)

    def read(self, windows: Sequence[Window]) -> None:
        """Take in what is new: `windows` are all there are, one a second, from 0."""
        for window in windows[len(self.windows) :]:
            met = {step for step, _ in window.sent} | {step for step, _, _ in window.ended}
            for step in met - set(self.courses):
                self.courses[step] = course = Course()
                for earlier in self.windows:
                    course.add(earlier, step)
            for step, course in self.courses.items():
                course.add(window, step)
            self.windows.append(window)

    def until(self, stop: int) -> "Played":
        """What had been seen by then."""
        made = Played()
        made.read(self.windows[:stop])
        return made

    def arrivals(self, start: int, stop: int) -> PerSecond:
        """Viewers who came a second."""
        return sum(window.arrived.total() for window in self.windows[start:stop]) / (stop - start)

    def started(self, start: int, stop: int) -> list[int]:
        """Viewers who got a picture, in each second."""
        return [
            sum(n for (_, end), n in window.ends.items() if end in STARTED)
            for window in self.windows[start:stop]
        ]

    def shortfalls(self, start: int) -> dict[Step, Slope]:
        """Of each step that was asked since `start`: the share it does not keep up with."""
        return {
            step: _shortfall(self.courses[step], start)
            for step in Step
            if step in self.courses and sum(self.courses[step].asked[start:]) >= FEWEST
        }

    def loads(self, start: int, stop: int, falls: Mapping[Step, Slope]) -> dict[Step, StepLoad]:
        """What each of these steps was like between two seconds, given how far it fell short."""
        return {step: self._load(step, start, stop, fall) for step, fall in falls.items()}

    def _load(self, step: Step, start: int, stop: int, fall: Slope) -> StepLoad:
        course, seconds = self.courses[step], stop - start
        outcomes, good, ended = _answers(self.windows[start:stop], step)
        missed, count = sum(course.missed[start:stop]), sum(outcomes.values())
        return StepLoad(
            asked=sum(course.asked[start:stop]) / seconds,
            attempts=course.rate(start, stop),
            good=sum(course.good[start:stop]) / seconds,
            failed=missed / count if count else None,
            response_time=good.mean if good.count else None,
            slowest=ended.max if ended.count else None,
            in_flight=sum(course.in_flight[start:stop]) / seconds,
            most_in_flight=max(course.in_flight[start:stop]),
            growth=_counted(course, start, stop).value,
            shortfall=fall.value,
            error=fall.error,
            outcomes=outcomes,
        )

    def little(self, start: int) -> tuple[float, Ratio | None]:
        """Requests in flight, mean, and their ratio to what their response times make of them.

        The second is None where no time was spent. (Little, Operations Research 9, 1961)
        """
        seconds = len(self) - start
        in_flight = sum(sum(of.in_flight[start:]) for of in self.courses.values()) / seconds
        windows = self.windows[start:]
        spent = sum(tally.times.total for window in windows for tally in window.ended.values())
        return in_flight, in_flight * seconds / spent if spent else None


def _shortfall(course: Course, start: int) -> Slope:
    """The share of what is asked that a step neither answers well nor will: with its error.

    What comes beyond what it carries first waits, then is missed: growth and misses together do not
    depend on how long its line is.
    """
    stop = len(course.attempts)
    rate, seconds = course.rate(start, stop), stop - start
    growth, missed = _growth(course, start, rate), sum(course.missed[start:])
    # misses come one by one, as chance has it: their own number says how sure their rate is
    error = sqrt(growth.error**2 + missed / seconds**2)
    return Slope((growth.value + missed / seconds) / rate, error / rate)


def _growth(course: Course, start: int, rate: PerSecond) -> Slope:
    """How fast requests under way grow, as their number or the time they take tells best.

    By Little's law both tell the same, but a time is no whole number: of a step that is asked once
    a second it says sooner whether a line grows. It says nothing of requests that never end.
    """
    stop = len(course.attempts)
    counted = _counted(course, start, stop)
    times = zip(course.time[start:], course.good[start:], strict=True)
    took = slope([Point(at, time / n, n) for at, (time, n) in enumerate(times) if n])
    timed = Slope(rate * took.value, rate * took.error)
    apart = abs(counted.value - timed.value)
    lost = apart > _APART * counted.error and apart * (stop - start) > _LOST
    return timed if timed.error < counted.error and not lost else counted


def _counted(course: Course, start: int, stop: int) -> Slope:
    """How fast their number grows."""
    points = [Point(at, n) for at, n in enumerate(course.in_flight[start:stop])]
    return slope(points, least_scatter=QUANTUM)


def _answers(
    windows: Sequence[Window], step: Step
) -> tuple[Mapping[Outcome, int], Distribution, Distribution]:
    """How what ended did; response times of the good, and of all that nobody gave up."""
    outcomes: Counter[Outcome] = Counter()
    good, ended = Distribution(), Distribution()
    for window in windows:
        for (of, outcome, _), tally in window.ended.items():
            if of is step:
                outcomes[outcome] += tally.count
                if outcome is Outcome.OK:
                    good.merge(tally.times)
                if outcome is not Outcome.CANCELED:
                    ended.merge(tally.times)
    return dict(outcomes), good, ended
