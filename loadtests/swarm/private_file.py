"""Files that hold passwords or tokens: read only if nobody else on this machine can read them."""

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from loadtests.errors import InvalidFile, MatchnightError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SHOWN = 20  # problems of one file: who saved it wrongly has one on every line


def read_private(path: Path) -> str:
    """The text of a file of secrets, without its byte order mark.

    MatchnightError: it cannot be read, or others can. InvalidFile: it is not UTF-8; no message
    shows anything of what is in it.
    """
    try:
        check_private(path)
        data = path.read_bytes()
    except OSError as problem:
        raise MatchnightError(f"{path}: cannot be read: {problem.strerror}") from None
    return _decoded(path, data)


def check_private(path: Path) -> None:
    """MatchnightError if it is no file, or others on this machine can get at it; OSError."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise MatchnightError(f"{path}: not a file; write the name of one")
    if mode & _OTHERS:
        raise MatchnightError(
            f"{path}: it holds secrets, and others on this machine can get at it; "
            f"run chmod 600 {path}"
        )


def invalid_lines(path: Path, problems: Sequence[tuple[int, str]]) -> InvalidFile:
    """All that is wrong with a file, by line; of very much of it the beginning."""
    said = [f"{path}:{line}: {what}" for line, what in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        said.append(f"{path}: and {len(problems) - _SHOWN} more problems like these")
    return InvalidFile(said)


def append_private(path: Path, lines: str, *, is_synced: bool = False) -> None:
    """Add whole lines to a file that is there, in one piece: others may append to it meanwhile.

    (O_APPEND, POSIX write(2).) With `is_synced` they are on the disk when this returns. OSError
    where it cannot be written.
    """
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        data = lines.encode()
        if os.write(file, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if is_synced:
            os.fsync(file)
    finally:
        os.close(file)


def _decoded(path: Path, data: bytes) -> str:
    if data[:2] in _UTF_16:
        raise invalid_lines(path, [(1, "it is UTF-16; save the file as UTF-8")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise invalid_lines(path, [(line, "not UTF-8; save the file as UTF-8")]) from None
