"""`matchnight rehearse`: a supervisor with two children, the embedded stack and the crowd.

It imports neither gevent nor asyncio, which live in one child each. Both read their standard input
for its end, so that nothing keeps running when this process is killed; both have sessions of their
own, so that Ctrl-C reaches them through us, the crowd first.
"""

import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loadtests.audience.canary import SHARE
from loadtests.audience.canary import canary as canary_of
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import RUN, Archive, read_run
from loadtests.export.report import write_report
from loadtests.export.text import text
from loadtests.scenario.read import load, other_files
from loadtests.swarm import canary
from loadtests.swarm.children import Child, free_port
from loadtests.swarm.farewell import AT_THE_END, WHEN_STOPPED
from loadtests.swarm.options import Options, arguments
from loadtests.swarm.preparation import Stage, manifest, prepare
from loadtests.swarm.screen import Screen
from loadtests.units import Seconds, write_duration

LOCUSTFILE = Path(__file__).resolve().parents[1] / "locustfile.py"

START_WITHIN: Seconds = 60.0  # importing Locust on a machine that is busy with other things
OVERTIME: Seconds = 20.0  # after the window's end; the crowd itself gives up before
INTERRUPT_WITHIN: Seconds = 2.2  # leaves most of a second of the promised three for the report
LOOK_EVERY: Seconds = 0.2
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A rehearsal as the command line asks for it."""

    given: Mapping[str, Any]  # the command line's texts
    options: Options
    workers: int
    quiet: bool


def rehearse(given: Mapping[str, Any], *, workers: int, quiet: bool) -> ExitStatus:
    """Play one rehearsal, write its report, print its summary. `given`: the command line's texts.

    A canary goes first where one is wanted; what it finds may end the rehearsal before it begins.
    MatchnightError if it cannot begin.
    """
    asked = Asked(given=given, options=Options.of(given), workers=workers, quiet=quiet)
    flight = canary.wanted(asked.options)
    stage = prepare(asked.options, workers=workers)
    try:
        if flight is not None and not _canary_came_back(asked, stage, flight):
            return _report(stage)
        _play(asked, stage)
    finally:
        # after the crowd: what it still asks of the stack while it stops is answered
        stage.end()
    return _report(stage)


def _canary_came_back(asked: Asked, stage: Stage, seconds: Seconds) -> bool:
    """Whether the rehearsal may begin; if not, its folder has its last word already."""
    folder = stage.folder / canary.FOLDER
    folder.mkdir()
    shown = write_duration(seconds)
    if not asked.quiet:
        sys.stdout.write(f"canary first: {SHARE:.0%} of the crowd for {shown}\n")
    scenario = canary_of(stage.scenario, seconds)
    ahead = replace(asked, given={**asked.given, "plays_canary": shown})
    _play(ahead, replace(stage, folder=folder, scenario=scenario))
    write_report(folder)
    cause = canary.unclean(read_run(folder))
    if cause is None:
        with Archive(stage.folder) as archive:
            archive.event("canary", time.time(), clean=True, text=f"clean after {shown}")
        return True
    record = manifest(stage, asked.options, asked.given, workers=asked.workers)
    files = other_files(stage.path)
    with Archive.create(stage.folder, record, load(stage.path), files) as archive:
        archive.event("canary", time.time(), clean=False, text=cause.text)
        archive.event("stopped", time.time(), reason=cause.reason, text=cause.text)
    return False


def _play(asked: Asked, stage: Stage) -> None:
    """Let the crowd play until it is gone, and see that the run's folder has a last word."""
    crowd = Child(
        _crowd_command(asked.given, stage, workers=asked.workers), log=stage.folder / "locust.log"
    )
    with Screen(stage.scenario, stage.folder, quiet=asked.quiet) as screen:
        supervisor = Supervisor(stage, crowd, screen)
        end = supervisor.watch()
    if supervisor.was_interrupted and not (stage.folder / RUN).exists():
        raise KeyboardInterrupt
    _conclude(stage, crowd, end)


class Supervisor:
    """Watches the crowd play, and everybody be gone in the end."""

    def __init__(self, stage: Stage, crowd: Child, screen: Screen) -> None:
        self._stage = stage
        self._crowd = crowd
        self._screen = screen
        self._deadline = time.monotonic() + START_WITHIN
        self._leaving = 0.0 if stage.embedded else AT_THE_END
        self._interrupts = 0

    @property
    def was_interrupted(self) -> bool:
        """Whether somebody asked for the end."""
        return self._interrupts > 0

    def watch(self) -> str:
        """Until the crowd is gone; why we ended it, empty if it ended by itself."""
        handlers = {n: signal.signal(n, self._interrupted) for n in INTERRUPTS}
        try:
            return self._watch()
        finally:
            self._crowd.end()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _watch(self) -> str:
        has_started = False
        while self._crowd.wait(LOOK_EVERY) is None:
            self._screen.refresh()
            if not has_started and self._screen.start is not None:
                has_started = True
                self._extend(self._stage.scenario.duration + self._leaving + OVERTIME)
            if self._testbed_is_gone:
                return "the embedded stack ended by itself"
            if time.monotonic() > self._deadline:
                return "" if self._interrupts else "the crowd did not end in time"
        self._screen.refresh()
        return ""

    @property
    def _testbed_is_gone(self) -> bool:
        testbed = self._stage.testbed
        return testbed is not None and testbed.status is not None

    def _extend(self, time_left: Seconds) -> None:
        if not self._interrupts:
            self._deadline = time.monotonic() + time_left

    def _interrupted(self, number: int, frame: object) -> None:
        """Ctrl-C: the crowd stops in order; a second one ends it at once."""
        del number, frame
        self._interrupts += 1
        within = min(self._leaving, WHEN_STOPPED) + INTERRUPT_WITHIN
        self._deadline = time.monotonic() + (within if self._interrupts == 1 else 0)
        self._crowd.signal(signal.SIGINT)


def _conclude(stage: Stage, crowd: Child, end: str) -> None:
    """Write the last word if the crowd could not."""
    folder = stage.folder
    if not (folder / RUN).exists():
        raise _no_run(folder, crowd)
    if read_run(folder).stopped is None or end:
        why = end or f"the crowd ended with status {crowd.status}: see {folder / 'locust.log'}"
        with Archive(folder) as archive:
            archive.event("stopped", time.time(), reason="failed", text=why)


def _report(stage: Stage) -> ExitStatus:
    """Write and print the report; the run's exit status."""
    folder = stage.folder
    if (stopped := read_run(folder).stopped) is not None and "text" in stopped.facts:
        sys.stderr.write(f"matchnight: {stopped.facts['text']}\n")
    summary = write_report(folder)
    sys.stdout.write(text(summary, folder=str(folder), color=sys.stdout.isatty()))
    return ExitStatus(summary.exit_status)


def _no_run(folder: Path, crowd: Child) -> MatchnightError:
    """Why there is nothing to report on: what the crowd said last."""
    log = (folder / "locust.log").read_text(encoding="utf-8", errors="replace")
    _, found, said = log.rpartition("matchnight: ")
    status = crowd.status
    known = (
        status if status in {ExitStatus.USAGE, ExitStatus.UNREACHABLE} else ExitStatus.INVALID_RUN
    )
    return MatchnightError(
        said.splitlines()[0] if found else f"the crowd did not begin: see {folder / 'locust.log'}",
        ExitStatus(known),
    )


def _crowd_command(given: Mapping[str, Any], stage: Stage, *, workers: int) -> list[str]:
    replaced = {**given, "target": stage.target, "report_dir": str(stage.folder)}
    command = [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE)),
        *("--headless", "--skip-log-setup", "--only-summary", "--supervised"),
        f"--scenario={stage.path}",
        *arguments(replaced),
    ]
    if plays_canary := given.get("plays_canary"):
        command.append(f"--plays-canary={plays_canary}")
    if stage.embedded:
        command.append("--embedded")
    if workers > 1:
        port = free_port()
        command += [
            f"--processes={workers}",
            f"--master-bind-port={port}",
            f"--master-port={port}",
        ]
    return command
