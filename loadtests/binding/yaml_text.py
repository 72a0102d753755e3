"""Text to a tree of YAML nodes, from PyYAML's events.

PyYAML's own constructors read `20:30` as 1230 and `no` as False and let duplicate keys pass. Here
anchors, aliases and merge keys work; tags and further documents are problems.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from loadtests.binding.yaml_nodes import (
    AnyNode,
    Entry,
    Flawed,
    MappingNode,
    Place,
    Problem,
    ScalarNode,
    SequenceNode,
    below,
    invalid,
)

DEEPEST = 40
"""Levels of nesting a file may have; beyond it nobody could read it either."""
LARGEST = 20_000
"""Values a file may stand for with its aliases written out: the guard against a billion laughs."""

# libyaml is some eight times as fast; PyYAML's wheels have it, a build from source may not
_LOADER: type[yaml.BaseLoader | yaml.CBaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_CANNOT_START = "found character that cannot start any token"


def decode(data: bytes, *, file: str) -> str:
    """The text of a file, which must be UTF-8; InvalidFile names the first byte that is not."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _after(file, data[: error.start].decode("utf-8-sig", errors="replace"))
        what = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise invalid([Problem(place, "", what)]) from None


def compose(text: str, *, file: str) -> tuple[MappingNode, list[Problem]]:
    """The tree of a file that must be a mapping, and problems that did not keep it from being read.

    Flawed: it is no YAML, nests too deeply, stands for too much, or is no mapping.
    """
    composer = _Composer(file)
    try:
        tree = composer.tree(text)
    except yaml.MarkedYAMLError as error:
        raise Flawed(*composer.problems, _syntax(file, error)) from None
    if not isinstance(tree, MappingNode):
        found = "the file is empty" if tree is None else "the file is not a mapping"
        place = Place(file, 1, 1) if tree is None else tree.place
        raise Flawed(Problem(place, "", f"{found}; write keys with values: `key: value`"))
    return tree, composer.problems


def _after(file: str, before: str) -> Place:
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _syntax(file: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
    if error.problem == _CANNOT_START:
        what = "a tab, or a sign that needs quotes; indent with spaces, put text in quotes"
        return Problem(place, "", what)
    words = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem(place, "", f"not YAML: {words}; write it as YAML 1.1")


@dataclass(slots=True)
class _Composer:
    """Builds the tree; keeps finished anchors, and the problems that are not fatal."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, AnyNode] = field(default_factory=dict)
    events: Iterator[yaml.Event] = field(default_factory=lambda: iter(()))

    def tree(self, text: str) -> AnyNode | None:
        """The one document; None if there is none."""
        self._refuse_unprintable(text)
        self.events = iter(yaml.parse(text, Loader=_LOADER))
        next(self.events)  # the stream starts
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return None
        root = self._node(next(self.events), "", 0)
        next(self.events)  # the document ends
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._fail(after, "", "a second document begins; write one to a file")
        return None if isinstance(root, ScalarNode) and root.is_null else root

    def _refuse_unprintable(self, text: str) -> None:
        if match := _UNPRINTABLE.search(text):
            what = f"character U+{ord(match[0]):04X} cannot stand in YAML; take it out"
            raise Flawed(Problem(_after(self.file, text[: match.start()]), "", what))

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file)

    def _note(self, event: yaml.Event, path: str, what: str) -> None:
        self.problems.append(Problem(self._place(event), path, what))

    def _fail(self, event: yaml.Event, path: str, what: str) -> NoReturn:
        raise Flawed(*self.problems, Problem(self._place(event), path, what))

    def _node(self, event: yaml.Event, path: str, depth: int) -> AnyNode:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if depth > DEEPEST:
            self._fail(event, "", f"nested more than {DEEPEST} deep; write it flatter")
        node = self._built(event, path, depth)
        if node.size > LARGEST:
            self._fail(event, path, f"stands for more than {LARGEST} values; use fewer aliases")
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _built(self, event: yaml.Event, path: str, depth: int) -> AnyNode:
        if isinstance(event, yaml.CollectionStartEvent | yaml.ScalarEvent) and event.tag:
            self._note(event, path, f"tag {event.tag} means nothing here; leave it out")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, path, depth)
        return self._scalar(event, path)

    def _alias(self, event: yaml.AliasEvent, path: str) -> AnyNode:
        node = self.anchors.get(event.anchor or "")
        if node is None:
            self._fail(event, path, f"*{event.anchor} names nothing before it; write the value")
        return node

    def _scalar(self, event: yaml.Event, path: str) -> ScalarNode:
        if not isinstance(event, yaml.ScalarEvent):
            raise TypeError(event)
        place = self._place(event)
        return ScalarNode(place=place, path=path, text=event.value, bare=not event.style)

    def _sequence(self, start: yaml.Event, path: str, depth: int) -> SequenceNode:
        items: list[AnyNode] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, below(path, len(items)), depth + 1))
        size = 1 + sum(item.size for item in items)
        return SequenceNode(place=self._place(start), path=path, items=tuple(items), size=size)

    def _mapping(self, start: yaml.Event, path: str, depth: int) -> MappingNode:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, at = self._key(event, path), self._place(event)
            inner = below(path, key)
            entry = Entry(at, self._node(next(self.events), inner, depth + 1))
            if key in entries:
                first = entries[key].key.line
                self._note(event, inner, f"duplicate key, first on line {first}; keep one")
            entries.setdefault(key, entry)
        entries = self._merged(entries)
        size = 1 + sum(entry.value.size for entry in entries.values())
        return MappingNode(place=self._place(start), path=path, entries=entries, size=size)

    def _key(self, event: yaml.Event, path: str) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._fail(event, path, "a key must be a word; write `key: value`")
        return event.value

    def _merged(self, entries: dict[str, Entry]) -> dict[str, Entry]:
        """The entries with YAML 1.1's `<<` written out: own keys win, then earlier mappings."""
        merge = entries.pop("<<", None)
        if merge is None:
            return entries
        value = merge.value
        for part in value.items if isinstance(value, SequenceNode) else (value,):
            if isinstance(part, MappingNode):
                entries = {**part.entries, **entries}
            else:
                what = "`<<` merges mappings only; write `<<: *name` of a mapping"
                self.problems.append(Problem(merge.key, value.path, what))
        return entries
