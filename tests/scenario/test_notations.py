import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loadtests.binding.scalars import parse_float, parse_int
from loadtests.scenario.notations import PATTERNS
from loadtests.units import MOMENT, NOTATIONS, Notation, parse_moment, write_moment

READERS = {notation.name: notation.parse for notation in NOTATIONS if notation is not MOMENT}
READERS |= {"int": parse_int, "float": parse_float}
PIECES = ["0", "1", "25", "1_000", "_", ".", ".5", "-", "+", "\N{MINUS SIGN}", "%", "/", " "]
PIECES += ["d", "h", "m", "min", "s", "ms", "B", "kB", "MiB", "bit/s", "Mbit/s", "/s", "x", ":"]


def reads(name: str, text: str) -> bool:
    try:
        READERS[name](text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(READERS))
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=7))
@example(pieces=["1", "h", "25", "m"])
@example(pieces=["1", "m", "1", "h"])
@example(pieces=["-", " ", "1", "min"])
@example(pieces=["1", " ", "/", " ", "25"])
@example(pieces=["25", " ", "/", "min"])
def test_a_pattern_matches_what_the_reader_reads_and_nothing_else(
    name: str, pieces: list[str]
) -> None:
    text = "".join(pieces)
    # one over nothing is written like a ratio, and is the reader's to refuse
    if not re.search(r"/\s*0+(?:\.0*)?\s*$", text):
        assert bool(re.search(PATTERNS[name], text)) == reads(name, text)


@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda notation: notation.name)
def test_a_pattern_matches_every_example_a_message_gives(notation: Notation) -> None:
    for text in re.split(r", | or ", notation.example):
        assert re.search(PATTERNS[notation.name], text)


@given(st.floats(0, 4e9))
def test_a_pattern_matches_every_moment_as_we_write_it(moment: float) -> None:
    assert re.search(PATTERNS[MOMENT.name], write_moment(moment))


@pytest.mark.parametrize(
    "text",
    ["2026-11-22T20:00:00+01:00", "2026-11-22 20:00Z", "20261122T200000.5-0130", "2026-W47-7T20Z"],
)
def test_a_pattern_matches_other_forms_of_moments_the_reader_knows(text: str) -> None:
    assert parse_moment(text) > 0
    assert re.search(PATTERNS[MOMENT.name], text)


@pytest.mark.parametrize("text", ["2026-11-22", "20:00+01:00", "2026-11-22T20:00", "soon"])
def test_a_text_without_date_time_and_offset_is_no_moment(text: str) -> None:
    assert not re.search(PATTERNS[MOMENT.name], text)
