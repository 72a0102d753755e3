"""One crowd on a stage that is set: a child process of Locust's, watched until it is gone.

It imports neither gevent nor asyncio. The child reads its standard input for its end, so that
nothing keeps running when this process is killed; it has a session of its own, so that Ctrl-C
reaches it through us.
"""

import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import RUN, Archive, read_run
from loadtests.swarm.children import Child, free_port
from loadtests.swarm.farewell import AT_THE_END, WHEN_STOPPED
from loadtests.swarm.options import SUPERVISED, Options, arguments
from loadtests.swarm.preparation import Stage
from loadtests.swarm.screen import Screen
from loadtests.units import Seconds

LOCUSTFILE = Path(__file__).resolve().parents[1] / "locustfile.py"

START_WITHIN: Seconds = 60.0  # importing Locust on a machine that is busy with other things
OVERTIME: Seconds = 20.0  # after the window's end; the crowd itself gives up before
INTERRUPT_WITHIN: Seconds = 2.2  # leaves most of a second of the promised three for the report
LOOK_EVERY: Seconds = 0.2
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    given: Mapping[str, Any]  # its texts
    options: Options
    workers: int
    quiet: bool


def play(asked: Asked, stage: Stage, *, brief: bool = False) -> None:
    """Let the crowd play until it is gone, and see that the run's folder has a last word.

    `brief`: it is one of many. KeyboardInterrupt if it was interrupted before it had a folder.
    """
    crowd = Child(_command(asked, stage), log=stage.folder / "locust.log")
    with Screen(stage.scenario, stage.folder, quiet=asked.quiet, brief=brief) as screen:
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


def _command(asked: Asked, stage: Stage) -> list[str]:
    given = asked.given
    replaced = {**given, "target": stage.target, "report_dir": str(stage.folder)}
    told = {**given, "supervised": True, "embedded": stage.embedded}
    command = [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE)),
        *("--headless", "--skip-log-setup", "--only-summary"),
        f"--scenario={stage.path}",
        *arguments(replaced),
        *arguments(told, SUPERVISED),
    ]
    if asked.workers > 1:
        port = free_port()
        command += [
            f"--processes={asked.workers}",
            f"--master-bind-port={port}",
            f"--master-port={port}",
        ]
    return command
