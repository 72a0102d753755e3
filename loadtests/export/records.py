"""Records as plain JSON, key for key, back again, and the JSON Schema of them: by their types.

What is no finite number is null: JSON knows neither NaN nor infinity.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import StrEnum
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

Instead = Mapping[type, Callable[[Any], Any]]
"""How values of a type are written, or read, where it is not as the record they are."""


def told(value: Any, instead: Instead | None = None) -> Any:  # noqa: ANN401 - any value of a record
    """`value` as plain JSON values; records inside as objects, but those of a type in `instead`."""
    given = instead or {}
    if (write := given.get(type(value))) is not None:
        return write(value)
    if is_dataclass(value):
        return {f.name: told(getattr(value, f.name), given) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): told(part, given) for key, part in value.items()}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [told(part, given) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes records of what `told` made of them.

    A key it does not know is left out, and one that is missing is its default: another release
    wrote it. KeyError, TypeError or ValueError if it is no such record.
    """

    instead: Instead = field(default_factory=dict)

    def record(self, made: Mapping[str, Any], kind: Any, **given: Any) -> Any:  # noqa: ANN401 - a dataclass
        """The record of type `kind`; `given` are fields that are not in what was written."""
        hints = get_type_hints(kind, include_extras=True)
        values = {
            f.name: self.value(made[f.name], hints[f.name])
            for f in fields(kind)
            if f.name not in given and (f.name in made or _is_required(f))
        }
        return kind(**values | given)

    def value(self, made: Any, hint: Any) -> Any:  # noqa: ANN401 - any value of a record
        """The value of type `hint`."""
        form, parts = get_origin(hint), get_args(hint)
        if form is Annotated:
            return self.value(made, parts[0])
        if form in {Union, UnionType}:
            return None if made is None else self.value(made, _fitting(made, parts))
        if form is tuple:
            return tuple(self.value(part, parts[0]) for part in made)
        if form is Mapping:
            return {
                self.value(key, parts[0]): self.value(part, parts[1]) for key, part in made.items()
            }
        if hint in self.instead and not isinstance(made, Mapping):
            return self.instead[hint](made)
        return self.record(made, hint) if is_dataclass(hint) else hint(made)


def _fitting(made: Any, kinds: Sequence[Any]) -> Any:  # noqa: ANN401 - a type and a value of it
    """Which of several types a value is of: names of closed sets tell them apart."""
    *others, last = (kind for kind in kinds if kind is not NoneType)
    return next((kind for kind in others if made in {member.value for member in kind}), last)


def _is_required(of: Field[Any]) -> bool:
    return of.default is MISSING and of.default_factory is MISSING


_PLAIN_TYPES: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}


def schema(kind: Any, title: str) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    """JSON Schema (draft 2020-12) of the records of type `kind`, as `told` makes them."""
    records: dict[str, Any] = {}
    _describe(kind, records)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$ref": f"#/$defs/{kind.__name__}",
        "$defs": records,
    }


def _schema(kind: Any, records: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - an annotation
    """The schema of one annotation; records met on the way are described in `records`."""
    form, parts = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _describe(kind, records)
    if kind in _PLAIN_TYPES:
        return {"type": _PLAIN_TYPES[kind]}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [member.value for member in kind]}
    if form in {list, tuple}:
        return {"type": "array", "items": _schema(parts[0], records)}
    if form in {dict, Mapping}:
        return {"type": "object", "additionalProperties": _schema(parts[1], records)}
    if form in {UnionType, Union}:  # what `X | None` is made into depends on what X is
        return {"anyOf": [_schema(part, records) for part in parts]}
    raise TypeError(f"no JSON Schema for {kind}")


def _describe(record: Any, records: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    if record.__name__ not in records:
        hints = get_type_hints(record)
        records[record.__name__] = {
            "description": inspect.getdoc(record),
            "type": "object",
            "properties": {name: _schema(kind, records) for name, kind in hints.items()},
            "required": list(hints),
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{record.__name__}"}
