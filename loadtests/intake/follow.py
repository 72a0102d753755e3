"""Logs that are still written: what they say so far, again and again."""

import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from loadtests.errors import MatchnightError
from loadtests.intake.logs import LogNight, LogOptions, Logs, once
from loadtests.intake.opened import BLOCK, STANDARD_INPUT, Opened, is_compressed, raw
from loadtests.units import Seconds

POLL: Seconds = 0.5
"""Between two looks at logs nothing was added to."""


def follow_logs(
    files: Sequence[str],
    options: LogOptions,
    *,
    every: Seconds,
    now: Callable[[], Seconds] = time.monotonic,
    sleep: Callable[[Seconds], object] = time.sleep,
) -> Iterator[LogNight]:
    """What these files say so far, once in `every` seconds if anything was added to them.

    What is there already comes first. A file that is renamed and begun anew (rotation), or cut
    short, is read on from its new beginning. It ends when standard input does, if that is all there
    is to read. What one night holds changes once the next is asked for.
    MatchnightError: as of `read_logs`; or a file is compressed, and nothing is added to it.
    """
    sources = [_growing(file) for file in once(files)]
    try:
        yield from _looks(Logs(sources, options), sources, every=every, now=now, sleep=sleep)
    finally:  # whoever has seen enough closes this generator
        for source in sources:
            source.close()


def _looks(
    logs: Logs,
    sources: Sequence["Growing"],
    *,
    every: Seconds,
    now: Callable[[], Seconds],
    sleep: Callable[[Seconds], object],
) -> Iterator[LogNight]:
    added, due = 0, now()
    while True:
        is_over = all(source.is_over for source in sources)
        added += logs.read()
        if is_over:
            logs.end()
            yield logs.night()
            return
        if added and logs.requests and now() >= due:
            added, due = 0, now() + every
            yield logs.night()
        sleep(POLL)


def _growing(file: str) -> "Growing":
    if file == STANDARD_INPUT:
        return _Piped(file)
    if not Path(file).is_file():
        raise MatchnightError(f"{file}: is no file to follow; write a log's path, or - for a pipe")
    return Growing(file)


class Growing(Opened):
    """A file something is added to; a block of it is what is there now."""

    is_over = False

    def __init__(self, path: str) -> None:
        """MatchnightError: it cannot be read, or it is compressed: nobody adds to it."""
        self._log = raw(path)
        super().__init__(path, self._log)
        if path != STANDARD_INPUT and is_compressed(self._log):
            self.close()
            raise MatchnightError(f"{path}: is compressed, so nothing is added to it")

    def block(self) -> bytes:
        """The next bytes; none: there are none yet."""
        found = super().block()
        if found or not self._is_begun_anew():
            return found
        # what was written to the old one meanwhile comes first, or it would be lost
        return super().block() or self._anew()

    def _is_begun_anew(self) -> bool:
        try:
            there = Path(self.path).stat()
        except FileNotFoundError:
            return False  # renamed, and the next one not begun yet
        read = os.fstat(self._log.fileno())
        is_other = (there.st_dev, there.st_ino) != (read.st_dev, read.st_ino)
        return is_other or there.st_size < self._log.tell()

    def _anew(self) -> bytes:
        self._log.close()
        self._log = self._raw = self._file = raw(self.path)
        return b"\n" + super().block()  # what had no end ends here


class _Piped(Growing):
    """Standard input, of which only what is there is read."""

    def block(self) -> bytes:
        """The next bytes; none: there are none yet, or it is over."""
        if self.is_over or not select.select([self._log], [], [], 0)[0]:
            return b""
        found = self._log.read1(BLOCK)
        self.is_over = not found
        return found
