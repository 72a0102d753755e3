"""Logs as they lie there, block by block: plain, compressed, or from standard input."""

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from loadtests.errors import MatchnightError

STANDARD_INPUT = "-"
STANDARD_INPUT_NAME = "standard input"
BLOCK = 1 << 18
"""Bytes read at once."""
LONGEST_LINE = 1 << 17
"""Bytes of a line; nothing that writes access logs writes a longer one."""
TOO_LONG = "(a line of more than 128 KiB)"


class Readable(Protocol):
    """Bytes, one after another."""

    def read(self, size: int, /) -> bytes:
        """The next ones, at most so many; none at the end."""

    def close(self) -> None:
        """Done with it."""


_COMPRESSED: Mapping[bytes, Callable[[BufferedReader], Readable]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
"""How files of these first bytes are opened."""
_UNREADABLE = {
    b"\x28\xb5\x2f\xfd": "is compressed with zstd; write `zstd -dc {0} | ... --access-log -`",
    b"PK\x03\x04": "is a zip archive; write `unzip -p {0} | ... --access-log -`",
    b"\xff\xfe": "is UTF-16; write `iconv -f UTF-16 -t UTF-8 {0} | ... --access-log -`",
    b"\xfe\xff": "is UTF-16; write `iconv -f UTF-16 -t UTF-8 {0} | ... --access-log -`",
}
_MARK = b"\xef\xbb\xbf"  # of UTF-8: some editors put it first
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, OSError)


class Opened:
    """One log, open. `ended_early` says why it ended before its end, or is empty.

    A compressed file that is cut short or damaged ends there; what was read until then stands.
    """

    def __init__(self, path: str, file: BufferedReader | None = None) -> None:
        """`path`: of a file, or `-`; `file`: if it is open. MatchnightError: it is no text."""
        self.path = path
        self.name = name_of(path)
        self.ended_early = ""
        self._raw = raw(path) if file is None else file
        try:
            self._file = decompressed(self._raw, path) if file is None else file
        except MatchnightError:
            self.close()
            raise
        self._rest = b""
        self._is_skipping = False

    def lines(self) -> Iterator[list[str]]:
        """The lines, without their ends, some at a time; the last may have no end."""
        yield from self.complete()
        yield from self.rest()

    def complete(self) -> Iterator[list[str]]:
        """The lines there are so far, but for one that has no end yet."""
        while block := self.block():
            whole, end, tail = (self._rest + block).rpartition(b"\n")
            found = _decoded(whole) if end else []
            if end and self._is_skipping:
                found[0], self._is_skipping = TOO_LONG, False
            self._rest = tail
            if len(tail) > LONGEST_LINE:
                self._rest, self._is_skipping = b"", True
            yield found

    def rest(self) -> Iterator[list[str]]:
        """The line that has no end, if there is one: nothing will be added to it."""
        if self._is_skipping:
            yield [TOO_LONG]
        elif self._rest:
            yield _decoded(self._rest)
        self._rest, self._is_skipping = b"", False

    def block(self) -> bytes:
        """The next bytes; none at the end."""
        try:
            return self._file.read(BLOCK)
        except _BROKEN as problem:
            self.ended_early = str(problem) or type(problem).__name__
            return b""

    def close(self) -> None:
        """Done with it; standard input stays open."""
        if self.path != STANDARD_INPUT:
            self._raw.close()


def _decoded(block: bytes) -> list[str]:
    return (
        block.decode("utf-8", "surrogateescape")
        .replace("\r\n", "\n")
        .removesuffix("\r")
        .split("\n")
    )


def decompressed(file: BufferedReader, path: str) -> Readable:
    """The text in a file. MatchnightError: it is in a form that is not read here."""
    first = file.peek(8)
    for magic, advice in _UNREADABLE.items():
        if first.startswith(magic):
            raise MatchnightError(f"{name_of(path)}: {advice.format(path)}")
    for magic, open_ in _COMPRESSED.items():
        if first.startswith(magic):
            return open_(file)
    if first.startswith(_MARK):
        file.read(len(_MARK))
    return file


def is_compressed(file: BufferedReader) -> bool:
    """Whether it is a file nothing is added to any more."""
    return any(file.peek(8).startswith(magic) for magic in _COMPRESSED)


def name_of(path: str) -> str:
    """What people call it."""
    return STANDARD_INPUT_NAME if path == STANDARD_INPUT else path


def raw(path: str) -> BufferedReader:
    """The bytes in a file. MatchnightError: there is none, or it may not be read."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer  # type: ignore[return-value]  # it is one
    try:
        if Path(path).is_dir():
            raise MatchnightError(
                f"{path}: is a folder; write the logs in it, such as {path}/*.log"
            )
        return Path(path).open("rb")
    except OSError as error:
        raise MatchnightError(f"{path}: {error.strerror}; write an access log's path") from None
