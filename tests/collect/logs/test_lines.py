import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said, Sighting
from loadtests.collect.logs.field_map import FieldMap
from loadtests.collect.logs.lines import LineReader
from loadtests.collect.logs.routes import step_of
from loadtests.collect.logs.sighter import Sighter
from loadtests.collect.logs.told import Told
from loadtests.stack.exchange import Stated
from loadtests.testbed.access_log import Entry, Logs
from loadtests.vocabulary import Step

COMBINED = '198.51.100.7 - - [22/Nov/2026:20:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "Mozilla/5.0"'
OBJECT = json.dumps(
    {"time": 1795377600.0, "client": "198.51.100.7", "method": "GET", "path": "/a", "status": 200,
     "bytes": 5}
)  # fmt: skip


def reader() -> LineReader:
    return LineReader(FieldMap(), Sighter(FieldMap(), step_of(), b"key"))


@pytest.mark.parametrize(
    "line",
    [
        OBJECT,
        f"Nov 22 20:00:00 edge-1 nginx: {OBJECT}",
        json.dumps({"log": COMBINED + "\n", "stream": "stdout", "time": "2026-11-22T20:00:01Z"}),
        json.dumps({"@timestamp": "2026-11-22T20:00:01Z", "message": OBJECT}),
    ],
)
def test_a_request_is_the_same_in_whatever_a_shipper_wraps_it(line: str) -> None:
    read = reader()
    assert read.read(line) == read.read(COMBINED)


def test_a_file_may_mix_formats() -> None:
    read = reader()
    found = [read.read(line) for line in (COMBINED, OBJECT, "nonsense", COMBINED)]
    assert [each is not None for each in found] == [True, True, False, True]
    assert read.told()[Told.STATUS] == 3


@pytest.mark.parametrize("line", ["{", "{}", "[1]", '{"time": 1', "{" * 10_000, "nonsense", "\0\0"])
def test_a_broken_line_is_not_read(line: str) -> None:
    assert reader().read(line) is None


def test_a_blank_line_and_a_heading_are_no_broken_lines() -> None:
    read = reader()
    assert all(read.is_remark(line) for line in ("", "  ", "#Version: 1.0"))
    assert not read.is_remark("nonsense")


def test_times_without_a_zone_are_counted() -> None:
    read = reader()
    for line in (COMBINED, COMBINED.replace(" +0000", "")):
        read.read(line)
    assert read.unzoned == 1


def test_the_embedded_stacks_own_log_needs_no_map(tmp_path: Path) -> None:
    logs = Logs.into(tmp_path)
    entry = Entry(
        begun=1000.0,
        request_id="4711",
        client="127.0.0.9",
        method="POST",
        path="/sign-in",
        attempt=2,
        step=Step.SIGN_IN,
        account="viewer-7",
        cache="miss",
        status=401,
        outcome=Stated.BAD_CREDENTIALS,
        size=27,
    )
    logs.ended(entry, 1000.25)
    logs.close()
    (line,) = (tmp_path / "access.jsonl").read_text().splitlines()
    found = reader().read(line.replace("1000.25", "1795377600.25"))
    assert found is not None
    assert found._replace(client=None, account=None, target=None, path=None) == Sighting(
        1795377600.25,
        Step.SIGN_IN,
        Said.BAD_CREDENTIALS,
        Attempt.RETRY,
        size=27,
        duration=0.25,
        cache=CacheSaid.MISS,
        is_post=True,
    )
    assert None not in {found.client, found.account, found.target, found.path}


@given(st.text(max_size=80) | st.text(max_size=60).map(lambda text: OBJECT[: len(text)] + text))
def test_whatever_a_line_is_it_is_read_or_it_is_not(line: str) -> None:
    reader().read(line)
