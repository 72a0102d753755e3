"""Quantities: written with a unit by people, plain numbers in seconds, bytes, per second and ratios inside.

`Annotated` aliases tie a field's type to the parser of its notation, so a record says its unit by its type
and `binding` needs no table of field names.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

_DURATION = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_BITS = {"bit/s": 1, "kbit/s": 10**3, "Mbit/s": 10**6, "Gbit/s": 10**9}
_PER = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_NUMBER = r"\d+(?:_\d+)*(?:\.\d+)?"


@dataclass(frozen=True, slots=True)
class Notation:
    """How people write a quantity: its name in messages, an example of it, and the parser of its text.

    `parse` raises ValueError (any text: the caller words the message) when the text is not of this notation.
    """

    name: str
    example: str
    parse: Callable[[str], float]


def parse_duration(text: str) -> float:
    """Seconds of `90s`, `20ms`, `1h30m`; a bare `0` is allowed. Never negative."""
    if text.strip() == "0":
        return 0.0
    parts = re.findall(rf"({_NUMBER})\s*(ms|min|s|m|h|d)\s*", text)
    if not parts or "".join(re.split(r"\s+", text)) != "".join(n + u for n, u in parts):
        raise ValueError(text)
    return sum(float(number) * _DURATION[unit] for number, unit in parts)


def parse_offset(text: str) -> float:
    """Signed seconds from kick-off of `-5m`, `+1m30s`, `0m`: event time."""
    text = text.strip()
    sign = -1.0 if text.startswith(("-", "\N{MINUS SIGN}")) else 1.0
    return sign * parse_duration(text.lstrip("+-\N{MINUS SIGN}"))


def _scaled(text: str, factors: dict[str, int]) -> float:
    match = re.fullmatch(rf"\s*({_NUMBER})\s*([A-Za-z/]+)\s*", text)
    if match is None or match[2] not in factors:
        raise ValueError(text)
    return float(match[1]) * factors[match[2]]


def parse_bytes(text: str) -> float:
    """Bytes of `20 kB`, `64 KiB`."""
    return _scaled(text, _BYTES)


def parse_bit_rate(text: str) -> float:
    """Bytes per second of `5 Mbit/s` (people write bits, everything inside counts bytes)."""
    return _scaled(text, _BITS) / 8


def parse_rate(text: str) -> float:
    """Events per second of `200/s`, `12_000/min`."""
    match = re.fullmatch(rf"\s*({_NUMBER})\s*/\s*(s|min|m|h)\s*", text)
    if match is None:
        raise ValueError(text)
    return float(match[1]) / _PER[match[2]]


def parse_ratio(text: str) -> float:
    """Ratio of `15 %`, `0.15`, `1/200`."""
    text = text.strip()
    if match := re.fullmatch(rf"({_NUMBER})\s*%", text):
        return float(match[1]) / 100
    if match := re.fullmatch(rf"({_NUMBER})\s*/\s*({_NUMBER})", text):
        if float(match[2]) == 0:
            raise ValueError(text)
        return float(match[1]) / float(match[2])
    if re.fullmatch(_NUMBER, text):
        return float(text)
    raise ValueError(text)


Seconds = Annotated[float, Notation("a duration", "90s", parse_duration)]
Offset = Annotated[float, Notation("a time from kick-off", "-5m or +10m", parse_offset)]
Bytes = Annotated[float, Notation("a size", "20 kB", parse_bytes)]
BytesPerSecond = Annotated[float, Notation("a bit rate", "5 Mbit/s", parse_bit_rate)]
PerSecond = Annotated[float, Notation("a rate", "200/s", parse_rate)]
Ratio = Annotated[float, Notation("a ratio", "15 %, 0.15 or 1/200", parse_ratio)]
