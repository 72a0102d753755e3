import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding.yaml_nodes import (
    AnyNode,
    Flawed,
    MappingNode,
    Place,
    ScalarNode,
    SequenceNode,
    locate,
    overlay,
)
from loadtests.binding.yaml_text import DEEPEST, LARGEST, compose, decode
from loadtests.errors import InvalidFile

TREE: st.SearchStrategy[object] = st.recursive(
    st.text(alphabet="abc", min_size=1, max_size=3),
    lambda inner: st.dictionaries(st.text(alphabet="abcd", min_size=1, max_size=2), inner),
    max_leaves=8,
)


def flaws(text: str) -> list[str]:
    try:
        _, problems = compose(text, file="x.yaml")
    except Flawed as flawed:
        problems = list(flawed.problems)
    return [str(problem).removeprefix("x.yaml:") for problem in problems]


def tree(text: str) -> MappingNode:
    root, problems = compose(text, file="x.yaml")
    assert problems == []
    return root


def plainly(node: AnyNode) -> object:
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, SequenceNode):
        return [plainly(item) for item in node.items]
    return {key: plainly(entry.value) for key, entry in node.entries.items()}


@pytest.mark.parametrize(
    "text", ["20:30", "no", "on", "2022-09-06", "0755", "1_000", "1e3", ".inf"]
)
def test_a_scalar_is_the_text_that_stands_there(text: str) -> None:
    assert plainly(tree(f"a: {text}")) == {"a": text}


def test_a_node_knows_its_place_and_its_path() -> None:
    node = tree("a:\n  - b: 1\n    c: [2, {d: 3}]\n")
    assert locate(node, "a", 0, "c", 1, "d") == (Place("x.yaml", 3, 16), "a[0].c[1].d")


def test_a_place_that_is_not_there_is_where_it_would_be() -> None:
    node = tree("a:\n  - b: 1\n")
    assert locate(node, "a", 7, "c") == (Place("x.yaml", 2, 3), "a[7].c")


def test_anchors_and_aliases_stand_for_the_same_value() -> None:
    assert plainly(tree("a: &x {b: 1}\nc: *x")) == {"a": {"b": "1"}, "c": {"b": "1"}}


def test_a_merge_key_adds_what_is_not_there_and_earlier_mappings_win() -> None:
    text = "a: &x {k: 1, l: 1}\nb: &y {l: 2, m: 2}\nc: {<<: [*x, *y], k: 0}"
    assert plainly(tree(text)) == {
        "a": {"k": "1", "l": "1"},
        "b": {"l": "2", "m": "2"},
        "c": {"l": "1", "m": "2", "k": "0"},
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: the file is empty; write keys with values: `key: value`"),
        ("# only a comment\n", "1:1: the file is empty; write keys with values: `key: value`"),
        ("---\n", "1:1: the file is empty; write keys with values: `key: value`"),
        ("- a", "1:1: the file is not a mapping; write keys with values: `key: value`"),
        ("a", "1:1: the file is not a mapping; write keys with values: `key: value`"),
        (
            "a:\n\tb: 1",
            "2:1: a tab, or a sign that needs quotes; indent with spaces, put text in quotes",
        ),
        (
            "a: @b",
            "1:4: a tab, or a sign that needs quotes; indent with spaces, put text in quotes",
        ),
        ("a: 1\na: 2", "2:1: a: duplicate key, first on line 1; keep one"),
        ("a: {b: 1,\n b: 2}", "2:2: a.b: duplicate key, first on line 1; keep one"),
        ("a: *b", "1:4: a: *b names nothing before it; write the value"),
        ("a: &b [*b]", "1:8: a[0]: *b names nothing before it; write the value"),
        ("a: !!int 1", "1:4: a: tag tag:yaml.org,2002:int means nothing here; leave it out"),
        ("a: 1\n---\nb: 2", "2:1: a second document begins; write one to a file"),
        ("? [a]\n: b", "1:3: a key must be a word; write `key: value`"),
        ("<<: 1", "1:1: <<: `<<` merges mappings only; write `<<: *name` of a mapping"),
        ("a: 1\nb: \x07", "2:4: character U+0007 cannot stand in YAML; take it out"),
        ("a: \ud800", "1:4: character U+D800 cannot stand in YAML; take it out"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_position(text: str, problem: str) -> None:
    assert flaws(text) == [problem]


def test_broken_syntax_has_the_position_of_the_break() -> None:
    (problem,) = flaws("a: [1, 2\nb: 3\n")
    assert problem.startswith("2:2: not YAML: ")


def test_a_billion_laughs_end_at_once() -> None:
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    (problem,) = flaws("\n".join(lines))
    assert problem.endswith(f"stands for more than {LARGEST} values; use fewer aliases")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_bottomless_nesting_ends_at_once(opening: str) -> None:
    (problem,) = flaws("a:\n  " + opening * 50_000)
    assert problem.endswith(f"nested more than {DEEPEST} deep; write it flatter") or (
        "a key must be a word" in problem
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a: \xff", "x.yaml:1:4: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"a: 1\n\xc3\xa9\xe9", "x.yaml:2:2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("a: é".encode("utf-16"), "x.yaml:1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_file_that_is_not_utf_8_is_named_with_the_first_wrong_byte(
    data: bytes, problem: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        decode(data, file="x.yaml")
    assert caught.value.problems == [problem]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode(b"\xef\xbb\xbfa: 1", file="x.yaml") == "a: 1"


def merged(base: object, patch: object) -> object:
    if isinstance(base, dict) and isinstance(patch, dict):
        return base | {k: merged(base[k], v) if k in base else v for k, v in patch.items()}
    return patch


def written(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(each)}" for key, each in value.items()) + "}"
    return str(value)


@given(
    base=st.dictionaries(st.text("abcd", min_size=1, max_size=2), TREE),
    patch=st.dictionaries(st.text("abcd", min_size=1, max_size=2), TREE),
)
def test_an_overlay_sets_every_key_of_the_patch_and_keeps_the_rest(
    base: dict[str, object], patch: dict[str, object]
) -> None:
    laid = overlay(tree(written(base)), tree(written(patch)))
    assert plainly(laid) == merged(base, patch)


def test_what_an_overlay_sets_keeps_the_place_where_it_was_written() -> None:
    laid = overlay(tree("a: {b: 1, c: 2}"), tree("\n\na: {b: 3}"))
    assert locate(laid, "a", "b") == (Place("x.yaml", 3, 8), "a.b")
    assert locate(laid, "a", "c") == (Place("x.yaml", 1, 14), "a.c")
