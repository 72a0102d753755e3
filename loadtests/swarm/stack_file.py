"""A stack as the YAML its testbed is started with: what `binding` reads back is the same stack."""

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from loadtests.binding import keys
from loadtests.stack.model import Stack
from loadtests.units import Notation, plain


def written(stack: Stack) -> str:
    """The stack as a file for `testbed --config`: JSON, which is YAML, with units.

    Numbers to twelve significant digits, as `units` writes them.
    """
    return json.dumps(_written(stack, Stack), indent=2) + "\n"


def _written(value: Any, hint: Any) -> Any:  # noqa: ANN401 - the value of any key
    hint = _present(hint)
    if (notation := _notation(hint)) is not None:
        return notation.write(value)
    if isinstance(value, Mapping):
        of_values = get_args(hint)[1]
        return {str(name): _written(one, of_values) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_written(one, get_args(hint)[0]) for one in value]
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        record: type = type(value)
        present = ((key, getattr(value, key.field)) for key in keys(record))
        return {key.name: _written(one, key.hint) for key, one in present if one is not None}
    return plain(value) if isinstance(value, float) else value  # JSON's own may have an exponent


def _present(hint: Any) -> Any:  # noqa: ANN401 - any type hint
    """What a hint says of a value that is there: the one type beside None, if it is optional."""
    if get_origin(hint) not in {Union, UnionType}:
        return hint
    (kind,) = (kind for kind in get_args(hint) if kind is not NoneType)
    return kind


def _notation(hint: Any) -> Notation | None:  # noqa: ANN401 - any type hint
    """The notation a hint brings along."""
    if get_origin(hint) is Annotated:
        return next((extra for extra in get_args(hint)[1:] if isinstance(extra, Notation)), None)
    return None
