from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import Misfit
from loadtests.binding.yaml_nodes import Flawed
from loadtests.errors import InvalidFile
from loadtests.scenario.demand import Recording
from loadtests.scenario.read import other_files, parse_scenario, read_scenario
from loadtests.scenario.recorded import Period, came, series

MATCH = Path(__file__).with_name("match.yaml").read_text(encoding="utf-8")
PLAIN = MATCH.split("default_variant")[0]
SURGES = PLAIN[PLAIN.index("arrivals:") : PLAIN.index("devices:")]
REPLAY = PLAIN.replace(
    SURGES, "arrivals: {recorded: curves/night.csv, column: came, peak: 400/min}\n"
)
SERIES = "minute,came\n-10,30\n-5,80\n0,20\n"
KICK_OFF = "2022-09-06 21:00"


def recording(text: str, kick_off: str = "") -> Recording:
    return Recording(recorded="night.csv", column="came", kick_off=kick_off, text=text)


def periods(text: str, kick_off: str = "") -> tuple[Period, ...]:
    return series(recording(text, kick_off), kick_off=KICK_OFF, file="night.csv")


def problems(text: str) -> list[str]:
    with pytest.raises(Flawed) as caught:
        periods(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_row_lasts_until_the_next_and_the_last_as_long_as_the_one_before() -> None:
    assert periods("minute,came\n-10,3\n-8,5\n0,2\n") == (
        Period(-600.0, -480.0, 3.0),
        Period(-480.0, 0.0, 5.0),
        Period(0.0, 480.0, 2.0),
    )


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("t,came\n0,1\n1,2\n", {}),
        ("t,came\n20,1\n21,2\n", {"kick_off": "20"}),
        ("t,came\n2022-09-06 21:00,1\n2022-09-06 21:01:00,2\n", {}),
        ("t,came\n2022-09-06T19:00Z,1\n2022-09-06T19:01Z,2\n", {"kick_off": "2022-09-06T21:00+02"}),
        ("t,came\n1998-07-12 19:00,1\n1998-07-12 19:01,2\n", {"kick_off": "1998-07-12 19:00"}),
        ("\ufefft, came \r\n0,1\r\n\r\n1, 2\r\n", {}),
        ('t,"came"\n"0","1"\n1,2.0', {}),
    ],
)
def test_moments_are_minutes_or_dates_and_counted_from_kick_off(
    text: str, given: dict[str, str]
) -> None:
    assert periods(text, **given) == (Period(0.0, 60.0, 1.0), Period(60.0, 120.0, 2.0))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "night.csv:1:1: found 0 rows; write a header and at least 2"),
        ("minute,came\n0,1\n", "night.csv:1:1: found 1 rows; write a header and at least 2"),
        (
            "minute,cane\n0,1\n1,2\n",
            "night.csv:1:1: came: no column 'came'; did you mean 'cane'?",
        ),
        (
            "minute;came\n0;1\n1;2\n",
            ("night.csv:1:1: came: no column 'came'; write cells with commas between them"),
        ),
        (
            "came,minute\n0,1\n1,2\n",
            ("night.csv:1:1: came: the first column says when, not how many; name another one"),
        ),
        (
            "minute,came,came\n0,1,1\n1,2,2\n",
            "night.csv:1:1: came: 2 columns are called so; rename all but one",
        ),
        (
            "minute,came\n0,1\n1,many\n",
            "night.csv:3:1: came: 'many' is not a number; write such as 1.5",
        ),
        (
            "minute,came\n0,1\n1,-3\n",
            "night.csv:3:1: came: '-3' is less than nobody; write 0 or more",
        ),
        (
            "minute,came\n0,1\n1,nan\n",
            "night.csv:3:1: came: 'nan' is not a number; write such as 1.5",
        ),
        (
            "minute,came\n0,1\n\nlater,3\n",
            "night.csv:4:1: 'later' is not a number; write such as 1.5",
        ),
        (
            "minute,came\n0,1\n2,3\n2,3\n",
            ("night.csv:4:1: '2' is not after '2', the row before; write rows in order of time"),
        ),
        (
            "minute,came\n0,1\n1\n2,3\n",
            "night.csv:3:1: found 1 cells; write 2, as the header has",
        ),
        ("minute,came\n0,0\n1,0\n", "night.csv:2:1: came: nobody came; write counts"),
        (
            "when,came\n2022-09-06 20:00,1\nlate,2\n",
            (
                "night.csv:3:1: 'late' is no moment; write minutes, "
                "or a date and time such as 2022-09-06 21:00:00"
            ),
        ),
        (
            'minute,came\n0,1\n1,"' + "x" * 140_000 + '"\n',
            (
                "night.csv:3:1: is no CSV: field larger than field limit (131072); "
                "write cells with commas between them"
            ),
        ),
    ],
)
def test_what_is_wrong_with_a_series_is_named_where_it_stands(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_the_same_mistake_in_every_row_is_told_ten_times_and_counted() -> None:
    found = problems("minute,came\n" + "".join(f"{n},?\n" for n in range(50)))
    assert len(found) == 10
    assert found[-1].endswith("write such as 1.5 (and 40 problems more)")


@pytest.mark.parametrize(
    ("text", "kick_off"),
    [
        ("t,came\n0,1\n1,2\n", "21:00"),
        ("t,came\n2022-09-06 21:00,1\n2022-09-06 21:01,2\n", "soon"),
        ("t,came\n2022-09-06T19:00Z,1\n2022-09-06T19:01Z,2\n", ""),
    ],
)
def test_a_kick_off_that_the_series_cannot_be_counted_from_is_named(
    text: str, kick_off: str
) -> None:
    with pytest.raises(Misfit, match="write") as caught:
        periods(text, kick_off=kick_off)
    assert caught.value.path == ("kick_off",)


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 10**6)), min_size=2, max_size=40).filter(
        lambda rows: any(count for _, count in rows)
    )
)
def test_a_series_is_read_as_it_was_written(rows: list[tuple[int, int]]) -> None:
    minute, lines = -100, ["minute,came"]
    for step, count in rows:
        minute += step
        lines.append(f"{minute},{count}")
    read = periods("\n".join(lines))
    assert [period.number for period in read] == [count for _, count in rows]
    assert all(before.stop == after.start for before, after in pairwise(read))
    assert read[-1].stop == 60 * (minute + rows[-1][0])


def test_the_busiest_period_has_the_peak_rate_and_all_others_their_proportion() -> None:
    scenario = parse_scenario(
        REPLAY.replace("peak: 400/min", "peak: 60/min"),
        file="m",
        name="m",
        files={"curves/night.csv": SERIES},
    )
    assert isinstance(scenario.arrivals, Recording)
    played = came(scenario.arrivals, scenario)
    assert [period.rate for period in played] == [pytest.approx(x / 80) for x in (30, 80, 20)]


def test_without_a_peak_the_whole_series_is_the_audience() -> None:
    text = REPLAY.replace(", peak: 400/min", "")
    scenario = parse_scenario(text, file="m", name="m", files={"curves/night.csv": SERIES})
    assert isinstance(scenario.arrivals, Recording)
    played = came(scenario.arrivals, scenario)
    assert sum(period.number for period in played) == pytest.approx(scenario.audience.viewers)


def write(folder: Path, text: str = REPLAY, series: bytes | None = SERIES.encode()) -> Path:
    (folder / "curves").mkdir()
    if series is not None:
        (folder / "curves" / "night.csv").write_bytes(series)
    path = folder / "night.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_series_is_read_beside_the_file_that_names_it(tmp_path: Path) -> None:
    path = write(tmp_path, series=b"\xef\xbb\xbf" + SERIES.replace("\n", "\r\n").encode())
    scenario = read_scenario(path)
    assert isinstance(scenario.arrivals, Recording)
    assert len(series(scenario.arrivals, kick_off=KICK_OFF)) == 3


def test_the_files_a_scenario_names_are_all_that_is_needed_to_read_it_elsewhere(
    tmp_path: Path,
) -> None:
    path = write(tmp_path)
    files = other_files(path)
    assert files == {"curves/night.csv": SERIES}
    again = parse_scenario(path.read_text(encoding="utf-8"), file="m", name="night", files=files)
    assert again == read_scenario(path)


def test_a_variant_may_replay_another_series_and_both_are_carried(tmp_path: Path) -> None:
    text = REPLAY + "variants: {b: {title: b, set: {arrivals: {recorded: other.csv}}}}\n"
    path = write(tmp_path, text)
    (tmp_path / "other.csv").write_text(SERIES.replace("30", "35"), encoding="utf-8")
    assert set(other_files(path)) == {"curves/night.csv", "other.csv"}
    assert read_scenario(path, variant="b") != read_scenario(path)


def test_a_scenario_that_names_no_file_needs_none(tmp_path: Path) -> None:
    assert other_files(write(tmp_path, PLAIN)) == {}


@pytest.mark.parametrize(
    ("text", "content", "problem"),
    [
        (
            REPLAY,
            None,
            (
                "{folder}/night.yaml:10:22: arrivals.recorded: {folder}/curves/night.csv: cannot "
                "be read: No such file or directory; write the path of a CSV file"
            ),
        ),
        (
            REPLAY,
            SERIES.encode("utf-16"),
            ("{folder}/curves/night.csv:1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
        ),
        (
            REPLAY,
            b"minute,came\n0,1\n",
            "{folder}/curves/night.csv:1:1: found 1 rows; write a header and at least 2",
        ),
        (
            REPLAY.replace("column: came", "column: come"),
            SERIES.encode(),
            ("{folder}/curves/night.csv:1:1: come: no column 'come'; did you mean 'came'?"),
        ),
        (
            REPLAY.replace("column: came", "column: came, kick_off: noon"),
            SERIES.encode(),
            (
                "{folder}/night.yaml:10:64: arrivals.kick_off: 'noon' is no number of minutes, "
                "as the file has; write such as 0"
            ),
        ),
        (
            REPLAY.replace("400/min", "0/min"),
            SERIES.encode(),
            (
                "{folder}/night.yaml:10:60: arrivals.peak: nobody comes at that; "
                "write more than 0, such as 400/min"
            ),
        ),
        (
            REPLAY.replace("400/min", "4000/min"),
            SERIES.encode(),
            (
                "{folder}/night.yaml:10:60: arrivals.peak: makes 32500 viewers of the series, "
                "but the audience has 15000; write at most 1846/min, or a larger audience"
            ),
        ),
        (
            REPLAY.replace("window: [-6m, +6m]", "window: [+10m, +20m]").split("objectives")[0],
            SERIES.encode(),
            (
                "{folder}/night.yaml:9:9: window.from: nobody arrives after +5m; "
                "write an earlier time"
            ),
        ),
    ],
)
def test_what_keeps_a_series_from_being_replayed_is_named_with_its_place(
    text: str, content: bytes | None, problem: str, tmp_path: Path
) -> None:
    path = write(tmp_path, text, content)
    with pytest.raises(InvalidFile) as caught:
        read_scenario(path)
    assert problem.format(folder=tmp_path) in caught.value.problems


def test_a_worker_without_the_file_says_so() -> None:
    with pytest.raises(InvalidFile, match="not among the files of the run"):
        parse_scenario(REPLAY, file="m", name="m")


def test_an_unknown_kind_of_arrivals_is_answered_with_both() -> None:
    with pytest.raises(InvalidFile, match=r"arrivals\.shape: unknown key"):
        parse_scenario(PLAIN.replace(SURGES, "arrivals: {shape: rise}\n"), file="m", name="m")


def test_a_recording_is_the_same_whatever_it_is_called(tmp_path: Path) -> None:
    path = write(tmp_path)
    scenario = read_scenario(path)
    assert isinstance(scenario.arrivals, Recording)
    renamed = replace(scenario.arrivals, recorded="elsewhere.csv")
    assert came(renamed, scenario) == came(scenario.arrivals, scenario)
