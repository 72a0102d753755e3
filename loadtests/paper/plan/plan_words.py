"""Figures of a plan as people read them: three digits, since nobody has counted anything yet."""

from collections.abc import Mapping
from math import isnan

from loadtests.export import words
from loadtests.paper.plan.costs import Cost
from loadtests.paper.plan.plan import Source
from loadtests.units import Bytes, BytesPerSecond

_WHOLE, _COUNTED = 100, 10_000  # in between, people count
_LITTLE = 0.01  # of what is asked for: how little is of no interest
_STEPS = ("", "k", "M", "G", "T", "P", "E")

QUANTITIES: Mapping[str, str] = {
    "gigabyte": "GB of answers",
    "license": "licenses",
    "text_message": "text messages, or e-mails",
    "call": "calls to the support desk",
    "core_hour": "hours of a core",
}
"""What each of `scenario.prices` is the price of."""

SOURCES: Mapping[Source, str] = {
    Source.SAID: "as said",
    Source.SIGNATURE: "as the signature has it",
    Source.SCENARIO: "of the scenario's own stream",
}


def number(value: float) -> str:
    """`318,000`, `1,128`, `42.5`."""
    if _WHOLE <= value < _COUNTED:
        return words.count(value)
    if value >= _COUNTED:
        return words.count(float(f"{value:.3g}"))
    return words.brief(value) if value >= 1 or value == 0 else f"{value:.2g}"


def people(value: float) -> str:
    """The same of people, who come in whole numbers."""
    return number(round(value))


def rate(value: float) -> str:
    """`1,500/s`."""
    return f"{number(value)}/s"


def bit_rate(value: BytesPerSecond) -> str:
    """`1.59 Tbit/s` of bytes a second."""
    return f"{_prefixed(8 * value)}bit/s"


def data(value: Bytes) -> str:
    """`48.7 GB`."""
    return f"{_prefixed(value)}B"


def ratio(value: float) -> str:
    """`1.31 x`: how much more there is than is asked for."""
    if isnan(value):
        return words.NONE
    return f"< {_LITTLE:g} x" if value < _LITTLE else f"{value:.3g} x"


def cost(part: Cost, currency: str) -> str:
    """What it costs; a dash where there is no price."""
    return words.NONE if part.cost is None else money(part.cost, currency)


def money(value: float, currency: str) -> str:
    """`1,204.50 EUR`."""
    return f"{value:,.2f} {currency}"


def _prefixed(value: float) -> str:
    at = 0
    while value >= 999.5 and at < len(_STEPS) - 1:  # noqa: PLR2004 - would round to 1000
        value /= 1000
        at += 1
    return f"{value:.3g} {_STEPS[at]}"
