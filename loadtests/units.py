"""Quantities: people write them with a unit; inside they are seconds, bytes, per second and ratios.

`Annotated` aliases tie a field's type to the notation of its text, so a record says its unit by its
type and `binding` needs no table of field names.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

_DECIMAL_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
_BYTES = _DECIMAL_BYTES | {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_BITS = {"bit/s": 1, "kbit/s": 10**3, "Mbit/s": 10**6, "Gbit/s": 10**9}
_PER = {"s": 1, "m": 60, "min": 60, "h": 3600}
_NUMBER = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?"
# in milliseconds: 110 over 1000 is the float people mean by 0.11, 110 times 0.001 is not
_PARTS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m(?:in)?"), (1_000, "s"), (1, "ms"))
_DURATION = re.compile("".join(rf"(?:({_NUMBER})\s*{unit}\s*)?" for _, unit in _PARTS))
_END_OF_TIME = 253_402_214_400  # the last day a `datetime` can tell in every time zone
_SIGNS = {"": 1.0, "+": 1.0, "-": -1.0, "\N{MINUS SIGN}": -1.0}


@dataclass(frozen=True, slots=True)
class Notation:
    """How people write a quantity: its name in messages, an example, and both ways to a number.

    `parse` raises ValueError (of any text: the caller words it) where the text is none of these.
    `write` is for numbers `parse` could return, and `parse` reads what it wrote.
    """

    name: str
    example: str
    parse: Callable[[str], float]
    write: Callable[[float], str]
    advice: str = ""  # what to write, where "such as <example>" would not say enough

    def __str__(self) -> str:
        """What to write, as the end of a sentence that begins with "write"."""
        return self.advice or f"such as {self.example}"


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers a field may hold: at least `least` or more than `above`, and at most `most`."""

    least: float = -math.inf
    above: float = -math.inf
    most: float = math.inf

    def __contains__(self, number: float) -> bool:
        return self.least <= number <= self.most and number > self.above

    def words(self, write: Callable[[float], str]) -> str:
        """The range as people read it: `more than 0 % and at most 100 %`."""
        if math.isfinite(self.least) and math.isfinite(self.most):
            return f"from {write(self.least)} to {write(self.most)}"
        bounds = (("at least", self.least), ("more than", self.above), ("at most", self.most))
        return " and ".join(f"{word} {write(x)}" for word, x in bounds if math.isfinite(x))


def plain(number: float) -> str:
    """A number to twelve significant digits, without exponent: what every parser here reads."""
    return format(Decimal(f"{number:.12g}").normalize(), "f")


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def parse_duration(text: str) -> float:
    """Seconds of `90s`, `20ms`, `1h30m`; a bare `0` is allowed. Never negative."""
    text = text.strip()
    if text == "0":
        return 0.0
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(text)
    factors = (factor for factor, _ in _PARTS)
    parts = zip(factors, match.groups(), strict=True)
    return _finite(sum(factor * float(number) for factor, number in parts if number) / 1000)


def write_duration(seconds: float) -> str:
    """`1m30s`, `20ms`, `1h`: what `parse_duration` reads."""
    if 0 < seconds < 1:
        return f"{plain(seconds * 1e3)}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{plain(number)}{unit}" for number, unit in parts if number) or "0s"


def parse_offset(text: str) -> float:
    """Signed seconds from kick-off of `-5m`, `+1m30s`, `0m`: event time."""
    text = text.strip()
    sign = text[:1] if text[:1] in _SIGNS else ""
    return _SIGNS[sign] * parse_duration(text.removeprefix(sign)) + 0.0  # never -0.0


def write_offset(offset: float) -> str:
    """`-5m`, `+1m30s`: what `parse_offset` reads."""
    sign = "" if offset == 0 else "-" if offset < 0 else "+"
    return sign + write_duration(abs(offset))


def _scaled(text: str, factors: Mapping[str, int]) -> float:
    match = re.fullmatch(rf"({_NUMBER})\s*([A-Za-z/]+)", text.strip())
    if match is None or match[2] not in factors:
        raise ValueError(text)
    return _finite(float(match[1]) * factors[match[2]])


def _with_unit(number: float, factors: Mapping[str, int]) -> str:
    least = min(factors, key=factors.__getitem__)
    fitting = (unit for unit, factor in factors.items() if factor <= number)
    unit = max(fitting, key=factors.__getitem__, default=least)
    return f"{plain(number / factors[unit])} {unit}"


def parse_bytes(text: str) -> float:
    """Bytes of `20 kB`, `64 KiB`."""
    return _scaled(text, _BYTES)


def write_bytes(size: float) -> str:
    """`20 kB`: what `parse_bytes` reads, in decimal units."""
    return _with_unit(size, _DECIMAL_BYTES)


def parse_bit_rate(text: str) -> float:
    """Bytes per second of `5 Mbit/s` (people write bits, everything inside counts bytes)."""
    return _scaled(text, _BITS) / 8


def write_bit_rate(rate: float) -> str:
    """`5 Mbit/s` of bytes per second: what `parse_bit_rate` reads."""
    return _with_unit(rate * 8, _BITS)


def parse_rate(text: str) -> float:
    """Events per second of `200/s`, `12_000/min`."""
    number, slash, unit = text.partition("/")
    if not slash or not re.fullmatch(_NUMBER, number.strip()) or unit.strip() not in _PER:
        raise ValueError(text)
    return _finite(float(number) / _PER[unit.strip()])


def write_rate(rate: float) -> str:
    """`200/s`: what `parse_rate` reads."""
    return f"{plain(rate)}/s"


def parse_ratio(text: str) -> float:
    """Ratio of `15 %`, `0.15`, `1/200`. Not bounded: a ratio may be above one."""
    text = text.strip()
    if match := re.fullmatch(rf"({_NUMBER})\s*%", text):
        return _finite(float(match[1]) / 100)
    if match := re.fullmatch(rf"({_NUMBER})(?:\s*/\s*({_NUMBER}))?", text):
        divisor = float(match[2] or 1)
        return _finite(float(match[1]) / divisor if divisor else math.nan)
    raise ValueError(text)


def write_ratio(ratio: float) -> str:
    """`15 %`, or `1.5` above one: what `parse_ratio` reads."""
    return f"{plain(ratio * 100)} %" if ratio <= 1 else plain(ratio)


def parse_moment(text: str) -> float:
    """Seconds since the epoch of `2026-11-22T20:00:00+01:00`: ISO 8601 with its offset from UTC."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None or not 0 <= moment.timestamp() < _END_OF_TIME:
        raise ValueError(text)
    return moment.timestamp()


def write_moment(moment: float) -> str:
    """`2026-11-22T19:00:00+00:00`, in UTC to the second: what `parse_moment` reads."""
    return datetime.fromtimestamp(round(moment), UTC).isoformat()


DURATION = Notation(
    "a duration", "90s", parse_duration, write_duration, "a number and a unit, such as 90s"
)
OFFSET = Notation("a time from kick-off", "-5m or +1m30s", parse_offset, write_offset)
SIZE = Notation("a size", "20 kB", parse_bytes, write_bytes)
BIT_RATE = Notation("a bit rate", "5 Mbit/s", parse_bit_rate, write_bit_rate)
RATE = Notation("a rate", "200/s", parse_rate, write_rate)
RATIO = Notation("a ratio", "15 %, 0.15 or 1/200", parse_ratio, write_ratio)
MOMENT = Notation("a moment", "2026-11-22T20:00:00+01:00", parse_moment, write_moment)
NOTATIONS = (DURATION, OFFSET, SIZE, BIT_RATE, RATE, RATIO, MOMENT)
"""All of them; a text that two can read (`5m`, `0`) is named by the first."""

Seconds = Annotated[float, DURATION]
Offset = Annotated[float, OFFSET]
Bytes = Annotated[float, SIZE]
BytesPerSecond = Annotated[float, BIT_RATE]
PerSecond = Annotated[float, RATE]
Ratio = Annotated[float, RATIO]
Moment = Annotated[float, MOMENT]

Share = Annotated[Ratio, Range(least=0, most=1)]
Lasting = Annotated[Seconds, Range(above=0)]
Count = Annotated[int, Range(least=1)]
Whole = Annotated[int, Range(least=0)]
Part = Annotated[Ratio, Range(above=0, most=1)]
Speed = Annotated[float, Range(above=0)]
