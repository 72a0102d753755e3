"""What the user pays for what a rehearsal uses up, as a small file says. No price is invented."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from loadtests.binding import bind
from loadtests.binding.keys import about
from loadtests.scenario.read import load
from loadtests.units import Range

Price = Annotated[float, Range(least=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices of one of each; what has none is told as a quantity only."""

    currency: str = field(metadata=about("what the prices are in, as it is to be written"))
    gigabyte: Price | None = field(
        default=None, metadata=about("of answers, from whatever delivers them: 10^9 bytes")
    )
    license: Price | None = field(
        default=None, metadata=about("one license, of a stream or a download, renewals too")
    )
    text_message: Price | None = field(
        default=None, metadata=about("one code for the household, sent as a text message")
    )
    call: Price | None = field(default=None, metadata=about("one call to the support desk"))
    core_hour: Price | None = field(
        default=None, metadata=about("one core of a load generator for an hour")
    )


def read_prices(path: Path) -> Prices:
    """The prices of a file; InvalidFile has every problem, MatchnightError: it is not there."""
    return parse_prices(load(path), file=str(path))


def parse_prices(text: str, *, file: str) -> Prices:
    """The prices a text describes; InvalidFile has every problem of it."""
    return bind(text, file=file, into=Prices)
