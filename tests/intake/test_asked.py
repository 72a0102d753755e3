from pathlib import Path

import pytest

from loadtests.diagnosis.verdict.records import Span
from loadtests.errors import MatchnightError
from loadtests.intake.asked import (
    Asked,
    LogsAsked,
    RangeAsked,
    number,
    span,
    step,
    without_password,
)
from loadtests.intake.nights import find_night, log_options
from loadtests.vocabulary import Step

FROM, TO = "2026-11-22T20:00:00+01:00", "2026-11-22T23:00:00+01:00"


def test_a_run_s_folder_is_asked_for_by_its_path() -> None:
    asked = Asked.of({"folder": "reports/psg", "build": "9f2", "replicas": ["sign_in=4"]})
    assert asked.place == Path("reports/psg")
    assert (asked.build, asked.replicas) == ("9f2", {"sign_in": 4})
    assert asked.options == ("reports/psg", "--build", "9f2", "--replicas", "sign_in=4")


def test_logs_are_asked_for_with_all_that_says_how_to_read_them() -> None:
    given = {
        "access_log": ["a.log", "b=1.log"],
        "sampled": "1 %",
        "clock": ["b=1.log=+1h"],
        "fields": "fields.yaml",
        "profile": "testbed",
    }
    asked = Asked.of(given)
    assert asked.place == LogsAsked(
        files=("a.log", "b=1.log"),
        fields=Path("fields.yaml"),
        profile="testbed",
        sampled=0.01,
        ahead={"b=1.log": 3600.0},
    )
    assert asked.options[:3] == ("--access-log", "a.log", "b=1.log")
    assert asked.options[-2:] == ("--clock", "b=1.log=+1h")


def test_a_range_is_asked_for_in_seconds_of_the_epoch_and_without_its_password() -> None:
    asked = Asked.of({"prometheus": "http://me:secret@127.0.0.1:9090/x", "from": FROM, "to": TO})
    assert isinstance(asked.place, RangeAsked)
    assert asked.place.start == 1795374000.0
    assert asked.place.stop == asked.place.start + 3 * 3600
    assert "secret" not in " ".join(asked.options)
    assert asked.options[:2] == ("--prometheus", "http://127.0.0.1:9090/x")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:9090", "http://127.0.0.1:9090"),
        ("https://me:a@b@host/p@th", "https://host/p@th"),
        ("no url at all", "no url at all"),
    ],
)
def test_only_the_password_is_taken_out_of_a_url(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_an_ordinary_evening_is_told_apart_from_one_of_its_kind() -> None:
    assert Asked.of({"folder": "a", "baseline": "b"}).same_class
    ordinary = Asked.of({"folder": "a", "ordinary": "b"})
    assert (ordinary.baseline, ordinary.same_class) == ("b", False)


def test_a_span_is_the_whole_night_unless_it_is_named() -> None:
    assert span(None, 900) == Span(start=0.0, stop=900.0)
    assert span(["30", "60.5"], 900) == Span(start=30.0, stop=60.5)


def test_a_step_is_none_unless_it_is_named() -> None:
    assert step(None) is None
    assert step("sign_in") is Step.SIGN_IN


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "", "1m"])
def test_what_is_no_number_of_seconds_is_refused(text: str) -> None:
    with pytest.raises(MatchnightError, match="is not a number of seconds since the first window"):
        number("--between", text)


def test_a_baseline_of_a_range_is_a_span_of_time() -> None:
    asked = Asked.of({"prometheus": "http://127.0.0.1:1", "from": FROM, "to": TO, "baseline": "x"})
    with pytest.raises(MatchnightError, match="--baseline: 'x' is not a span of time; write such"):
        find_night(asked)


def test_a_map_and_a_profile_are_read_before_the_logs_are(tmp_path: Path) -> None:
    fields = tmp_path / "fields.yaml"
    fields.write_text("fields: {client: peer}\n", encoding="utf-8")
    place = LogsAsked(files=("a.log",), fields=fields, profile="testbed", sampled=0.5)
    options = log_options(place)
    assert list(options.fields.fields.values()) == ["peer"]
    assert options.profile is not None
    assert options.sampled == 0.5
    with pytest.raises(MatchnightError, match=r"nowhere\.yaml"):
        log_options(LogsAsked(files=("a.log",), fields=tmp_path / "nowhere.yaml"))
