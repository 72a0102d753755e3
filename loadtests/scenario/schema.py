"""JSON Schemas of our files, made from the records that read them, so that an editor can help.

Draft 2020-12. A schema accepts whatever the reader accepts, with every scalar as a text or as what
YAML 1.2 takes it for. What keys mean to each other, and the range of quantities, is the reader's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, is_dataclass
from enum import StrEnum
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, TypeAlias, Union, get_args, get_origin

from loadtests.binding.keys import Hint, Key, Value, describe, extras, keys
from loadtests.binding.leaves import Json
from loadtests.binding.yaml_nodes import MappingNode
from loadtests.scenario.consent import Consent
from loadtests.scenario.model import Limit, Scenario
from loadtests.scenario.notations import NUMBERS, PATTERNS, either
from loadtests.scenario.profile import TargetProfile
from loadtests.scenario.read import Variants
from loadtests.units import DURATION, NOTATIONS, RATIO, Notation, Range

Schema: TypeAlias = dict[str, object]
KINDS: Mapping[str, tuple[type, ...]] = {
    "scenario": (Scenario, Variants),
    "target": (TargetProfile,),
    "consent": (Consent,),
}
"""The records of each kind of file, at its top."""

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
"""Any scalar: the reader takes it as the text it is."""
_LEAVES: Mapping[Hint, Schema] = {
    int: {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": PATTERNS["int"]}]},
    float: {"anyOf": [{"type": "number"}, {"type": "string", "pattern": PATTERNS["float"]}]},
    bool: {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]},
    Limit: {
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": either(PATTERNS[RATIO.name], PATTERNS[DURATION.name])},
        ]
    },
    Json: {},
}
"""What is no text, no record and has no unit."""


def schema(kind: str) -> Schema:
    """The schema of a kind of file; KeyError unless it is one of `KINDS`."""
    maker = _Maker()
    top = maker.record(*KINDS[kind])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    quantities = {_name(notation): _quantity(notation) for notation in NOTATIONS}
    definitions = quantities | maker.definitions
    return {**head, "title": f"matchnight {kind}", **top, "$defs": definitions}


class _Maker:
    """Makes schemas of type hints; records become definitions, once each.

    The changes of a variant are laid over the file: there, nothing that is a mapping is required,
    whatever a list holds is whole.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, object] = {}

    def record(self, *records: type, changes: bool = False) -> Schema:
        """The mapping that has the keys of these records."""
        every = [key for record in records for key in keys(record)]
        made: Schema = {
            "type": "object",
            "properties": {key.name: self._key(key, changes=changes) for key in every},
            "additionalProperties": False,
        }
        required = [key.name for key in every if key.default is MISSING]
        return made | ({"required": required} if required and not changes else {})

    def _key(self, key: Key, *, changes: bool) -> Schema:
        clock = f" Clock: {key.clock}." if key.clock else ""
        made = self._of(key.hint, changes=changes)
        write = re.sub("a mapping with .*?(?=, or |$)", "a mapping", describe(key.hint))
        made["description"] = f"{key.doc}.{clock} Write {write}."
        default = _default(key.default, key.hint)
        return made if default is None else made | {"default": default}

    def _of(self, hint: Hint, *, changes: bool = False) -> Schema:
        compound = self._compounds.get(get_origin(hint))
        if compound is not None:
            return compound(self, hint, changes=changes)
        if hint is MappingNode:
            return self._reference(Scenario, changes=True)
        if is_dataclass(hint) and not hasattr(hint, "from_text") and hint is not Json:
            return self._reference(hint, changes=changes)
        return _leaf(hint)

    def _reference(self, record: Hint, *, changes: bool) -> Schema:
        name = f"{record.__name__}Changes" if changes else record.__name__
        if name not in self.definitions:
            self.definitions[name] = {}  # while it is being made: records may hold themselves
            self.definitions[name] = self.record(record, changes=changes)
        reference: Schema = {"$ref": f"#/$defs/{name}"}
        if not getattr(record, "as_list", False):
            return reference
        return _case("array", _fixed([self._of(key.hint) for key in keys(record)]), reference)

    def _union(self, hint: Hint, *, changes: bool) -> Schema:
        args = get_args(hint)
        made = self._one([arg for arg in args if arg is not NoneType], changes=changes)
        return _case("null", {}, made) if NoneType in args else made

    def _one(self, kinds: list[Hint], *, changes: bool) -> Schema:
        """One of several types, told apart by their form, as the reader does."""
        origins: list[Hint] = [get_origin(kind) for kind in kinds]
        if tuple not in origins or len(kinds) == 1:
            return self._of(kinds[0], changes=changes)
        listed = kinds[origins.index(tuple)]
        rest = [kind for kind in kinds if kind is not listed]
        return _case("array", self._of(listed), self._one(rest, changes=changes))

    def _sequence(self, hint: Hint, *, changes: bool) -> Schema:
        del changes  # a list is written whole
        args = get_args(hint)
        if args[-1] is Ellipsis:
            return {"type": "array", "items": self._of(args[0])}
        return _fixed([self._of(arg) for arg in args])

    def _mapping(self, hint: Hint, *, changes: bool) -> Schema:
        names, values = get_args(hint)
        if names is str:
            return {"type": "object", "additionalProperties": self._of(values, changes=changes)}
        known = {str(name): self._of(values, changes=changes) for name in names}
        return {"type": "object", "properties": known, "additionalProperties": False}

    def _annotated(self, hint: Hint, *, changes: bool) -> Schema:
        del changes  # it is a scalar
        return _leaf(hint)

    _compounds: Mapping[Hint, Callable[..., Schema]] = {
        Union: _union,
        UnionType: _union,
        tuple: _sequence,
        Mapping: _mapping,
        Annotated: _annotated,
    }


def _fixed(items: list[Schema]) -> Schema:
    return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}


def _case(form: str, then: Schema, otherwise: Schema) -> Schema:
    """One schema for what has this form and one for the rest: problems stay where they are."""
    return {"if": {"type": form}, "then": then, "else": otherwise}


def _leaf(hint: Hint) -> Schema:
    notation, range_ = extras(hint)
    origin: Hint = get_origin(hint)
    kind = get_args(hint)[0] if origin is Annotated else hint
    bounds = {} if range_ is None else _bounds(range_)  # they hold for numbers only, not for texts
    if notation is not None:
        reference: Schema = {"$ref": f"#/$defs/{_name(notation)}"}
        return reference | bounds if notation.name in NUMBERS else reference
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [*_members(kind)]}
    return _LEAVES.get(kind, _TEXT) | bounds


def _members(kind: type[StrEnum]) -> Iterable[str | int]:
    for member in kind:
        yield member.value
        if member.value.isdigit():  # 429 without quotes
            yield int(member.value)


def _name(notation: Notation) -> str:
    """`time_from_kick_off` of "a time from kick-off"."""
    return notation.name.partition(" ")[2].replace(" ", "_").replace("-", "_")


def _quantity(notation: Notation) -> Schema:
    text: Schema = {"type": "string", "pattern": PATTERNS[notation.name]}
    number = NUMBERS.get(notation.name)
    made = text if number is None else {"anyOf": [text, number]}
    return made | {"description": f"{notation.name}, {notation}"}


def _bounds(range_: Range) -> Schema:
    words = {"minimum": range_.least, "exclusiveMinimum": range_.above, "maximum": range_.most}
    return {word: bound for word, bound in words.items() if isfinite(bound)}


def _default(value: Value, hint: Hint) -> object:
    """A default as a file would write it; None where there is none, or none to be written."""
    if value is MISSING or value is None or value in ((), {}, "") or is_dataclass(value):
        return None
    notation = next((n for n, _ in map(extras, (hint, *get_args(hint))) if n), None)
    write: Callable[[Value], object] = notation.write if notation else _plain
    return [write(each) for each in value] if isinstance(value, tuple) else write(value)


def _plain(value: Value) -> object:
    return value.value if isinstance(value, StrEnum) else value
