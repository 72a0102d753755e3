"""Every way to end, and the one exception that carries a message to a person."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the `matchnight` command returns. "Could not tell" is never a pass."""

    PASSED = 0
    USAGE = 2  # arguments or scenario invalid
    UNREACHABLE = 3  # target or guard unreachable, consent refused or withdrawn, Matchnight-Stop
    INVALID_RUN = 4  # tester or testbed the bottleneck, a worker lost, a guard silent
    UNDETERMINED = 5  # `diagnose` could not tell what made viewers fail
    MISSED = 99  # an objective was missed (k6's number), the run aborted, the canary not clean
    INTERRUPTED = 130  # by a signal, or by `matchnight stop`


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
