"""What a record says about itself: its keys, and what to write for each, by its type hints."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Protocol,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from loadtests.binding.leaves import Where
from loadtests.binding.yaml_nodes import MappingNode
from loadtests.units import Notation, Range, plain

# a type hint has no static type of its own (PEP 747 is not in 3.11), nor has the value it describes
Hint: TypeAlias = Any
Value: TypeAlias = Any


class Readable(Protocol):
    """A class that reads itself from a text; its ValueError says what is wrong, what to write."""

    advice: ClassVar[str]
    from_text: Callable[[str], "Readable"]


class Misfit(ValueError):  # noqa: N818 - reads as what it says about a value
    """What is wrong with a record, at a path below it: it raises this, or a rule finds it."""

    def __init__(self, what: str, *path: str | int) -> None:
        super().__init__(what)
        self.what = what
        self.path = path


Rule: TypeAlias = Callable[[Value], Iterator[Misfit]]
"""Finds what is wrong with a record of one class whose values are fine one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a record, as files write it; `default` is `MISSING` where it must be written."""

    name: str
    field: str
    hint: Hint
    doc: str
    clock: str
    default: Value


def about(doc: str, *, clock: str = "", name: str = "") -> Mapping[str, Value]:
    """Metadata of a key: its meaning, its clock (event, client, media), its name in YAML."""
    return {"doc": doc, "clock": clock, "name": name}


@lru_cache(maxsize=128)
def keys(record: type) -> tuple[Key, ...]:
    """The keys of a record: its fields that have `about`, in order."""
    hints = get_type_hints(record, include_extras=True)
    return tuple(_key(f, hints[f.name]) for f in fields(record) if "doc" in f.metadata)


@lru_cache(maxsize=128)
def places(record: type) -> tuple[str, ...]:
    """The fields of a record that tell where it is written."""
    hints = get_type_hints(record, include_extras=True)
    return tuple(f.name for f in fields(record) if hints[f.name] is Where)


def extras(hint: Hint) -> tuple[Notation | None, Range | None]:
    """Notation and range that an `Annotated` type brings."""
    found = get_args(hint)[1:]
    notation = next((extra for extra in found if isinstance(extra, Notation)), None)
    return notation, next((extra for extra in found if isinstance(extra, Range)), None)


def describe(hint: Hint) -> str:
    """What to write for a type, as the end of a sentence that begins with "write"."""
    origin: Hint = get_origin(hint)
    args = get_args(hint)
    if origin is Annotated:
        return _describe_annotated(hint)
    if origin in {Union, UnionType}:
        return ", or ".join(describe(arg) for arg in args if arg is not NoneType)
    if origin is tuple:
        length = "" if args[-1] is Ellipsis else f" of {len(args)}"
        return f"a list{length}, each {describe(args[0])}"
    if origin is Mapping:
        return f"names, each with {describe(args[1])}"
    return _describe_class(hint)


def _describe_annotated(hint: Hint) -> str:
    notation, range_ = extras(hint)
    what = describe(get_args(hint)[0])
    if notation:
        what = f"{notation.name} such as {notation.example}"
    bounds = range_.words(notation.write if notation else plain) if range_ else ""
    return f"{what}, {bounds}" if bounds else what


def _describe_class(kind: Hint) -> str:
    if kind in _WORDS or hasattr(kind, "advice"):
        return _WORDS.get(kind) or str(kind.advice)
    if issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    return f"a mapping with {', '.join(key.name for key in keys(kind))}"


def _key(field: Field[Value], hint: Hint) -> Key:
    default = field.default
    if field.default_factory is not MISSING:
        default = field.default_factory()
    return Key(
        name=field.metadata["name"] or field.name,
        field=field.name,
        hint=hint,
        doc=field.metadata["doc"],
        clock=field.metadata["clock"],
        default=default,
    )


_WORDS: Mapping[Hint, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number such as 1.5",
    bool: "true or false",
    MappingNode: "a mapping, such as `scale: 1/200`",
}
