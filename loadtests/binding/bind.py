"""YAML to records, with a position for every problem: driven by type hints and nothing else.

A field made with `about` is a key. `Annotated` brings its notation and range. A class may read
itself from a text (`keys.Readable`); a record whose `as_list` is true may also be written as a list
of its values; a field of type `MappingNode` keeps its YAML, one of type `leaves.Json` becomes JSON,
one of type `leaves.Where` tells where the record is written. Rules say what contradicts what.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import MISSING, dataclass, is_dataclass
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, TypeVar, Union, get_args, get_origin

from loadtests.binding.keys import Hint, Misfit, Rule, Value, describe, extras, keys, places
from loadtests.binding.leaves import Where
from loadtests.binding.scalars import PARSERS, fit, parse_member, parse_quantity, quoted, suggest
from loadtests.binding.yaml_nodes import (
    AnyNode,
    Entry,
    Flawed,
    MappingNode,
    Problem,
    ScalarNode,
    SequenceNode,
    invalid,
    locate,
)
from loadtests.binding.yaml_text import compose

T = TypeVar("T")
Rules = Mapping[type, Iterable[Rule]]
"""What must hold of each class of record beyond the types of its fields."""
_NO_RULES: Rules = {}


def bind(text: str, *, file: str, into: type[T], rules: Rules = _NO_RULES) -> T:
    """The record a file describes, or InvalidFile: every problem, each with position and path."""
    problems: list[Problem] = []
    try:
        root, problems = compose(text, file=file)
        record = bind_node(root, into, rules=rules)
    except Flawed as flawed:
        raise invalid([*problems, *flawed.problems]) from None
    if problems:
        raise invalid(problems)
    return record


def bind_node(
    node: MappingNode,
    into: type[T],
    *,
    rules: Rules = _NO_RULES,
    given: Mapping[str, Value] | None = None,
    besides: Iterable[str] = (),
) -> T:
    """The record a mapping describes, with the fields that are no keys `given`.

    Flawed: every problem of the mapping and what is below it.
    `besides` are keys somebody else reads: known, when an unknown key needs a suggestion.
    """
    record: T = _Binder(rules).record(node, into, given=given, besides=tuple(besides))
    return record


def _wrong(node: AnyNode, what: str) -> Flawed:
    return Flawed(Problem(node.place, node.path, what))


def _found(node: AnyNode) -> str:
    if isinstance(node, ScalarNode):
        return "found nothing" if node.is_null else f"found {quoted(node.text)}"
    return "found a mapping" if isinstance(node, MappingNode) else "found a list"


def _expect(node: AnyNode, kind: type[T], hint: Hint) -> T:
    if isinstance(node, kind):
        return node
    raise _wrong(node, f"{_found(node)}; write {describe(hint)}")


def _scalar(node: AnyNode, hint: Hint) -> Value:
    """The value of a text, with the notation and range its hint brings."""
    if not isinstance(node, ScalarNode) or node.is_null:
        raise _wrong(node, f"{_found(node)}; write {describe(hint)}")
    notation, range_ = extras(hint)
    origin: Hint = get_origin(hint)
    kind = get_args(hint)[0] if origin is Annotated else hint
    parse = partial(parse_quantity, notation=notation) if notation else _parser(kind)
    try:
        value = parse(node.text)
        if range_ is not None:
            fit(value, range_, node.text, notation)
    except ValueError as error:
        raise _wrong(node, str(error)) from None
    return value


def _parser(kind: Hint) -> Callable[[str], Value]:
    if kind in PARSERS:
        return PARSERS[kind]
    return getattr(kind, "from_text", None) or partial(parse_member, kind=kind)


def _unknown(node: AnyNode, entries: Mapping[str, Entry], known: Iterable[str]) -> list[Problem]:
    return [
        Problem(entry.key, node.below(name), f"unknown key; {suggest(name, known)}")
        for name, entry in entries.items()
        if name not in set(known)
    ]


def _is_written_as(node: AnyNode, kind: Hint) -> bool:
    """Whether a node has the form of a type: list, mapping or text."""
    origin: Hint = get_origin(kind)
    if isinstance(node, SequenceNode):
        return origin is tuple
    is_record = is_dataclass(kind) and not hasattr(kind, "from_text")
    is_mapping = origin is Mapping or is_record
    return is_mapping if isinstance(node, MappingNode) else not is_mapping


def _from_list(node: SequenceNode, names: tuple[str, ...]) -> MappingNode:
    if len(node.items) != len(names):
        what = f"found a list of {len(node.items)}; write [{', '.join(names)}]"
        raise _wrong(node, what)
    entries = {n: Entry(item.place, item) for n, item in zip(names, node.items, strict=True)}
    return MappingNode(place=node.place, path=node.path, entries=entries)


def _misfit(node: AnyNode, misfit: Misfit) -> Problem:
    return Problem(*locate(node, *misfit.path), misfit.what)


@dataclass(frozen=True, slots=True)
class _Binder:
    """Reads nodes by type hint. Whatever fails is Flawed with all that is wrong at it and below."""

    rules: Rules

    def read(self, node: AnyNode, hint: Hint) -> Value:
        """The value of a node."""
        compound = _COMPOUNDS.get(get_origin(hint))
        if compound is not None:
            return compound(self, node, hint)
        if hint is MappingNode:
            return _expect(node, MappingNode, hint)
        if hasattr(hint, "from_node"):
            return hint.from_node(node)
        if is_dataclass(hint) and not hasattr(hint, "from_text"):
            return self.record(node, hint)
        return _scalar(node, hint)

    def union(self, node: AnyNode, hint: Hint) -> Value:
        """A value or None, which is YAML's "nothing"; of several types, the one written so."""
        if isinstance(node, ScalarNode) and node.is_null and NoneType in get_args(hint):
            return None
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        if len(kinds) == 1:
            return self.read(node, kinds[0])
        fitting = next((kind for kind in kinds if _is_written_as(node, kind)), None)
        if fitting is None:
            raise _wrong(node, f"{_found(node)}; write {describe(hint)}")
        return self.read(node, fitting)

    def sequence(self, node: AnyNode, hint: Hint) -> tuple[Value, ...]:
        """A tuple, of any length or of a fixed one."""
        items, args = _expect(node, SequenceNode, hint).items, get_args(hint)
        if args[-1] is not Ellipsis and len(items) != len(args):
            raise _wrong(node, f"found a list of {len(items)}; write {describe(hint)}")
        return tuple(self._each([(i, item, args[0]) for i, item in enumerate(items)], []).values())

    def mapping(self, node: AnyNode, hint: Hint) -> dict[Value, Value]:
        """Names, free or of a closed set, with a value each."""
        kind, wanted = get_args(hint)
        entries = _expect(node, MappingNode, hint).entries
        problems = [] if kind is str else _unknown(node, entries, list(kind))
        values = self._each([(n, e.value, wanted) for n, e in entries.items()], problems)
        return {kind(name): value for name, value in values.items()}

    def record(
        self,
        node: AnyNode,
        record: Hint,
        *,
        given: Mapping[str, Value] | None = None,
        besides: tuple[str, ...] = (),
    ) -> Value:
        """A dataclass from its keys."""
        known = {key.name: key for key in keys(record)}
        if isinstance(node, SequenceNode) and getattr(record, "as_list", False):
            node = _from_list(node, tuple(known))
        entries = _expect(node, MappingNode, record).entries
        problems = _unknown(node, entries, (*known, *besides))
        problems += [
            Problem(node.place, node.below(name), f"missing; write {describe(key.hint)}")
            for name, key in known.items()
            if key.default is MISSING and name not in entries
        ]
        parts = [(n, e.value, known[n].hint) for n, e in entries.items() if n in known]
        values = {known[n].field: value for n, value in self._each(parts, problems).items()}
        found = {name: Where(f"{node.place}: {node.path}") for name in places(record)}
        return self._made(node, record, found | values | dict(given or {}))

    def _each(
        self, parts: Iterable[tuple[Hashable, AnyNode, Hint]], problems: list[Problem]
    ) -> dict[Value, Value]:
        """The values of all parts by name, unless there are problems or a part brings some."""
        values, flaws = {}, list(problems)
        for name, node, hint in parts:
            try:
                values[name] = self.read(node, hint)
            except Flawed as flawed:
                flaws += flawed.problems
        if flaws:
            raise Flawed(*flaws)
        return values

    def _made(self, node: AnyNode, record: Hint, values: Mapping[str, Value]) -> Value:
        try:
            made = record(**values)
        except Misfit as misfit:
            raise Flawed(_misfit(node, misfit)) from None
        except ValueError as error:
            raise _wrong(node, str(error)) from None
        rules = self.rules.get(record, ())
        if misfits := [misfit for rule in rules for misfit in rule(made)]:
            raise Flawed(*(_misfit(node, misfit) for misfit in misfits))
        return made


_COMPOUNDS: Mapping[Hint, Callable[[_Binder, AnyNode, Hint], Value]] = {
    Union: _Binder.union,
    UnionType: _Binder.union,
    tuple: _Binder.sequence,
    Mapping: _Binder.mapping,
}
