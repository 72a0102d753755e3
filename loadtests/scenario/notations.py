"""The notations of quantities as regular expressions (ECMA-262): for those who cannot call ours.

What `units` and `binding.scalars` read, but for numbers too large to be any; a test compares them.
"""

from collections.abc import Mapping

from loadtests.units import BIT_RATE, DURATION, MOMENT, OFFSET, RATE, RATIO, SIZE

_NUMBER = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?"
_PARTS = "".join(rf"(?:{_NUMBER}\s*{unit}\s*)?" for unit in ("d", "h", "m(?:in)?", "s", "ms"))
_DURATION = rf"(?:0|(?=[0-9]){_PARTS})"


def _whole(pattern: str) -> str:
    return rf"^\s*(?:{pattern})\s*$"


PATTERNS: Mapping[str, str] = {
    "int": r"^-?(?:0|[1-9][0-9]*(?:_[0-9]+)*)$",
    "float": r"^[-+]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?$",
    DURATION.name: _whole(_DURATION),
    OFFSET.name: _whole("[-+\N{MINUS SIGN}]?" + rf"\s*{_DURATION}"),
    SIZE.name: _whole(rf"{_NUMBER}\s*(?:B|kB|MB|GB|KiB|MiB|GiB)"),
    BIT_RATE.name: _whole(rf"{_NUMBER}\s*[kMG]?bit/s"),
    RATE.name: _whole(rf"{_NUMBER}\s*/\s*(?:s|m|min|h)"),
    RATIO.name: _whole(rf"{_NUMBER}\s*%|{_NUMBER}(?:\s*/\s*{_NUMBER})?"),
    # ISO 8601 has many forms: whatever has a date, a time and an offset from UTC
    MOMENT.name: _whole(r"[0-9][0-9Ww-]{6,9}.[0-9:.,]{2,}(?:Z|[-+][0-9:.,]{2,})"),
}
"""By a notation's name; Python's own numbers by theirs."""

NUMBERS: Mapping[str, dict[str, object]] = {
    DURATION.name: {"const": 0},
    OFFSET.name: {"const": 0},
    RATIO.name: {"type": "number", "minimum": 0},
}
"""Notations that can be written so that YAML takes them for a number."""


def either(*patterns: str) -> str:
    """What one of them matches."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)
