"""JSON lines in batches."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadtests.errors import MatchnightError
from loadtests.testbed.journal import Journal

VALUES = st.none() | st.integers() | st.floats(allow_nan=False) | st.text()
RECORDS = st.lists(st.dictionaries(st.text(), VALUES), max_size=8)


@given(st.lists(RECORDS, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_added_is_what_is_read_whatever_the_batches(
    tmp_path: Path, batches: list[list[dict[str, object]]]
) -> None:
    path = tmp_path / "log.jsonl"  # started anew by each journal
    journal = Journal(path)
    for batch in batches:
        for record in batch:
            journal.add(record)
        journal.flush()
    journal.close()
    read = [json.loads(line) for line in path.read_text(encoding="ascii").split("\n")[:-1]]
    assert read == [record for batch in batches for record in batch]


def test_nothing_is_written_before_the_flush_and_all_of_it_then(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    journal = Journal(path)
    journal.add({"n": 1})
    assert path.read_bytes() == b""
    journal.flush()
    assert path.read_bytes() == b'{"n": 1}\n'
    journal.add({"n": 2})
    journal.close()
    assert path.read_bytes() == b'{"n": 1}\n{"n": 2}\n'


def test_a_full_disk_is_said_so() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    journal = Journal(full)
    journal.add({"n": 1})
    with pytest.raises(MatchnightError, match="cannot write /dev/full: No space left"):
        journal.close()


def test_a_file_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match=r"cannot write .*: No such file"):
        Journal(tmp_path / "nowhere" / "log.jsonl")
