"""Times as logs write them, to seconds since the epoch."""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

from loadtests.units import Seconds

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# 17/May/2015:10:05:03.123 +0200: the Common Log Format's, with a fraction where servers add one
_COMMON = re.compile(
    r"([0-9]{1,2})/([A-Za-z]{3})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?"
    r"(?: ?([+-])([0-9]{2}):?([0-9]{2}))?"
)
_EPOCH = re.compile(r"[0-9]{9,19}(?:\.[0-9]{0,9})?")
_LEAP = 60
# 1e11 s is the year 5138 and 1e11 ms was 1973: a number tells its own unit
_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (math.inf, 1e9))


@lru_cache(maxsize=4_096)
def moment(text: str) -> tuple[Seconds, bool]:
    """Epoch seconds of a text, and whether it states its zone; without one, UTC is taken.

    ISO 8601 (RFC 3339), the Common Log Format's `17/May/2015:10:05:03 +0000`, or a number since the
    epoch in seconds, milli-, micro- or nanoseconds. ValueError: it is none of these.
    """
    if text[4:5] != "-":
        if match := _COMMON.fullmatch(text):
            return _common(match)
        if _EPOCH.fullmatch(text):
            return epoch(float(text)), True
    when = datetime.fromisoformat(text)
    zoned = when.tzinfo is not None
    return (when if zoned else when.replace(tzinfo=UTC)).timestamp(), zoned


def epoch(number: float) -> Seconds:
    """Seconds of a number since the epoch, in whatever unit. ValueError: it is no moment."""
    if not math.isfinite(number) or number <= 0:
        raise ValueError(number)
    return number / next(factor for least, factor in _UNITS if number < least)


def _common(match: re.Match[str]) -> tuple[Seconds, bool]:
    day, name, year, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    month = _MONTHS.get(name.lower())
    if month is None:
        raise ValueError(match[0])
    leap = int(second) == _LEAP
    when = datetime(
        int(year), month, int(day), int(hour), int(minute), int(second) - leap, tzinfo=UTC
    )
    ahead = 3600 * int(hours or 0) + 60 * int(minutes or 0)
    at = when.timestamp() + leap + float(fraction or 0)
    return at + (ahead if sign == "-" else -ahead), sign is not None
