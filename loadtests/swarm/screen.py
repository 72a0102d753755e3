"""What a person sees while a rehearsal runs: the folder as it grows, drawn again and again."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.live import Live

from loadtests.audience.crowd import planned
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.export import live
from loadtests.export.archive import EVENTS, WINDOWS
from loadtests.scenario.model import Scenario
from loadtests.units import Seconds

LINE_EVERY: Seconds = 5.0


class Tail:
    """The whole lines a growing file of JSON has gained since they were last read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                new = file.read()
        except FileNotFoundError:
            return
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            yield json.loads(line)


class Screen:
    """The live view: redrawn on a terminal, a line now and then elsewhere, nothing if `quiet`.

    A run that is `brief`, one of a row, has one line on a terminal while it lasts, nothing else.
    """

    def __init__(
        self, scenario: Scenario, folder: Path, *, quiet: bool, brief: bool = False
    ) -> None:
        self.start: Seconds | None = None  # the barrier, once the crowd has said so
        self._scenario = scenario
        self._planned = planned(scenario)
        self._timeline = Timeline()
        self._windows = Tail(folder / WINDOWS)
        self._events = Tail(folder / EVENTS)
        self._next_line = 0.0
        self._brief = brief
        self._quiet = quiet or (brief and not sys.stdout.isatty())
        self._live: Live | None = None
        if sys.stdout.isatty() and not quiet:
            self._live = Live(console=Console(), auto_refresh=False, transient=brief)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def refresh(self) -> None:
        """Read what has come, and show it."""
        for event in self._events:
            if event["kind"] == "started":
                self.start = event["at"]
        seconds = [Window.from_json(record) for record in self._windows]
        for window in seconds:
            self._timeline.add(window)
        # drawing takes a core that the crowd and the stack may need: only when there is news
        if seconds and self.start is not None and not self._quiet:
            self._show(max(0.0, time.time() - self.start))

    def _show(self, now: Seconds) -> None:
        if self._live is not None:
            draw = live.brief if self._brief else live.view
            self._live.update(
                draw(self._scenario, self._timeline, self._planned, now), refresh=True
            )
        elif now >= self._next_line:
            self._next_line = now + LINE_EVERY
            line = live.line(self._scenario, self._timeline, self._planned, now)
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
