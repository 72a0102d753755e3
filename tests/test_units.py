import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.units import (
    BIT_RATE,
    DURATION,
    MOMENT,
    NOTATIONS,
    OFFSET,
    RATE,
    RATIO,
    SIZE,
    Notation,
    Range,
    parse_duration,
    parse_offset,
    plain,
    write_ratio,
)

SIGNED = (OFFSET,)
EXACT = tuple(notation for notation in NOTATIONS if notation is not MOMENT)
QUANTITY = st.one_of(
    st.floats(min_value=1e-6, max_value=1e12),
    st.integers(min_value=0, max_value=10**12).map(float),
    st.just(0.0),
)
LOOKALIKE = st.text(alphabet="0123456789_.:+-−/% \tmsinhdBkKMGibt", max_size=24)  # noqa: RUF001 - people write it


@pytest.mark.parametrize("notation", EXACT, ids=lambda notation: notation.name)
@given(number=QUANTITY)
def test_what_a_notation_writes_it_reads_back(notation: Notation, number: float) -> None:
    assert notation.parse(notation.write(number)) == pytest.approx(number, rel=1e-9, abs=1e-12)


@given(offset=QUANTITY)
def test_a_time_before_kick_off_comes_back_negative(offset: float) -> None:
    assert OFFSET.parse(OFFSET.write(-offset)) == pytest.approx(-offset, rel=1e-9, abs=1e-12)


@given(moment=st.integers(min_value=0, max_value=4_000_000_000))
def test_a_moment_comes_back_to_the_second(moment: int) -> None:
    assert MOMENT.parse(MOMENT.write(float(moment))) == moment


@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda notation: notation.name)
@given(text=st.one_of(st.text(), LOOKALIKE))
def test_any_text_is_a_finite_number_or_a_value_error(notation: Notation, text: str) -> None:
    try:
        number = notation.parse(text)
    except ValueError:
        return
    assert math.isfinite(number)
    assert notation in {OFFSET, MOMENT} or number >= 0


@pytest.mark.parametrize(
    ("notation", "text", "number"),
    [
        (DURATION, "90s", 90.0),
        (DURATION, "20ms", 0.02),
        (DURATION, "110ms", 0.11),
        (DURATION, "1h30m", 5400.0),
        (DURATION, " 1 h 30 min ", 5400.0),
        (DURATION, "1.5s", 1.5),
        (DURATION, "1d", 86400.0),
        (DURATION, "0", 0.0),
        (OFFSET, "-5m", -300.0),
        (OFFSET, "+1m30s", 90.0),
        (OFFSET, "0m", 0.0),
        (OFFSET, "\N{MINUS SIGN}30s", -30.0),
        (SIZE, "20 kB", 20_000.0),
        (SIZE, "64KiB", 65_536.0),
        (BIT_RATE, "5 Mbit/s", 625_000.0),
        (RATE, "200/s", 200.0),
        (RATE, "12_000/min", 200.0),
        (RATIO, "15 %", 0.15),
        (RATIO, "1/200", 0.005),
        (RATIO, "0.15", 0.15),
        (RATIO, "2", 2.0),
        (MOMENT, "1970-01-01T01:00:30+01:00", 30.0),
    ],
)
def test_a_quantity_means_what_people_mean_by_it(
    notation: Notation, text: str, number: float
) -> None:
    assert notation.parse(text) == number


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        (DURATION, "30"),
        (DURATION, "20:30"),
        (DURATION, "-5m"),
        (DURATION, "30m1h"),
        (DURATION, "1s1s"),
        (DURATION, "5 m s"),
        (DURATION, "1 0s"),
        (DURATION, "9" * 400 + "h"),
        (DURATION, "٣s"),
        (DURATION, ""),
        (OFFSET, "--5m"),
        (OFFSET, "+-5m"),
        (OFFSET, "5"),
        (SIZE, "20"),
        (SIZE, "20 KB"),
        (BIT_RATE, "5 Mbps"),
        (RATE, "200"),
        (RATE, "1_/s"),
        (RATIO, "30x"),
        (RATIO, "1/0"),
        (RATIO, "-1"),
        (RATIO, "1e3"),
        (RATIO, "nan"),
        (MOMENT, "2026-11-22T20:00:00"),
        (MOMENT, "0001-01-01T00:00:00+14:00"),
        (MOMENT, "9999-12-31T23:00:00-14:00"),
    ],
)
def test_a_text_that_could_mean_something_else_is_refused(notation: Notation, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller words the message
        notation.parse(text)


def test_the_sign_of_nothing_is_no_sign() -> None:
    assert math.copysign(1, parse_offset("-0m")) == 1.0


@pytest.mark.parametrize("spaces", [" " * 5000, "1" * 5000, "1s" * 2000, "1_" * 2000])
def test_a_long_text_is_refused_without_delay(spaces: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller words the message
        parse_duration(spaces + "x")


@pytest.mark.parametrize(
    ("number", "text"),
    [(1000.0, "1000"), (0.1 * 3, "0.3"), (1e20, "1" + "0" * 20), (2.5e-7, "0.00000025"), (0, "0")],
)
def test_a_plain_number_has_no_exponent(number: float, text: str) -> None:
    assert plain(number) == text


@pytest.mark.parametrize(
    ("range_", "words"),
    [
        (Range(least=0, most=1), "from 0 % to 100 %"),
        (Range(above=0, most=1), "more than 0 % and at most 100 %"),
        (Range(least=0.5), "at least 50 %"),
        (Range(), ""),
    ],
)
def test_a_range_says_itself_in_the_notation_of_its_field(range_: Range, words: str) -> None:
    assert range_.words(write_ratio) == words


@pytest.mark.parametrize(
    ("number", "within"), [(0.0, False), (1e-9, True), (1.0, True), (1.1, False)]
)
def test_a_range_leaves_out_what_it_must_be_more_than(number: float, *, within: bool) -> None:
    assert (number in Range(above=0, most=1)) is within
