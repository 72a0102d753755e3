"""YAML as a tree of text with positions, and the problems found in one.

Nothing here is a number, a date or a truth value: that is for the field that wants one to say.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import NamedTuple, TypeAlias

from loadtests.errors import InvalidFile


class Place(NamedTuple):
    """Where something is written. Line and column count from 1; line 0 means there is no line."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Problem(NamedTuple):
    """One thing wrong, at a place and a path such as `arrivals[1].share` (empty: the whole)."""

    place: Place
    path: str
    what: str

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.place), self.path, self.what) if part)


class Flawed(Exception):  # noqa: N818 - says what the text is, and never reaches a user
    """The text, or a part of it, has these problems and no value."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


def invalid(problems: Iterable[Problem]) -> InvalidFile:
    """The error a user sees: each problem once, in file order."""
    once = dict.fromkeys(problems)
    return InvalidFile([str(p) for p in sorted(once, key=lambda p: (p.place.line, p.place.column))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One value of a file. `size` counts it and all within, aliases written out."""

    place: Place
    path: str = ""
    size: int = 1

    def below(self, key: str | int) -> str:
        """The path of what is under `key` here."""
        return below(self.path, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode(Node):
    """A text, `bare` if it stood without quotes."""

    text: str
    bare: bool = True

    @property
    def is_null(self) -> bool:
        """Whether YAML's "nothing" is written here."""
        return self.bare and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceNode(Node):
    """A list."""

    items: tuple["AnyNode", ...]


class Entry(NamedTuple):
    """A key's place and its value."""

    key: Place
    value: "AnyNode"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNode(Node):
    """Keys with their values, in file order."""

    entries: Mapping[str, Entry]

    def only(self, *keys: str) -> "MappingNode":
        """This mapping with no other keys than these."""
        return replace(self, entries={k: e for k, e in self.entries.items() if k in keys})

    def without(self, *keys: str) -> "MappingNode":
        """This mapping with none of these keys."""
        return replace(self, entries={k: e for k, e in self.entries.items() if k not in keys})


AnyNode: TypeAlias = ScalarNode | SequenceNode | MappingNode


def below(path: str, key: str | int) -> str:
    """`path` and one step more: `arrivals` and 1 make `arrivals[1]`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    name = key if re.fullmatch(r"[\w<-]+", key) else repr(key[:40])
    return f"{path}.{name}" if path else name


def overlay(base: MappingNode, patch: MappingNode) -> MappingNode:
    """`base` with every key of `patch` set, mappings merged level by level; positions stay."""
    entries = dict(base.entries)
    for key, entry in patch.entries.items():
        entries[key] = _over(entries[key], entry) if key in entries else entry
    return replace(base, entries=entries)


def _over(old: Entry, new: Entry) -> Entry:
    if isinstance(old.value, MappingNode) and isinstance(new.value, MappingNode):
        return Entry(new.key, overlay(old.value, new.value))
    return new


def locate(node: AnyNode, *path: str | int) -> tuple[Place, str]:
    """Where `path` below a node is written, and its name; if it is not, where it would be."""
    for done, key in enumerate(path):
        step = _step(node, key)
        if step is None:
            return node.place, reduce(below, path[done:], node.path)
        node = step
    return node.place, node.path


def _step(node: AnyNode, key: str | int) -> AnyNode | None:
    if isinstance(node, MappingNode) and isinstance(key, str) and key in node.entries:
        return node.entries[key].value
    if isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.items):
        return node.items[key]
    return None
