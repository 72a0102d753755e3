"""A night that goes on: looked at again and again, and each change of verdict told with its reason.

What a war room keeps open on the night.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from loadtests.diagnosis.verdict.forming import Forming
from loadtests.diagnosis.verdict.kinds import Hostile, Word
from loadtests.diagnosis.verdict.records import Verdict
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export import verdict_words as said
from loadtests.export.archive import read_run
from loadtests.export.night_of_run import Known
from loadtests.export.terminal import wrapped
from loadtests.export.verdict_record import Case
from loadtests.intake.asked import Asked, LogsAsked, RangeAsked
from loadtests.intake.follow import follow_logs
from loadtests.intake.nights import Found, case_of, known_of, log_options, of_logs, read_place
from loadtests.units import Seconds

LOOK_EVERY: Seconds = 10.0
"""A verdict forms over minutes: whoever waits for it is told soon enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What time is told and waited by."""

    now: Callable[[], Seconds] = time.time  # since the epoch
    sleep: Callable[[Seconds], object] = time.sleep


def watch(asked: Asked, say: Callable[[str], object], clock: Clock | None = None) -> Case:
    """Tell `say` each change of verdict until the night is over, or Ctrl-C; the last verdict.

    MatchnightError: there is no such night. KeyboardInterrupt if nothing was seen of it yet.
    """
    told = _Told(say)
    try:
        for found in looks(asked, clock or Clock(), told.complain):
            told.tell(case_of(asked, found, formed=False))
    except KeyboardInterrupt:
        if told.last is None:
            raise
    assert told.last is not None  # noqa: S101 - whatever ends without a night raises
    return told.last


def looks(
    asked: Asked, clock: Clock, complain: Callable[[MatchnightError], object]
) -> Iterator[Found]:
    """The night as it is known so far, again and again.

    A server that does not answer once is complained of, and asked again, once it has answered.
    """
    known = known_of(asked)
    if isinstance(asked.place, LogsAsked):
        place = asked.place
        options = log_options(place)
        for read in follow_logs(
            place.files, options, every=LOOK_EVERY, now=clock.now, sleep=clock.sleep
        ):
            yield of_logs(place, read, known)
    elif isinstance(asked.place, RangeAsked):
        yield from _of_range(asked.place, known, clock, complain)
    else:
        yield from _of_run(asked.place, known, clock)


def _of_run(folder: Path, known: Known, clock: Clock) -> Iterator[Found]:
    """Until the run has stopped."""
    is_over = False
    while not is_over:
        run = read_run(folder)
        is_over = run.stopped is not None
        if is_over or any(window.edge.steps for window in run.timeline):
            yield read_place(folder, known)
        if not is_over:
            clock.sleep(LOOK_EVERY)


def _of_range(
    place: RangeAsked,
    known: Known,
    clock: Clock,
    complain: Callable[[MatchnightError], object],
) -> Iterator[Found]:
    """Until `stop`, or for ever."""
    has_answered, now = False, clock.now()
    while True:
        stop = now if place.stop is None else min(now, place.stop)
        try:
            yield read_place(replace(place, stop=stop), known)
            has_answered = True
        except MatchnightError as error:
            if not has_answered or error.status is not ExitStatus.UNREACHABLE:
                raise
            complain(error)
        if stop == place.stop:
            return
        clock.sleep(LOOK_EVERY)
        now = clock.now()


@dataclass(slots=True)
class _Told:
    """What has been told, and what is news."""

    say: Callable[[str], object]
    last: Case | None = None
    _forming: Forming = field(default_factory=Forming)
    _hostile: frozenset[Hostile] = frozenset()

    def tell(self, case: Case) -> None:
        """Say so if it is news."""
        verdict, at = case.verdict, case.source.duration
        change = self._forming.look(verdict, at)
        hostile = _found(verdict)
        if change is not None or hostile - self._hostile:
            self._say(case, at)
        self._hostile |= hostile
        self.last = replace(case, verdict=replace(verdict, formed=self._forming.changes))

    def complain(self, error: MatchnightError) -> None:
        """Say what was wrong this time."""
        self.say(f"{error}; asked again in {LOOK_EVERY:g} s\n")

    def _say(self, case: Case, at: Seconds) -> None:
        lines = [said.answer(case.verdict)]
        lines += [f"Hostile traffic: {what}" for what in said.hostile(case.verdict)]
        lines += [f"Do: {what}" for what in said.actions(case.verdict)]
        when = said.moment(case.source, at)
        indent = " " * (len(when) + 2)
        text = [part for line in lines for part in wrapped(line, len(indent))]
        self.say(f"{when}  {text[0]}\n" + "".join(f"{indent}{line}\n" for line in text[1:]))


def _found(verdict: Verdict) -> frozenset[Hostile]:
    return frozenset(of.kind for of in verdict.hostile if of.word is not Word.UNDETERMINED)


def to_screen(text: str) -> None:
    """At once: who reads it through a pipe sees it, too."""
    sys.stdout.write(text)
    sys.stdout.flush()
