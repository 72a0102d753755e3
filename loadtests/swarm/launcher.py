"""`matchnight rehearse`: a supervisor with two children, the embedded stack and the crowd.

It imports neither gevent nor asyncio, which live in one child each. Both read their standard input
for its end, so that nothing keeps running when this process is killed; both have sessions of their
own, so that Ctrl-C reaches them through us, the crowd first.
"""

import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import RUN, Archive, read_run
from loadtests.export.report import write_report
from loadtests.export.text import text
from loadtests.swarm.children import Child, free_port
from loadtests.swarm.options import Options, arguments
from loadtests.swarm.preparation import Stage, prepare
from loadtests.swarm.screen import Screen
from loadtests.units import Seconds

LOCUSTFILE = Path(__file__).resolve().parents[1] / "locustfile.py"

START_WITHIN: Seconds = 60.0  # importing Locust on a machine that is busy with other things
OVERTIME: Seconds = 20.0  # after the window's end; the crowd itself gives up before
INTERRUPT_WITHIN: Seconds = 2.2  # leaves most of a second of the promised three for the report
LOOK_EVERY: Seconds = 0.2
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def rehearse(given: Mapping[str, Any], *, workers: int, quiet: bool) -> ExitStatus:
    """Play one rehearsal, write its report, print its summary. `given`: the command line's texts.

    MatchnightError if it cannot begin.
    """
    stage = prepare(Options.of(given), workers=workers)
    try:
        crowd = Child(
            _crowd_command(given, stage, workers=workers), log=stage.folder / "locust.log"
        )
        with Screen(stage.scenario, stage.folder, quiet=quiet) as screen:
            supervisor = Supervisor(stage, crowd, screen)
            end = supervisor.watch()
    finally:
        # after the crowd: what it still asks of the stack while it stops is answered
        if stage.testbed is not None:
            stage.testbed.end()
    if supervisor.was_interrupted and not (stage.folder / RUN).exists():
        raise KeyboardInterrupt
    return _report(stage, crowd, end)


class Supervisor:
    """Watches the crowd play, and everybody be gone in the end."""

    def __init__(self, stage: Stage, crowd: Child, screen: Screen) -> None:
        self._stage = stage
        self._crowd = crowd
        self._screen = screen
        self._deadline = time.monotonic() + START_WITHIN
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
                self._extend(self._stage.scenario.duration + OVERTIME)
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
        self._deadline = time.monotonic() + (INTERRUPT_WITHIN if self._interrupts == 1 else 0)
        self._crowd.signal(signal.SIGINT)


def _report(stage: Stage, crowd: Child, end: str) -> ExitStatus:
    """Write the last word if the crowd could not, then the report; the run's exit status."""
    folder = stage.folder
    if not (folder / RUN).exists():
        raise _no_run(folder, crowd)
    run = read_run(folder)
    if run.stopped is None or end:
        archive = Archive(folder)
        why = end or f"the crowd ended with status {crowd.status}: see {folder / 'locust.log'}"
        archive.event("stopped", time.time(), reason="failed", text=why)
        archive.close()
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
