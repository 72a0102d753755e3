import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_lines import START, combined, night_line, text

from loadtests.collect.edge.sighting import Attempt, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic, merged
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.errors import MatchnightError
from loadtests.intake.edge_log import FIRST
from loadtests.intake.gathered import Windows
from loadtests.intake.logs import LogNight, LogOptions, read_logs
from loadtests.vocabulary import Step

OPTIONS = LogOptions(key=b"key")
DATA = Path(__file__).parents[3] / "shared" / "data"


def write(folder: Path, name: str, lines: list[str]) -> str:
    (folder / name).write_bytes(text(lines))
    return str(folder / name)


def seen(night: LogNight) -> list[EdgeWindow]:
    assert isinstance(night.windows, Windows)
    return night.windows.seen


def told(night: LogNight) -> Traffic:
    return merged(seen(night)).total


def test_a_log_becomes_a_night(tmp_path: Path) -> None:
    lines = [combined(START + n, f"198.51.100.{n % 50}") for n in range(100)]
    night = read_logs([write(tmp_path, "a.log", lines)], OPTIONS)
    assert (night.start, night.resolution, len(night.windows)) == (START, 1.0, 100)
    assert (night.requests, night.lines, night.notes) == (100, 0, ())
    assert told(night).said == {(Said.OK, Attempt.UNKNOWN): 100}
    assert told(night).clients.count == pytest.approx(50, rel=0.05)
    assert night.observed[Observable.CLIENT] == night.observed[Observable.STATUS] == 1.0
    assert night.observed[Observable.ATTEMPT] == night.observed[Observable.STATED] == 0.0


def test_several_edges_are_one_night_however_their_logs_are_packed(tmp_path: Path) -> None:
    one = [combined(START + n) for n in range(0, 300, 2)]
    other = [combined(START + n, "203.0.113.5") for n in range(1, 300, 2)]
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(text(other)))
    night = read_logs([write(tmp_path, "a.log", one), str(tmp_path / "b.log.gz")], OPTIONS)
    assert [window.total.requests for window in night.windows] == [1] * 300
    assert told(night).clients.count == 2
    assert night.notes == ()


def test_a_client_that_goes_on_at_another_edge_has_gone_on(tmp_path: Path) -> None:
    signed_in = [
        combined(START + n, f"198.51.100.{n}").replace("GET /a", "POST /login") for n in range(100)
    ]
    went_on = [combined(START + n + 5, f"198.51.100.{n}") for n in range(100)]
    later = [combined(START + 300)]
    files = [write(tmp_path, "a", [*went_on, *later]), write(tmp_path, "b", [*signed_in, *later])]
    sign_in = merged(seen(read_logs(files, OPTIONS))).of(Step.SIGN_IN)
    assert (sign_in.settled, sign_in.continued) == (100, 100)


@settings(max_examples=15, deadline=None)
@given(late=st.lists(st.integers(0, 3600), min_size=60, max_size=60))
def test_late_lines_count_in_the_second_they_belong_to(
    tmp_path_factory: pytest.TempPathFactory, late: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("late")
    due = sorted(range(60), key=lambda n: 60 * n + late[n])
    lines = [combined(START + 60 * n) for n in due]
    night = read_logs([write(folder, "a.log", lines)], OPTIONS)
    seconds = [window.second for window in seen(night) if window.total.requests]
    assert seconds == [60 * n for n in range(60)]


def test_broken_lines_are_counted_and_the_first_named(tmp_path: Path) -> None:
    lines = [combined(START + n) for n in range(20)]
    lines[3], lines[7], lines[11], lines[15] = "nonsense", lines[7][:30], "\0\x16\x03", "{"
    night = read_logs([write(tmp_path, "a.log", lines)], OPTIONS)
    assert (night.requests, night.lines) == (16, 4)
    (note,) = night.notes
    assert f"{tmp_path}/a.log: 4 lines are no request's" in note
    assert f"{tmp_path}/a.log:4: 'nonsense'" in note
    assert note.count("a.log:") == 4


@pytest.mark.parametrize("count", [30, 2 * FIRST])
def test_a_file_that_is_no_access_log_is_refused_with_its_first_lines(
    tmp_path: Path, count: int
) -> None:
    lines = [f"Nov 22 20:00:00 edge sshd[{n}]: Accepted publickey" for n in range(count)]
    with pytest.raises(MatchnightError, match=r"a\.log: .* lines are no access log's") as caught:
        read_logs([write(tmp_path, "a.log", lines)], OPTIONS)
    assert "a.log:1: 'Nov 22 20:00:00" in str(caught.value)


def test_bytes_of_anything_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(bytes(n * n % 251 for n in range(300_000)))
    with pytest.raises(MatchnightError, match="are no access log's"):
        read_logs([str(tmp_path / "a.log")], OPTIONS)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"#Fields: date time\n"])
def test_a_log_without_a_request_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.log").write_bytes(content)
    with pytest.raises(MatchnightError, match="not one request"):
        read_logs([str(tmp_path / "a.log")], OPTIONS)


def test_one_wild_time_does_not_stretch_the_night(tmp_path: Path) -> None:
    lines = [combined(START + n) for n in range(50)]
    lines[0], lines[20], lines[49] = combined(4e9), combined(1.0), combined(START + 10 * 86_400)
    night = read_logs([write(tmp_path, "a.log", lines)], OPTIONS)
    assert (night.start, len(night.windows), night.requests) == (START + 1, 48, 47)
    (note,) = night.notes
    assert "3 lines have a time days from their neighbors'" in note
    assert "a.log:21: its time is 1970-01-01 00:00:01" in note


def test_a_log_may_have_days_without_a_request(tmp_path: Path) -> None:
    lines = [combined(START + n) for n in (0, 1, 864_000, 864_001)]
    night = read_logs([write(tmp_path, "a.log", lines)], OPTIONS)
    assert (night.requests, night.notes) == (4, ())
    assert [
        window.second for window in night.windows if window.steps and window.total.requests
    ] == [0, 1, 864_000, 864_001]


@pytest.mark.parametrize("hours", [-3, 1, 9])
def test_an_edge_whose_clock_is_off_by_hours_is_told(tmp_path: Path, hours: int) -> None:
    steps = range(0, 7200, 60)
    files = [write(tmp_path, name, [combined(START + n) for n in steps]) for name in "abc"]
    off = [combined(START + n + 3600 * hours) for n in steps]
    files.append(write(tmp_path, "d", off))
    night = read_logs(files, OPTIONS)
    (note,) = night.notes
    assert note.startswith(f"{tmp_path}/d: its times")
    assert ("later" if hours > 0 else "earlier") in note
    assert night.observed[Observable.TIME] == 0.75
    set_right = LogOptions(key=b"key", ahead={files[3]: 3600.0 * hours})
    assert read_logs(files, set_right).notes == ()
    assert len(read_logs(files, set_right).windows) == 7141


def test_parts_of_one_log_have_no_wrong_clock(tmp_path: Path) -> None:
    files = [
        write(tmp_path, str(part), [combined(START + 3600 * part + n) for n in range(0, 3600, 30)])
        for part in range(4)
    ]
    assert read_logs(files, OPTIONS).notes == ()


def test_logs_of_different_nights_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path, "a.log", [combined(START + n) for n in range(50)])
    other = write(tmp_path, "b.log", [combined(START + 6 * 86_400 + n) for n in range(50)])
    with pytest.raises(MatchnightError, match=r"from those of the nearest other log"):
        read_logs([one, other], OPTIONS)


def test_times_without_a_zone_are_said_to_be_taken_for_utc(tmp_path: Path) -> None:
    line = combined(START).replace(" +0000", "")
    night = read_logs([write(tmp_path, "a.log", [line])], OPTIONS)
    assert night.start == START
    assert "1 times state no zone; UTC is taken" in night.notes[0]


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(text([combined(START + n, target=f"/{n * n}") for n in range(8_000)]))
    (tmp_path / "a.gz").write_bytes(whole[: len(whole) // 2])
    night = read_logs([str(tmp_path / "a.gz")], OPTIONS)
    assert night.requests > 500
    assert any("is cut short or damaged" in note for note in night.notes)


def test_a_file_named_twice_and_a_clock_of_none_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "a.log", [combined(START)])
    with pytest.raises(MatchnightError, match="is named 2 times"):
        read_logs([file, file], OPTIONS)
    with pytest.raises(MatchnightError, match="a clock is given for it"):
        read_logs([file], LogOptions(ahead={"b.log": 60.0}))


def test_nothing_of_who_asked_is_left_in_what_was_read(tmp_path: Path) -> None:
    line = {"time": START, "client": "198.51.100.7", "account": "viewer-7", "path": "/secret-7"}
    lines = [json.dumps(line | {"status": 200, "user_agent": "matchnight", "request_id": "r-7"})]
    night = read_logs([write(tmp_path, "a.log", lines)], LogOptions())
    plain = json.dumps([window.to_json() for window in night.windows])
    assert not any(name in plain for name in ("198.51", "viewer-7", "secret", "matchnight", "r-7"))


def test_two_readings_have_nothing_in_common_to_find_a_client_by(tmp_path: Path) -> None:
    file = write(tmp_path, "a.log", [combined(START)])
    tops = [[*told(read_logs([file], LogOptions())).top_clients.to_json()] for _ in range(2)]
    assert tops[0] != tops[1]


@pytest.mark.skipif(not DATA.exists(), reason="the real logs are not here")
@pytest.mark.parametrize(
    ("name", "requests", "clients"),
    [("ordinary-web-log", 10_000, 1753), ("signup-bots", 3456, 520)],
)
def test_real_logs_are_read_to_the_last_line(name: str, requests: int, clients: int) -> None:
    night = read_logs([str(DATA / name / "access.log")], OPTIONS)
    assert (night.requests, night.lines, night.notes) == (requests, 0, ())
    assert told(night).clients.count == pytest.approx(clients, rel=0.07)


@pytest.mark.prove
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ["combined", "json"])
def test_a_long_stream_is_read_fast_and_in_bounded_memory(name: str) -> None:
    """At least 50,000 lines a second of a core's time; what is kept does not grow with the log."""
    of_length = {count: streamed(name, count) for count in (500_000, 2_000_000)}
    (short, _), (long, seconds) = of_length.values()
    report = {"lines": 2_000_000, "lines_per_second": 2_000_000 / seconds, "kilobytes": long}
    folder = os.environ.get("MATCHNIGHT_EVALUATION")
    if folder:
        (Path(folder) / f"intake-{name}.json").write_text(json.dumps(report) + "\n")
    assert long < 600_000
    assert long < 2 * short
    assert report["lines_per_second"] >= 50_000


def streamed(name: str, count: int) -> tuple[int, float]:
    """The most memory (kB) and the time (s) it takes to read so many lines from a pipe."""
    reading = "import resource, sys\n" + dedent(
        """
        from loadtests.intake.logs import LogOptions, read_logs
        night = read_logs(["-"], LogOptions())
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(night.requests, used.ru_maxrss, used.ru_utime)
        """
    )
    command = [sys.executable, "-c", reading]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        for first in range(0, count, 10_000):
            process.stdin.write(text(night_line(name, n) for n in range(first, first + 10_000)))
        told, _ = process.communicate()
    requests, kilobytes, seconds = told.split()
    assert int(requests) == count
    return int(kilobytes), float(seconds)
