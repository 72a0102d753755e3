"""Every way to end, and the one exception that carries a message to a person."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the `matchnight` command returns. "Could not tell" is never a pass."""

    PASSED = 0
    USAGE = 2  # arguments or scenario invalid
    UNREACHABLE = 3  # target unreachable, or consent refused
    INVALID_RUN = 4  # the tester or the testbed was the bottleneck, a worker was lost
    MISSED = 99  # an objective was missed (k6's number)
    INTERRUPTED = 130


class MatchnightError(Exception):
    """What the user can mend: ends in its message and its status, never in a traceback."""

    def __init__(self, message: str, status: ExitStatus = ExitStatus.USAGE) -> None:
        super().__init__(message)
        self.status = status


class InvalidFile(MatchnightError):  # noqa: N818 - reads as what it says: the file is invalid
    """Every problem of one file, in order, as `file:line:column: path: what; what to write`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
