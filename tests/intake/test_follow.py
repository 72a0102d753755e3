import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from log_lines import START, combined, text

from loadtests.errors import MatchnightError
from loadtests.intake.follow import follow_logs
from loadtests.intake.logs import LogNight, LogOptions

OPTIONS = LogOptions(key=b"key")


class Evening:
    """A clock, and what happens while somebody sleeps."""

    def __init__(self, *happens: Callable[[], object]) -> None:
        self.at = 0.0
        self._happens = iter(happens)

    def now(self) -> float:
        return self.at

    def sleep(self, length: float) -> None:
        self.at += length
        next(self._happens, exhausted)()


def exhausted() -> None:
    pytest.fail("nothing more happens, and it is still waited for")


def follow(files: list[Path], evening: Evening, every: float = 0.5) -> Iterator[LogNight]:
    names = [str(file) for file in files]
    return follow_logs(names, OPTIONS, every=every, now=evening.now, sleep=evening.sleep)


def append(file: Path, *lines: str) -> None:
    with file.open("ab") as log:
        log.write(text(lines))


def test_what_is_added_to_a_log_is_seen(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    append(log, combined(START), combined(START))
    evening = Evening(lambda: None, lambda: append(log, combined(START + 1), combined(START + 2)))
    nights = follow([log], evening)
    assert [next(nights).requests for _ in range(2)] == [2, 4]
    nights.close()  # type: ignore[attr-defined] # it is a generator


def test_a_line_that_is_not_all_there_is_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    first, second = combined(START), combined(START + 1)
    log.write_bytes(text([first, first]) + second[:30].encode())

    def rest() -> None:
        with log.open("ab") as file:
            file.write(second[30:].encode() + b"\n")

    nights = follow([log], Evening(rest))
    assert next(nights).requests == 2
    night = next(nights)
    assert (night.requests, night.lines) == (3, 0)
    nights.close()  # type: ignore[attr-defined] # it is a generator


@pytest.mark.parametrize("is_copied", [False, True])
def test_a_log_that_is_rotated_is_read_on(tmp_path: Path, is_copied: bool) -> None:  # noqa: FBT001 - a case
    log = tmp_path / "a.log"
    append(log, combined(START), combined(START + 1))

    def rotate() -> None:
        if is_copied:
            os.truncate(log, 0)
        else:
            append(log, combined(START + 2))  # after the last look, before it is renamed
            log.rename(tmp_path / "a.log.1")
        append(log, combined(START + 3))

    nights = follow([log], Evening(rotate, lambda: append(log, combined(START + 4))))
    assert next(nights).requests == 2
    assert next(nights).requests == (3 if is_copied else 4)
    assert next(nights).requests == (4 if is_copied else 5)
    nights.close()  # type: ignore[attr-defined] # it is a generator


def test_it_is_told_no_more_often_than_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    append(log, combined(START), combined(START))
    adding = [lambda n=n: append(log, combined(START + n)) for n in range(1, 9)]
    evening = Evening(*adding)
    nights = follow([log], evening, every=2.0)
    seen = [(evening.at, night.requests) for _, night in zip(range(3), nights, strict=False)]
    assert [at for at, _ in seen] == [0.0, 2.0, 4.0]
    assert [requests for _, requests in seen] == [2, 6, 10]


def test_nothing_is_told_before_the_first_request(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.touch()
    nights = follow(
        [log], Evening(lambda: None, lambda: append(log, combined(START), combined(START)))
    )
    assert next(nights).requests == 2
    nights.close()  # type: ignore[attr-defined] # it is a generator


def test_standard_input_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        os.write(writer, text([combined(START), combined(START)]))
        evening = Evening(
            lambda: os.write(writer, combined(START + 1).encode()),
            lambda: os.close(writer),
            lambda: None,
            lambda: None,
        )
        nights = follow_logs(["-"], OPTIONS, every=0.5, now=evening.now, sleep=evening.sleep)
        assert [night.requests for night in nights] == [2, 3]


def test_what_nothing_is_added_to_cannot_be_followed(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"a"))
    with pytest.raises(MatchnightError, match="nothing is added to it"):
        next(follow([tmp_path / "a.gz"], Evening()))
    with pytest.raises(MatchnightError, match="is no file to follow"):
        next(follow([tmp_path / "none.log"], Evening()))
