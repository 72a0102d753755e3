"""JSON lines on disk, written in batches so that no request waits for a disk."""

import json
import os
from pathlib import Path
from typing import Any

from loadtests.errors import MatchnightError

_encode = json.JSONEncoder(ensure_ascii=True, separators=(", ", ": ")).encode


class Journal:
    """One file of JSON objects, a line each. MatchnightError when the system does not take them."""

    def __init__(self, path: Path) -> None:
        """Start the file anew."""
        self._path = path
        self._lines: list[str] = []
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        except OSError as problem:
            raise self._refused(problem) from None

    def add(self, line: dict[str, Any]) -> None:
        """One more line, to be written by the next flush."""
        self._lines.append(_encode(line))

    def flush(self) -> None:
        """Hand all lines to the system: from then on they survive the death of this process."""
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        left = memoryview(("\n".join(lines) + "\n").encode())
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as problem:
            raise self._refused(problem) from None

    def close(self) -> None:
        """Flush for the last time."""
        try:
            self.flush()
        finally:
            os.close(self._file)

    def _refused(self, problem: OSError) -> MatchnightError:
        return MatchnightError(f"cannot write {self._path}: {problem.strerror}")
