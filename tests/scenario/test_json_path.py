"""Paths to one value, held against a plain walk."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.scenario.json_path import NOTHING, JsonPath

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
KEYS = st.lists(NAMES | st.integers(-3, 3), max_size=5)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


def normalized(keys: list[str | int]) -> str:
    """A path in the normal form of RFC 9535, 2.7, but with negative indexes left as they are."""
    segments = []
    for key in keys:
        if isinstance(key, int):
            segments.append(f"[{key}]")
        else:
            inner = json.dumps(key)[1:-1].replace("'", "\\'").replace('\\"', '"')
            segments.append(f"['{inner}']")
    return "$" + "".join(segments)


def walked(document: object, keys: list[str | int]) -> object:
    for key in keys:
        if isinstance(document, str):  # Python's texts have indexes too
            return NOTHING
        try:
            document = document[key]  # type: ignore[index] # that is what is tried
        except (KeyError, IndexError, TypeError):
            return NOTHING
    return document


def paths_into(document: object) -> st.SearchStrategy[list[str | int]]:
    """Paths that lead somewhere, mostly."""
    keys: list[str | int] = []
    if isinstance(document, dict):
        keys = list(document)
    elif isinstance(document, list):
        keys = list(range(-len(document), len(document)))
    if not keys:
        return st.just([])
    return st.sampled_from(keys).flatmap(
        lambda key: paths_into(document[key]).map(lambda rest: [key, *rest])  # type: ignore[index] # it is a container
    )


@given(KEYS)
def test_a_path_reads_as_the_keys_it_was_written_from(keys: list[str | int]) -> None:
    assert list(JsonPath.from_text(normalized(keys)).keys) == keys


@given(DOCUMENTS, KEYS)
def test_a_path_finds_what_a_plain_walk_finds(document: object, keys: list[str | int]) -> None:
    assert JsonPath.from_text(normalized(keys)).find(document) == walked(document, keys)


@given(st.data(), DOCUMENTS)
def test_a_path_into_a_document_finds_its_value(data: st.DataObject, document: object) -> None:
    keys = data.draw(paths_into(document))
    found = JsonPath.from_text(normalized(keys)).find(document)
    assert found is not NOTHING
    assert found == walked(document, keys)


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("$", ()),
        ("$.a_1.b[0]['c d'][-1]", ("a_1", "b", 0, "c d", -1)),
        ('$["a\'b"]', ("a'b",)),
        (r"$['\u00e9\n']", ("é\n",)),
        ("$.naïve", ("naïve",)),
    ],
)
def test_names_after_a_dot_or_in_quotes_and_indexes(path: str, keys: tuple[str | int, ...]) -> None:
    assert JsonPath.from_text(path).keys == keys


@pytest.mark.parametrize(
    "path", ["", "a.b", "$.", "$..a", "$.*", "$[*]", "$[1:2]", "$[01]", "$[-0]", "$.1a", "$[?@.a]",
             "$['a]", r"$['\x']", "$ .a"]
)  # fmt: skip
def test_what_names_no_single_value_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"write"):
        JsonPath.from_text(path)


@pytest.mark.parametrize(
    ("path", "document", "said"),
    [
        ("$.tokens.access", {"tokens": {"id": "x", "refresh": "y"}},
         "no 'access' in an object with id, refresh"),
        ("$.a[2]", {"a": ["secret"]}, "no 2 in a list of 1"),
        ("$.a.b", {"a": "secret"}, "no 'b' in a text"),
        ("$.a.b", {"a": None}, "no 'b' in null"),
    ],
)  # fmt: skip
def test_a_miss_is_told_by_names_and_never_by_values(
    path: str, document: object, said: str
) -> None:
    assert JsonPath.from_text(path).miss(document) == said
    assert "secret" not in said
