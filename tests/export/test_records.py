import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from loadtests.export.records import Reader, schema, told


class Color(StrEnum):
    RED = "red"


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a thing."""

    name: str
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A thing of every type there is."""

    parts: tuple[Part, ...]
    numbers: Mapping[int, float]
    kinds: Mapping[Color | Size, int]
    either: Color | Size | None
    later: str = "since the next release"


THINGS = st.builds(
    Thing,
    parts=st.lists(
        st.builds(
            Part, name=st.text(), share=st.none() | st.floats(allow_nan=False, allow_infinity=False)
        )
    ).map(tuple),
    numbers=st.dictionaries(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    kinds=st.dictionaries(st.sampled_from([*Color, *Size]), st.integers()),
    either=st.none() | st.sampled_from([*Color, *Size]),
    later=st.text(),
)


@given(THINGS)
def test_a_record_comes_back_as_it_was_and_is_as_its_schema_says(thing: Thing) -> None:
    made = json.loads(json.dumps(told(thing)))
    assert Reader().record(made, Thing) == thing
    Draft202012Validator(schema(Thing, "a thing")).validate(made)


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_what_is_no_finite_number_is_null(number: float) -> None:
    assert told(Part(name="", share=number)) == {"name": "", "share": None}


def test_a_missing_key_is_its_default_and_an_unknown_one_is_left_out() -> None:
    made: dict[str, object] = {
        "parts": [],
        "numbers": {},
        "kinds": {},
        "either": None,
        "new": 3,
    }
    assert Reader().record(made, Thing).later == "since the next release"


def test_a_missing_key_without_a_default_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="parts"):
        Reader().record({}, Thing)


def test_a_name_of_no_closed_set_is_a_mistake() -> None:
    made: dict[str, object] = {"parts": [], "numbers": {}, "kinds": {}, "either": "huge"}
    with pytest.raises(ValueError, match="huge"):
        Reader().record(made, Thing)


def test_a_record_may_be_written_as_something_else() -> None:
    part = Part(name="wheel")
    made: dict[str, str] = told({"first": part}, {Part: lambda of: of.name})
    assert made == {"first": "wheel"}
    assert Reader({Part: lambda name: Part(name=name)}).value(made["first"], Part) == part
