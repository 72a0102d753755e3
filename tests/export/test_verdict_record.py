import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from made_verdict import EPISODE, FOR, LOG, RUN, VERDICT, case

from loadtests.diagnosis.verdict.kinds import Cause
from loadtests.diagnosis.verdict.night import Origin
from loadtests.diagnosis.verdict.records import Span
from loadtests.errors import MatchnightError
from loadtests.export.verdict_record import Case, check, query, read_verdict, verdict_schema
from loadtests.export.verdict_report import verdict_json


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "verdict.json"
    path.write_text(verdict_json(case()), encoding="utf-8")
    return path


@pytest.mark.parametrize("source", [LOG, RUN])
def test_a_verdict_is_read_as_it_was_written(source: object, tmp_path: Path) -> None:
    assert isinstance(source, type(LOG))
    written = case(source=source, invented=True)
    (tmp_path / "verdict.json").write_text(verdict_json(written), encoding="utf-8")
    assert read_verdict(tmp_path) == written
    assert read_verdict(tmp_path / "verdict.json") == written


def test_the_keys_are_those_that_are_promised() -> None:
    made = case().to_json()
    assert {"cause", "hostile", "episodes"} <= set(made)
    assert made["cause"].keys() == {"kind", "word", "probability", "alternatives", "sentence"}
    assert set(made["episodes"][0]) >= {
        "span", "step", "region", "caused_by", "cause", "hostile", "evidence", "missing",
        "coverage", "next_measurement", "action",
    }  # fmt: skip
    assert set(made["hostile"][0]) >= {"kind", "share", "low", "high", "word"}
    assert made["episodes"][0]["evidence"][2]["weights"] == {"malice_caused": 10.0}


def test_what_is_written_is_as_the_schema_says() -> None:
    validator = Draft202012Validator(verdict_schema())
    validator.validate(json.loads(verdict_json(case())))
    validator.validate(case(source=RUN).to_json())
    spoiled = case().to_json()
    spoiled["cause"]["kind"] = "the moon"
    assert not validator.is_valid(spoiled)


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(min_value=0, max_value=1),
    st.sampled_from([*Cause]),
    st.text(),
)
def test_whatever_a_verdict_holds_comes_back(
    at: float, ratio: float, kind: Cause, text: str
) -> None:
    episode = replace(EPISODE, span=Span(start=at, stop=at), coverage=ratio)
    cause = replace(VERDICT.cause, kind=kind, sentence=text, probability=ratio)
    made = case(replace(VERDICT, cause=cause, episodes=(episode,)))
    assert Case.from_json(json.loads(verdict_json(made))) == made


def test_the_command_of_an_evidence_item_names_its_measure_step_and_span() -> None:
    assert shlex.split(check(LOG, FOR)) == [
        *("matchnight", "diagnose", "--access-log", "edge 1.log"),
        *("--measure", "failed", "--step", "sign_in", "--between", "300", "420"),
    ]


def test_paths_that_are_no_step_need_no_step_in_the_command() -> None:
    assert "--step" not in check(LOG, replace(FOR, step=None))


def test_only_what_prometheus_knows_is_a_query() -> None:
    ranged = replace(LOG, origin=Origin.PROMETHEUS)
    asked = replace(FOR, measure="requests")
    found = query(ranged, asked)
    assert found is not None
    assert "120s" in found
    assert "sign_in" in found
    assert "$" not in found
    assert query(LOG, asked) is None
    assert query(ranged, replace(FOR, measure="of another release")) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "cause": 3}'])
def test_what_is_damaged_says_so(text: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MatchnightError, match="damaged, or no verdict"):
        read_verdict(file)


def test_another_version_is_refused(file: Path) -> None:
    file.write_text('{"version": 7}', encoding="utf-8")
    with pytest.raises(MatchnightError, match=r"version 7; this matchnight reads version 1"):
        read_verdict(file)


def test_a_folder_without_a_verdict_says_so(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match=r"verdict\.json: cannot be read: No such file"):
        read_verdict(tmp_path)
