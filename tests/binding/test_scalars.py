import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding.scalars import (
    parse_bool,
    parse_float,
    parse_int,
    parse_member,
    parse_quantity,
    quoted,
    suggest,
)
from loadtests.units import NOTATIONS
from loadtests.vocabulary import Step

PARSERS: list[Callable[[str], object]] = [
    parse_bool,
    parse_int,
    parse_float,
    partial(parse_member, kind=Step),
    *(partial(parse_quantity, notation=notation) for notation in NOTATIONS),
]


def refused(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("parse", PARSERS)
@given(text=st.text() | st.text(alphabet="0123456789:.-+% smhkB/", max_size=12))
def test_every_refusal_quotes_the_text_and_ends_in_what_to_write(
    parse: Callable[[str], object], text: str
) -> None:
    refusal = refused(parse, text)
    if refusal:
        assert refusal.startswith(quoted(text))
        assert re.search(r"; (write|did you mean) \S", refusal[len(quoted(text)) :])


@given(number=st.integers(min_value=-(10**20), max_value=10**20))
def test_a_whole_number_may_be_grouped_by_underscores(number: int) -> None:
    assert parse_int(f"{number:_}") == number


@given(text=st.text(min_size=41))
def test_a_long_text_is_quoted_on_one_short_line(text: str) -> None:
    assert "\n" not in quoted(text)
    assert quoted(text) == repr(text[:39] + "…")


@pytest.mark.parametrize(
    ("word", "known", "advice"),
    [
        ("sing_in", Step, "did you mean 'sign_in'?"),
        ("x", ["red", "green"], "write one of red, green"),
        ("x", [], "leave it out"),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest_or_all(
    word: str, known: list[str], advice: str
) -> None:
    assert suggest(word, known) == advice
