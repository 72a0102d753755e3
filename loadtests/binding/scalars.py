"""One text to one value. Every refusal is a ValueError that ends in what to write instead."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from loadtests.units import NOTATIONS, RATIO, Notation, Range, parse_offset, plain, write_duration

E = TypeVar("E", bound=StrEnum)
_SHOWN = 40
# what YAML 1.1 takes for truth values, and what people mean by them
_TRUTH = {"true": True, "yes": True, "on": True, "y": True, "1": True}
_TRUTH |= {"false": False, "no": False, "off": False, "n": False, "0": False}
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*(?:_[0-9]+)*)")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?")
_CLOCK_TIME = re.compile(r"([-+]?)([0-9]{1,3}):([0-9]{2})(?::([0-9]{2}))?")


def quoted(text: str) -> str:
    """A text as messages show it: on one line, in quotes, cut short."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def suggest(word: str, known: Iterable[str]) -> str:
    """The known word nearest to an unknown one, or all of them."""
    words = [str(each) for each in known]  # a member's own repr is not what files say
    if close := get_close_matches(word, words, n=1):
        return f"did you mean {close[0]!r}?"
    return f"write one of {', '.join(words)}" if words else "leave it out"


def parse_bool(text: str) -> bool:
    """`true` or `false`, and nothing else YAML takes for them."""
    if text in {"true", "false"}:
        return text == "true"
    meant = _TRUTH.get(text.lower())
    advice = "true or false" if meant is None else str(meant).lower()
    raise ValueError(f"{quoted(text)} is not true or false; write {advice}")


def parse_int(text: str) -> int:
    """A whole number such as `2_300_000`, without leading zeros: YAML 1.1 reads those as octal."""
    if _WHOLE.fullmatch(text) and len(text) <= _SHOWN:
        return int(text)
    advice = text.lstrip("0").replace(",", "_").replace(" ", "_")
    if not _WHOLE.fullmatch(advice) or len(text) > _SHOWN:
        advice = "such as 4 or 2_300_000"
    raise ValueError(f"{quoted(text)} is not a whole number; write {advice}")


def parse_float(text: str) -> float:
    """A number such as `1.5`, without exponent."""
    if _NUMBER.fullmatch(text) and len(text) <= _SHOWN:
        return float(text)
    raise ValueError(f"{quoted(text)} is not a number; write such as 1.5")


def parse_member(text: str, kind: type[E]) -> E:
    """The member of a closed set."""
    if text in set(kind):
        return kind(text)
    raise ValueError(f"{quoted(text)} is not known; {suggest(text, kind)}")


def parse_quantity(text: str, notation: Notation) -> float:
    """The number a text of this notation stands for."""
    try:
        return notation.parse(text)
    except ValueError:
        raise ValueError(_misread(text, notation)) from None


def fit(number: float, range_: Range, text: str, notation: Notation | None) -> None:
    """Refuse a number that is outside its range."""
    if number not in range_:
        words = range_.words(notation.write if notation else plain)
        raise ValueError(f"{quoted(text)} is out of range; write {words}")


def _misread(text: str, notation: Notation) -> str:
    for other in NOTATIONS:
        if other is not notation and _is_plainly(text, other):
            return f"{quoted(text)} is {other.name}, not {notation.name}; write {notation}"
    meant = _clock_time(text, notation) or str(notation)
    return f"{quoted(text)} is not {notation.name}; write {meant}"


def _is_plainly(text: str, notation: Notation) -> bool:
    """Whether a text is of this notation beyond doubt: a bare number could be anything."""
    if notation is RATIO and not re.search("[%/]", text):
        return False
    return _reads(notation.parse, text)


def _reads(parse: Callable[[str], float], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _clock_time(text: str, notation: Notation) -> str:
    """`20m30s (or 20h30m ...)` for `20:30`, where this notation would read that."""
    match = _CLOCK_TIME.fullmatch(text.strip())
    if match is None or not _reads(notation.parse, match[1] + "1s"):
        return ""
    sign = match[1] or ("+" if notation.parse is parse_offset else "")
    first, second, third = (int(group or 0) for group in match.groups()[1:])
    hours = sign + write_duration(first * 3600 + second * 60 + third)
    minutes = sign + write_duration(first * 60 + second)
    return hours if match[4] else f"{minutes} (or {hours}, if those are hours)"


PARSERS: Mapping[type, Callable[[str], object]] = {
    str: str,
    int: parse_int,
    float: parse_float,
    bool: parse_bool,
}
"""The parsers of Python's own types, in the notation of our files."""
