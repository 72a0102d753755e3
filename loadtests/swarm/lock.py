"""One run at a time for what no two runs may share on this machine: a consent, a set of accounts.

A ceiling that each of two runs keeps to is exceeded by both; an account that one viewer holds at a
time is held by two. The system gives a lock back when its process ends, however it ends.
"""

import fcntl
import os
from contextlib import ExitStack
from pathlib import Path

from loadtests.errors import ExitStatus, MatchnightError


class Lock:
    """An exclusive lock on a file that is there (flock(2)): held until released."""

    def __init__(self, path: Path, *, busy: MatchnightError) -> None:
        """Take it; raises `busy` if somebody has it, MatchnightError if it cannot be had."""
        self._file: int | None = None
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as problem:
            raise MatchnightError(f"{path}: cannot be read: {problem.strerror}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            os.close(file)
            if isinstance(problem, BlockingIOError):
                raise busy from None
            raise MatchnightError(f"{path}: cannot be locked: {problem.strerror}") from None
        self._file = file

    def release(self) -> None:
        """Let others have it. Releasing twice does nothing."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def hold(held: ExitStack, *, consent: Path | None, accounts: Path | None) -> None:
    """Keep other runs on this machine from a consent and accounts until `held` is closed.

    MatchnightError (status 3) if one of them has either.
    """
    for path, flag in ((consent, "--consent"), (accounts, "--accounts")):
        if path is not None:
            busy = MatchnightError(
                f"{flag}: another run on this machine is using {path}; wait for its end",
                ExitStatus.UNREACHABLE,
            )
            held.callback(Lock(path, busy=busy).release)
