import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience.trial import Joins
from loadtests.binding import Misfit
from loadtests.diagnosis.signature import (
    Demand,
    Figure,
    Interference,
    JoinKnee,
    Scaling,
    Signature,
    read_signature,
    write_signature,
)
from loadtests.errors import ExitStatus, InvalidFile, MatchnightError
from loadtests.vocabulary import Step

numbers = st.floats(min_value=0.0, max_value=1e12)
multiples = st.floats(min_value=1e-9, max_value=1e9)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
steps = st.sampled_from(Step)


@st.composite
def figures(draw: st.DrawFn) -> Figure:
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    unit, at_least = draw(texts), draw(st.booleans())
    known = draw(st.sampled_from([high, None]))
    return Figure(value=value, low=low, high=known, unit=unit, at_least=at_least)


demands = st.builds(
    Demand,
    per_join=numbers,
    response_time=numbers,
    cost=numbers,
    bytes=numbers,
    waits_up_to=st.none() | numbers,
    refuses=st.booleans(),
    denied_cost=st.none() | numbers,
)
knees = st.builds(
    JoinKnee,
    knee=figures(),
    first=st.none() | steps,
    next=st.none() | steps,
    in_flight=st.none() | figures(),
    broke_at=st.none() | numbers,
    recovers_at=st.none() | numbers,
)
signatures = st.builds(
    Signature,
    version=st.just(1),
    scenario=texts,
    variant=st.none() | texts,
    target=texts,
    created=texts,
    matchnight=texts,
    build=texts,
    topology=texts,
    replicas=st.dictionaries(texts, st.integers(min_value=1, max_value=10**6), max_size=3),
    knee=st.dictionaries(steps, figures(), max_size=3),
    joins=st.dictionaries(st.sampled_from(Joins), knees, max_size=3),
    demand=st.dictionaries(steps, demands, max_size=3),
    mix=st.dictionaries(texts, numbers, max_size=3),
    steady=st.booleans(),
    drift=st.none() | numbers,
    target_duration=st.none() | multiples,
    bit_rate=st.none() | numbers,
    scale=multiples,
    speed=multiples,
    interference=st.lists(
        st.builds(Interference, step=steps, overloaded=steps, slower=numbers), max_size=2
    ).map(tuple),
    scaling=st.none()
    | st.builds(Scaling, before=figures(), after=figures(), took=st.none() | numbers),
    notes=st.lists(texts, max_size=2).map(tuple),
)

FOUND = Figure(value=16.5, low=16.2, high=16.8, unit="requests/s")
SIGNATURE = Signature(
    version=1,
    scenario="psg-juventus",
    variant=None,
    target="https://stage.example.org",
    created="2026-11-23T02:00:00+00:00",
    matchnight="0.1.0",
    build="",
    topology="",
    replicas={"sign_in": 3},
    knee={Step.SIGN_IN: FOUND},
    joins={},
    demand={},
    mix={"device.phone": 1.0},
    steady=True,
    drift=None,
    target_duration=4.0,
    bit_rate=25_000.0,
)
TEXT = write_signature(SIGNATURE)


def mistakes(text: str) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        Signature.from_json(text, file="signature.json")
    return caught.value.problems


@given(signatures)
def test_what_was_written_is_what_is_read(signature: Signature) -> None:
    assert Signature.from_json(write_signature(signature), file="signature.json") == signature


@given(signatures)
def test_any_reader_of_json_reads_the_same(signature: Signature) -> None:
    assert json.loads(write_signature(signature)) == json.loads(json.dumps(signature.to_json()))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"low": 16.2', '"low": "many"', "16:14: knee.sign_in.low: 'many' is not a number; "),
        ('"low": 16.2', '"low": 17', "16:14: knee.sign_in.low: is above the value; "),
        ('"high": 16.8', '"high": 9', "17:15: knee.sign_in.high: is below the value; "),
        ('"value": 16.5', '"value": "90s"', "15:16: knee.sign_in.value: '90s' is a duration, "),
        ('"value": 16.5', '"value": -1', "15:16: knee.sign_in.value: '-1' is out of range; "),
        ('"value": 16.5', '"value": NaN', "15:16: knee.sign_in.value: 'NaN' is not a number; "),
        ('"sign_in": {', '"sgn_in": {', "14:5: knee.sgn_in: unknown key; did you mean 'sign_in'"),
        ('"sign_in": 3', '"sign_in": 0', "11:16: replicas.sign_in: '0' is out of range; "),
        ('"steady": true', '"steady": 1', "27:13: steady: '1' is not true or false; write true"),
        ('"scale": 1.0', '"scale": 0', "31:12: scale: '0' is out of range; write more than 0"),
        ('  "joins": {},\n', "", "1:1: joins: missing; write names, each with a mapping with "),
        ('"mix"', '"mixx"', "1:1: mix: missing; write names, each with a plain ratio such as "),
    ],
)
def test_a_mistake_is_named_with_its_place_its_key_and_what_to_write(
    right: str, wrong: str, said: str
) -> None:
    assert right in TEXT
    first = mistakes(TEXT.replace(right, wrong, 1))[0]
    assert first.startswith(f"signature.json:{said}")
    assert "; " in first


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    text = TEXT.replace('"low": 16.2', '"low": "x"').replace('"steady": true', '"steady": 1')
    assert [problem.split(":")[1] for problem in mistakes(text)] == ["16", "27"]


def test_another_version_is_refused_before_anything_else_is_said() -> None:
    text = TEXT.replace('"version": 1', '"version": 2').replace('"knee"', '"knees"')
    with pytest.raises(MatchnightError) as caught:
        Signature.from_json(text, file="signature.json")
    assert str(caught.value) == (
        "signature.json:2:14: version: '2' is not the version this matchnight reads, 1; "
        "use the one that wrote it, or measure again"
    )
    assert caught.value.status is ExitStatus.USAGE


@pytest.mark.parametrize("text", ["", "[]", "garbage", "{", "\0", TEXT[:-40], '{"a": {"b": [}}'])
def test_what_is_no_signature_is_refused_in_one_message(text: str) -> None:
    (only,) = mistakes(text)
    assert only.startswith("signature.json:")


@pytest.mark.parametrize("text", ["{}", '{"knee": {}}', '{"version": {}}'])
def test_what_has_no_version_is_not_taken_for_a_signature(text: str) -> None:
    with pytest.raises(MatchnightError, match=r"^signature\.json: no signature: it has no version"):
        Signature.from_json(text, file="signature.json")


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "signature.json"
    with pytest.raises(MatchnightError, match="cannot be read: No such file or directory; name"):
        read_signature(path)
    path.write_bytes(TEXT.encode().replace(b"psg", b"\xff"))
    with pytest.raises(InvalidFile, match=r"signature\.json:3:16: byte 0xff is not UTF-8"):
        read_signature(path)


def test_a_signature_read_from_its_file_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "signature.json"
    path.write_text(TEXT, encoding="utf-8")
    assert read_signature(path) == SIGNATURE


def test_bytes_of_a_command_line_that_are_no_text_do_not_spoil_the_file() -> None:
    text = write_signature(replace(SIGNATURE, topology="two \udcff halls"))
    assert Signature.from_json(text, file="signature.json").topology == "two ? halls"


def test_an_interval_that_does_not_hold_its_value_cannot_be_made() -> None:
    with pytest.raises(Misfit, match="above the value"):
        replace(FOUND, low=17.0)
    with pytest.raises(Misfit, match="below the value"):
        replace(FOUND, high=16.0)
