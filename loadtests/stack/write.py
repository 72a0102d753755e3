"""A stack as the file its testbed is started with: what `binding.bind` reads back is equal."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

import yaml

from loadtests.binding import keys
from loadtests.stack.model import EdgeCache, Stack, Station, Stream, WaitingRoom
from loadtests.units import BIT_RATE, DURATION, RATE, RATIO, Notation


def to_yaml(stack: Stack) -> str:
    """The stack in the notation of `testbed --config`, to the last bit of every number."""
    return yaml.safe_dump(_plain(stack, Stack), sort_keys=False, allow_unicode=True)


def _digits(number: float) -> str:
    return format(Decimal(repr(float(number))), "f")


# `Notation.write` rounds for people; a stack sized for another scale must come back as it was
_EXACT: Mapping[Notation, Callable[[float], str]] = {
    DURATION: lambda seconds: f"{_digits(seconds)}s",
    BIT_RATE: lambda rate: f"{_digits(rate * 8)} bit/s",
    RATE: lambda rate: f"{_digits(rate)}/s",
    RATIO: _digits,
}


def _plain(value: Any, hint: Any) -> Any:  # noqa: ANN401 - the value of any key
    match value:
        case Mapping():
            return {str(name): _plain(each, get_args(hint)[1]) for name, each in value.items()}
        case tuple():
            return [_plain(each, get_args(hint)[0]) for each in value]
        case Station() | Stream() | EdgeCache() | WaitingRoom() | Stack():
            return _record(value)
        case Enum():
            return value.value
    notation = _notation(hint)
    return _EXACT[notation](value) if notation else value


def _record(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the model's records
    known = keys(type(record))
    return {key.name: _plain(getattr(record, key.field), key.hint) for key in known}


def _notation(hint: Any) -> Notation | None:  # noqa: ANN401 - any type hint
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((extra for extra in extras if isinstance(extra, Notation)), None)
