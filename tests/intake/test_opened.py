import bz2
import gzip
import io
import lzma
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.errors import MatchnightError
from loadtests.intake import opened
from loadtests.intake.opened import BLOCK, LONGEST_LINE, TOO_LONG, Opened

TEXT = b"one\ntwo \xc3\xa9\nthree"


def lines(path: Path) -> list[str]:
    log = Opened(str(path))
    found = [line for some in log.lines() for line in some]
    log.close()
    return found


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_a_log_is_read_however_it_is_packed(tmp_path: Path, pack: type[bytes]) -> None:
    (tmp_path / "a").write_bytes(pack(TEXT))
    assert lines(tmp_path / "a") == ["one", "two é", "three"]


def test_several_packed_parts_one_after_the_other_are_one_log(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(b"one\ntw") + gzip.compress(b"o\n"))
    assert lines(tmp_path / "a") == ["one", "two"]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(gzip.compress(TEXT))))
    monkeypatch.setattr(sys, "stdin", stream)
    log = Opened("-")
    assert [line for some in log.lines() for line in some] == ["one", "two é", "three"]
    assert log.name == "standard input"


@pytest.mark.parametrize("text", [b"one\r\ntwo\r\n", b"\xef\xbb\xbfone\ntwo\n", b"one\ntwo"])
def test_ends_of_lines_and_a_mark_of_utf_8_are_no_part_of_them(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a").write_bytes(text)
    assert lines(tmp_path / "a") == ["one", "two"]


def test_what_is_cut_short_is_read_as_far_as_it_goes_and_said_to_be_so(tmp_path: Path) -> None:
    whole = b"".join(b"%d\n" % n for n in range(200_000))
    (tmp_path / "a").write_bytes(gzip.compress(whole)[:-1000])
    log = Opened(str(tmp_path / "a"))
    found = [line for some in log.lines() for line in some]
    assert len(found) > 100_000
    assert found[:2] == ["0", "1"]
    assert "end-of-stream" in log.ended_early
    log.close()


def test_what_is_damaged_is_said_to_be_so(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"".join(b"%d\n" % (n * n) for n in range(50_000))))
    packed[len(packed) // 2] ^= 0xFF
    (tmp_path / "a").write_bytes(packed)
    log = Opened(str(tmp_path / "a"))
    found = [line for some in log.lines() for line in some]
    assert found[:3] == ["0", "1", "4"]
    assert log.ended_early
    log.close()


def test_a_line_without_end_takes_no_more_room_than_a_long_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(
        b"one\n" + bytes(3 * BLOCK) + b"\ntwo\n" + b"x" * (LONGEST_LINE + 1)
    )
    assert lines(tmp_path / "a") == ["one", TOO_LONG, "two", TOO_LONG]


@pytest.mark.parametrize(
    ("first", "advice"),
    [
        (b"\x28\xb5\x2f\xfd", "zstd -dc"),
        (b"PK\x03\x04", "unzip -p"),
        (b"\xff\xfea\0", "iconv -f UTF-16"),
    ],
)
def test_what_is_packed_in_another_way_is_refused_with_what_to_write(
    tmp_path: Path, first: bytes, advice: str
) -> None:
    (tmp_path / "a").write_bytes(first + bytes(100))
    with pytest.raises(MatchnightError, match=advice):
        Opened(str(tmp_path / "a"))


def test_what_cannot_be_opened_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match=r"missing\.log: No such file"):
        Opened(str(tmp_path / "missing.log"))
    with pytest.raises(MatchnightError, match=r"is a folder; write the logs in it"):
        Opened(str(tmp_path))


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=12), max_size=30),
    size=st.integers(1, 40),
)
def test_where_blocks_end_makes_no_difference(texts: list[str], size: int) -> None:
    data = "".join(f"{text}\n" for text in texts).encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opened, "BLOCK", size)
        log = Opened("a", io.BufferedReader(io.BytesIO(data)))
        found = [line for some in log.lines() for line in some]
    assert "\n".join([*found, ""]) == data.decode("utf-8", "surrogateescape")
