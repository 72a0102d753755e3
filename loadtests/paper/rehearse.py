"""`matchnight simulate`: a rehearsal in simulated time, whose folder and report are any other's."""

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loadtests.binding import Misfit
from loadtests.collect import qoe
from loadtests.collect.timeline import Timeline
from loadtests.diagnosis.black_screens import black, decided
from loadtests.diagnosis.signature import Signature, write_signature
from loadtests.diagnosis.target import granted, modeled
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export import words
from loadtests.export.archive import SIGNATURE, Archive, Manifest, nothing_is_garbage
from loadtests.export.report import write_report
from loadtests.export.text import text
from loadtests.paper.simulate import START, play
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import load, other_files
from loadtests.stack.service import Service
from loadtests.units import Ratio, Seconds, write_moment

LINE_EVERY: Seconds = 5.0
SHOW_EVERY: Seconds = 0.2  # on a terminal, where one line is written over again

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)

_OVER_AGAIN = "\r\033[K"  # to the line's beginning, and nothing left of it (ECMA-48, EL)

OWN_STACK = "the scenario's own stack"
"""What reports name as the target where there is no signature."""

Clock = Callable[[], Seconds]
"""Seconds since the epoch, on the wall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    path: Path  # the scenario's file
    scenario: Scenario  # as `against` has made it
    signature: Signature | None  # None: the scenario's own stack
    folder: Path
    variant: str | None  # this and the next three: as asked for; None: the scenario decides
    scale: Ratio | None
    speed: float | None
    seed: int | None
    command: list[str]  # that does it again
    quiet: bool


def against(scenario: Scenario, signature: Signature | None) -> Scenario:
    """The evening against what it is simulated with; MatchnightError if there is no such thing."""
    if signature is None:
        if scenario.stack is None:
            what = "describes no `stack` to simulate it with; give a --signature"
            raise MatchnightError(f"{scenario.name}: {what}")
        return scenario
    try:
        return modeled(scenario, signature)
    except Misfit as misfit:
        where = ".".join(map(str, ("stack", *misfit.path)))
        what = f"the model of its target does not fit {scenario.name}: {where}: {misfit.what}"
        raise MatchnightError(f"--signature: {what}") from None


def rehearse(asked: Asked, now: Clock) -> ExitStatus:
    """Play it in simulated time, write its folder and report, print its summary.

    Ctrl-C ends it early, and the report tells of what was played.
    """
    _play(asked, now)
    with nothing_is_garbage():
        summary = write_report(asked.folder)
    sys.stdout.write(text(summary, folder=str(asked.folder), color=sys.stdout.isatty()))
    return ExitStatus(summary.exit_status)


def _play(asked: Asked, now: Clock) -> None:
    """Fill the run's folder, its last word included."""
    scenario, began = asked.scenario, now()
    with _archive(asked, began) as archive:
        archive.event("started", began)
        course = _Course(scenario, archive, _Progress(scenario, now, quiet=asked.quiet))
        timeline = course.run()
        if asked.signature is not None:
            for said in granted(asked.signature, scenario, timeline):
                archive.event("notice", began, text=said)
        archive.event("notice", began, text=f"Computed in {words.duration(now() - began)}.")
        if course.was_interrupted:
            archive.event("stopped", began + len(timeline), reason="interrupted")
        else:
            archive.event("stopped", began + scenario.duration, reason="finished")


def _archive(asked: Asked, began: Seconds) -> Archive:
    record = _manifest(asked, began)
    archive = Archive.create(asked.folder, record, load(asked.path), other_files(asked.path))
    if asked.signature is not None:
        _keep(asked.folder / SIGNATURE, write_signature(asked.signature))
    return archive


def _manifest(asked: Asked, began: Seconds) -> Manifest:
    signature = asked.signature
    return Manifest(
        scenario=asked.scenario.name,
        variant=asked.variant,
        scale=asked.scale,
        speed=asked.speed,
        seed=asked.seed,
        target=OWN_STACK if signature is None else f"a model of {signature.target}",
        embedded=signature is None,
        simulated=True,
        created=write_moment(began),
        command=asked.command,
    )


def _keep(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise MatchnightError(f"{path}: cannot be written: {error.strerror}") from error


class _Course:
    """A run under way: every second of it is written as it ends."""

    def __init__(self, scenario: Scenario, archive: Archive, progress: "_Progress") -> None:
        self.was_interrupted = False
        self._scenario = scenario
        self._archive = archive
        self._progress = progress
        self._filed = 0  # seconds

    def run(self) -> Timeline:
        """Play it to its end, or until somebody interrupts."""
        stack = self._scenario.embedded_stack
        assert stack is not None  # noqa: S101 - `against` has made sure
        service = Service(stack)
        service.begin(START)
        handlers = {number: signal.signal(number, self._interrupted) for number in INTERRUPTS}
        try:
            with nothing_is_garbage():
                timeline = play(self._scenario, service, until=self._ends)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        self._file(timeline)
        self._progress.end()
        return timeline

    def _ends(self, timeline: Timeline) -> bool:
        self._file(timeline)
        self._progress.show(timeline)
        return self.was_interrupted

    def _file(self, timeline: Timeline) -> None:
        for window in timeline.seconds(self._filed, len(timeline)):
            self._archive.append(window)
        self._filed = len(timeline)

    def _interrupted(self, number: int, frame: object) -> None:
        del number, frame
        self.was_interrupted = True


class _Progress:
    """How far it is: one line written over again on a terminal, a line now and then elsewhere."""

    def __init__(self, scenario: Scenario, now: Clock, *, quiet: bool) -> None:
        self._scenario = scenario
        self._now = now
        self._quiet = quiet
        self._on_terminal = sys.stdout.isatty()
        self._began = now()
        self._next = self._began + self._every

    @property
    def _every(self) -> Seconds:
        return SHOW_EVERY if self._on_terminal else LINE_EVERY

    def show(self, timeline: Timeline) -> None:
        """Say so, if it is time to."""
        now = self._now()
        if self._quiet or now < self._next:
            return
        self._next = now + self._every
        line = progress(self._scenario, timeline, took=now - self._began)
        sys.stdout.write(f"{_OVER_AGAIN}{line}" if self._on_terminal else f"{line}\n")
        sys.stdout.flush()

    def end(self) -> None:
        """Leave the terminal's line to what comes next."""
        if self._on_terminal and not self._quiet:
            sys.stdout.write(_OVER_AGAIN)


def progress(scenario: Scenario, timeline: Timeline, *, took: Seconds) -> str:
    """How far a simulation has come in the time it `took`, in one line of at most 100 columns."""
    total, offset = timeline.total, scenario.offset(len(timeline))
    met, known = black(total, scenario.black_screens), decided(total)
    pace = (offset - scenario.window.start) / 60 / took if took else 0.0
    return (
        f"simulated up to {words.offset_clock(offset)}, {words.brief(pace)} minutes of the evening "
        f"a second; {words.count(qoe.arrived(total))} viewers, "
        f"black screens {words.percent(met / known) if known else words.NONE}"
    )
