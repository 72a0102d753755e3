import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import Misfit, about, bind, describe, keys
from loadtests.binding.yaml_nodes import MappingNode
from loadtests.errors import InvalidFile
from loadtests.units import Bytes, Count, Offset, Ratio, Seconds, Share


class Color(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    as_list: ClassVar[bool] = True
    start: Offset = field(metadata=about("when", name="from"))
    stop: Offset = field(metadata=about("until", name="to"))

    def __post_init__(self) -> None:
        if self.stop < self.start:
            raise Misfit("is before `from`; write a later time", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    advice: ClassVar[str] = "a word, twice"
    word: str

    @classmethod
    def from_text(cls, text: str) -> "Twice":
        if text[: len(text) // 2] * 2 != text:
            raise ValueError(f"{text!r} is not said twice; write {cls.advice}")
        return cls(word=text[: len(text) // 2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    hidden: str = "given"
    wait: Seconds = field(default=1.0, metadata=about("a duration"))
    size: Bytes = field(default=1.0, metadata=about("a size"))
    share: Share = field(default=0.5, metadata=about("a share"))
    ratio: Ratio = field(default=0.5, metadata=about("a ratio"))
    count: Count = field(default=1, metadata=about("a count"))
    whole: int = field(default=1, metadata=about("an int"))
    number: float = field(default=1.0, metadata=about("a float"))
    text: str = field(default="", metadata=about("a text"))
    flag: bool = field(default=False, metadata=about("a truth"))
    color: Color = field(default=Color.RED, metadata=about("a color"))
    colors: tuple[Color, ...] = field(default=(), metadata=about("colors"))
    point: tuple[float, float] = field(default=(0.0, 0.0), metadata=about("a point"))
    named: Mapping[str, Seconds] = field(default_factory=dict, metadata=about("by name"))
    by_color: Mapping[Color, Count] = field(default_factory=dict, metadata=about("by color"))
    maybe: Seconds | None = field(default=None, metadata=about("or nothing"))
    span: Pair | None = field(default=None, metadata=about("a pair"))
    twice: Twice | None = field(default=None, metadata=about("a word said twice"))
    boxes: "tuple[Box, ...]" = field(default=(), metadata=about("more of them"))
    raw: MappingNode | None = field(default=None, metadata=about("kept as it is"))


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        bind(text, file="x.yaml", into=Box)
    return [problem.removeprefix("x.yaml:") for problem in caught.value.problems]


def test_a_file_becomes_a_record_with_every_unit_gone() -> None:
    box = bind(
        "wait: 1m30s\nsize: 20 kB\nshare: 15 %\nratio: 1/200\ncount: 2_300_000\nnumber: 1.5\n"
        "text: 2022-09-06 21:00\nflag: true\ncolor: green\ncolors: [red, green]\npoint: [1, -2.5]\n"
        "named: {on: 1s, no: 2s}\nby_color: {green: 3}\nmaybe: 5s\nspan: [-5m, +10m]\ntwice: papa\n"
        "boxes:\n  - {wait: 2s}\n",
        file="x.yaml",
        into=Box,
    )
    assert box == Box(
        wait=90.0,
        size=20_000.0,
        share=0.15,
        ratio=0.005,
        count=2_300_000,
        number=1.5,
        text="2022-09-06 21:00",
        flag=True,
        color=Color.GREEN,
        colors=(Color.RED, Color.GREEN),
        point=(1.0, -2.5),
        named={"on": 1.0, "no": 2.0},
        by_color={Color.GREEN: 3},
        maybe=5.0,
        span=Pair(start=-300.0, stop=600.0),
        twice=Twice(word="pa"),
        boxes=(Box(wait=2.0),),
    )


def test_a_pair_may_be_written_with_its_keys() -> None:
    box = bind("span: {from: -5m, to: 0m}", file="x.yaml", into=Box)
    assert box.span == Pair(start=-300.0, stop=0.0)


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_nothing_is_none_where_a_key_is_optional(nothing: str) -> None:
    assert bind(f"maybe: {nothing}", file="x.yaml", into=Box).maybe is None


def test_a_field_may_keep_its_yaml_as_it_is() -> None:
    raw = bind("raw: {wait: x}", file="x.yaml", into=Box).raw
    assert raw is not None
    assert list(raw.entries) == ["wait"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("wait: 30", "1:7: wait: '30' is not a duration; write a number and a unit, such as 90s"),
        (
            "wait: 20:30",
            "1:7: wait: '20:30' is not a duration; write 20m30s (or 20h30m, if those are hours)",
        ),
        ("wait: 1:20:30", "1:7: wait: '1:20:30' is not a duration; write 1h20m30s"),
        (
            "span: [-20:30, 0m]",
            (
                "1:8: span[0]: '-20:30' is not a time from kick-off; "
                "write -20m30s (or -20h30m, if those are hours)"
            ),
        ),
        (
            "wait: 20 kB",
            "1:7: wait: '20 kB' is a size, not a duration; write a number and a unit, such as 90s",
        ),
        ("size: 90s", "1:7: size: '90s' is a duration, not a size; write such as 20 kB"),
        ("size: 15 %", "1:7: size: '15 %' is a ratio, not a size; write such as 20 kB"),
        (
            "wait: -5m",
            (
                "1:7: wait: '-5m' is a time from kick-off, not a duration; "
                "write a number and a unit, such as 90s"
            ),
        ),
        ("ratio: 30x", "1:8: ratio: '30x' is not a ratio; write such as 15 %, 0.15 or 1/200"),
        ("share: 30", "1:8: share: '30' is out of range; write from 0 % to 100 %"),
        ("count: 0", "1:8: count: '0' is out of range; write at least 1"),
        ("whole: 010", "1:8: whole: '010' is not a whole number; write 10"),
        ("whole: 1,000", "1:8: whole: '1,000' is not a whole number; write 1_000"),
        ("whole: 2.5", "1:8: whole: '2.5' is not a whole number; write such as 4 or 2_300_000"),
        ("number: 1e9", "1:9: number: '1e9' is not a number; write such as 1.5"),
        ("flag: no", "1:7: flag: 'no' is not true or false; write false"),
        ("flag: On", "1:7: flag: 'On' is not true or false; write true"),
        ("flag: maybe", "1:7: flag: 'maybe' is not true or false; write true or false"),
        ("color: grean", "1:8: color: 'grean' is not known; did you mean 'green'?"),
        ("color: 7", "1:8: color: '7' is not known; write one of red, green"),
        ("colors: red", "1:9: colors: found 'red'; write a list, each one of red, green"),
        (
            "point: [1]",
            "1:8: point: found a list of 1; write a list of 2, each a number such as 1.5",
        ),
        ("span: [1m]", "1:7: span: found a list of 1; write [from, to]"),
        ("span: [1m, -1m]", "1:12: span[1]: is before `from`; write a later time"),
        (
            "span: {from: 1m}",
            "1:7: span.to: missing; write a time from kick-off such as -5m or +1m30s",
        ),
        ("wait:", "1:6: wait: found nothing; write a duration such as 90s"),
        ("wait: [1s]", "1:7: wait: found a list; write a duration such as 90s"),
        ("wait: {a: 1}", "1:7: wait: found a mapping; write a duration such as 90s"),
        ("boxes: [a]", None),
        ("twice: pony", "1:8: twice: 'pony' is not said twice; write a word, twice"),
        ("twice: [a]", "1:8: twice: found a list; write a word, twice"),
        ("by_color: {blue: 1}", "1:12: by_color.blue: unknown key; write one of red, green"),
        ("hidden: x", None),
        ("colour: red", "1:1: colour: unknown key; did you mean 'color'?"),
        ("'a.b\nc': 1", None),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(text: str, problem: str | None) -> None:
    found = problems(text)
    assert len(found) == 1
    assert "\n" not in found[0]
    assert problem is None or found == [problem]


def test_every_problem_is_reported_at_once_and_in_file_order() -> None:
    text = "boxes:\n  - {wait: 3, shar: 1, colors: [blue, red, 7]}\nflag: no\nwait: 1s\nwait: 2s\n"
    assert problems(text) == [
        "2:12: boxes[0].wait: '3' is not a duration; write a number and a unit, such as 90s",
        "2:15: boxes[0].shar: unknown key; did you mean 'share'?",
        "2:33: boxes[0].colors[0]: 'blue' is not known; write one of red, green",
        "2:44: boxes[0].colors[2]: '7' is not known; write one of red, green",
        "3:7: flag: 'no' is not true or false; write false",
        "5:1: wait: duplicate key, first on line 4; keep one",
    ]


def test_a_rule_says_where_the_record_contradicts_itself() -> None:
    def is_not_red_twice(box: Box) -> Iterator[Misfit]:
        if box.colors.count(Color.RED) > 1:
            yield Misfit("too red", "colors", 1)
        yield Misfit("not there", "named", "x", "y")

    with pytest.raises(InvalidFile) as caught:
        bind(
            "colors:\n- red\n- red\nnamed: {}",
            file="x.yaml",
            into=Box,
            rules={Box: (is_not_red_twice,)},
        )
    assert caught.value.problems == [
        "x.yaml:3:3: colors[1]: too red",
        "x.yaml:4:8: named.x.y: not there",
    ]


def test_the_keys_of_a_record_are_its_documented_fields() -> None:
    assert [key.name for key in keys(Pair)] == ["from", "to"]
    assert "hidden" not in {key.name for key in keys(Box)}
    assert describe(Pair) == "a mapping with from, to"


def problems_if_any(text: str) -> list[str]:
    try:
        record = bind(text, file="x.yaml", into=Box)
    except InvalidFile as invalid:
        return invalid.problems or ["refused without a reason"]
    assert isinstance(record, Box)
    return []


WORDS = st.sampled_from(
    [key.name for key in keys(Box)]
    + ["from", "to", "red", "1s", "20kB", "15%", "1/2", "-5m", "7", "no", "true", "~", "<<"]
    + [
        "",
        " ",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\n",
        "\n  ",
        "\n- ",
        "&a ",
        "*a",
        "!!x ",
        "'",
    ]
)


@given(text=st.one_of(st.text(), st.lists(WORDS, max_size=30).map("".join)))
def test_any_text_is_a_record_or_problems_with_their_positions(text: str) -> None:
    for problem in problems_if_any(text):
        name, line, column, what = problem.split(":", 3)
        assert name == "x.yaml"
        assert min(int(line), int(column)) >= 1
        assert what.strip()
        assert "\n" not in problem


VALUES: st.SearchStrategy[object] = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([key.name for key in keys(Box)]), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(value=st.dictionaries(st.sampled_from([key.name for key in keys(Box)]), VALUES, min_size=1))
def test_any_tree_of_values_is_a_record_or_problems(value: dict[str, object]) -> None:
    problems = problems_if_any(json.dumps(value))
    assert all(problem.startswith("x.yaml:1:") for problem in problems)
