"""JSON written as YAML, and records that know where they are written."""

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import about, bind
from loadtests.binding.leaves import NOWHERE, Json, JsonValue, Where

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(st.characters(codec="ascii"))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc "), inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: str = field(metadata=about("a name"))
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    body: Json | None = field(default=None, metadata=about("anything"))
    inner: tuple[Inner, ...] = field(default=(), metadata=about("records"))


@given(TREES)
def test_json_is_yaml_and_reads_as_what_it_is(tree: JsonValue) -> None:
    read = bind(f"body: {json.dumps(tree)}", file="a.yaml", into=Outer).body
    assert read is None if tree is None else read == Json(tree)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0123", "0123"),
        ("'1'", "1"),
        ("1", 1),
        ("1.50", 1.5),
        ("yes", "yes"),
        ("2026-11-22", "2026-11-22"),
        ("true", True),
        ("[~, '~']", [None, "~"]),
    ],
)
def test_bare_words_are_json_only_where_json_has_them(written: str, read: object) -> None:
    assert bind(f"body: {written}", file="a.yaml", into=Outer).body == Json(read)  # type: ignore[arg-type] # JSON


def test_a_record_knows_where_it_is_written() -> None:
    outer = bind("inner:\n  - {name: a}\n  - name: b\n", file="a.yaml", into=Outer)
    assert [inner.where for inner in outer.inner] == [
        "a.yaml:2:5: inner[0]",
        "a.yaml:3:5: inner[1]",
    ]


def test_where_a_record_is_written_is_no_key() -> None:
    with pytest.raises(Exception, match="unknown key"):
        bind("inner: [{name: a, where: b}]", file="a.yaml", into=Outer)
