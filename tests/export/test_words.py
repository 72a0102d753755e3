import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.errors import ExitStatus
from loadtests.export import words
from loadtests.export.archive import Run
from loadtests.export.ends import ENDS
from loadtests.export.summarize import summarize
from loadtests.vocabulary import End, Outcome


@given(st.floats(0, 1))
def test_a_percentage_reads_as_none_or_all_only_when_it_is(ratio: float) -> None:
    said = words.percent(ratio)
    assert (said == "0 %") == (ratio == 0)
    assert (said == "100 %") == (ratio == 1)


@given(st.floats(0.0005, 0.9994))
def test_a_percentage_is_within_half_a_tenth(ratio: float) -> None:
    said = float(words.percent(ratio).removesuffix(" %"))
    assert abs(said - 100 * ratio) <= 0.05 + 1e-9


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, words.NONE),
        (0.0, "0 ms"),
        (0.34, "340 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1 s"),
        (1.2449, "1.24 s"),
        (59.4, "59.4 s"),
        (59.6, "1 min"),
        (130.0, "2 min 10 s"),
        (3900.0, "1 h 5 min"),
    ],
)
def test_durations_read_as_people_write_them(seconds: float | None, said: str) -> None:
    assert words.duration(seconds) == said


@given(st.floats(0.001, 80_000))
def test_a_duration_is_within_one_percent_or_half_a_millisecond(seconds: float) -> None:
    units = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}
    said = re.findall(r"([\d.]+) (\w+)", words.duration(seconds))
    total = sum(float(number) * units[unit] for number, unit in said)
    assert total == pytest.approx(seconds, rel=0.01, abs=0.0005 + 1e-9)


@pytest.mark.parametrize(
    ("offset", "said", "figures", "clock"),
    [
        (-130.0, "2 min 10 s before kick-off", "\N{MINUS SIGN}2:10", "20:57:50"),
        (0.2, "at kick-off", "+0:00", "21:00:00"),
        (-0.2, "at kick-off", "+0:00", "21:00:00"),
        (45.0, "45 s after kick-off", "+0:45", "21:00:45"),
        (14_400.0, "4 h after kick-off", "+4:00:00", "01:00:00"),
    ],
)
def test_a_moment_is_told_from_kick_off(offset: float, said: str, figures: str, clock: str) -> None:
    assert words.moment(offset) == said
    assert words.offset_clock(offset) == figures
    assert words.clock("2022-09-06 21:00", offset) == clock


@given(st.integers(10, 10**8))
def test_an_estimate_shows_two_digits_and_is_near(value: int) -> None:
    said = words.about(value).replace(",", "")
    assert len(said.rstrip("0")) <= 2
    assert abs(int(said) - value) <= 0.05 * value


@pytest.mark.parametrize(
    ("ratio", "said"), [(1 / 200, "1/200"), (1.0, "1/1"), (0.3, "30 %"), (0.0004, "1/2,500")]
)
def test_a_scale_reads_as_people_write_it(ratio: float, said: str) -> None:
    assert words.fraction(ratio) == said


def test_every_end_and_every_exit_status_has_words() -> None:
    assert set(ENDS) == {*End, "still_starting"}
    assert set(words.STATUSES) == set(ExitStatus)


def test_failed_requests_are_those_the_target_is_to_blame_for() -> None:
    outcomes = {outcome.value: 1 for outcome in Outcome}
    assert words.failed(outcomes) == sum(outcome.is_failure for outcome in Outcome)


@given(st.floats(0.001, 1e7))
def test_a_brief_number_is_within_half_a_percent_and_never_in_powers_of_ten(value: float) -> None:
    said = words.brief(value)
    assert "e" not in said
    assert float(said.replace(",", "")) == pytest.approx(value, rel=0.005)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"stopped": "finished"}, ""),
        ({"stopped": "aborted", "why": "too slow"}, "Aborted after 12 s: too slow"),
        ({"stopped": "withdrawn", "why": "no more"}, "Stopped after 12 s: no more"),
        ({"stopped": "silent", "complete": False, "why": "mute"}, "Stopped after 12 s: mute"),
        ({"stopped": "interrupted", "interrupted": True}, "Interrupted after 12 s"),
        ({"stopped": "canary", "complete": False, "why": "bad"}, "Ended before it began: bad"),
        (
            {"stopped": None, "complete": False},
            "Cut short after 12 s: killed, or still going",
        ),
        ({"stopped": "failed", "complete": False, "why": "a bug"}, "Cut short after 12 s: a bug"),
    ],
)
def test_how_a_run_ended_is_said_with_its_reason(
    facts: dict[str, Any], said: str, overloaded: Run
) -> None:
    summary = replace(summarize(overloaded), duration=12.0, **{"why": None, **facts})
    assert words.ending(summary) == said
