"""Values that read themselves from YAML: a JSON tree, and where something was written."""

import re
from collections.abc import Mapping, Sequence  # noqa: TC003 - whoever reads type hints needs them
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from loadtests.binding.yaml_nodes import AnyNode, MappingNode, ScalarNode, SequenceNode

JsonValue: TypeAlias = (
    "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False}


class Where(str):
    """Where a record is written, for messages: `file:line:column: path`.

    A field of this type is no key: whoever binds the record fills it in.
    """

    __slots__ = ()


NOWHERE = Where("")
"""Of a record that was not read from a file."""


@dataclass(frozen=True, slots=True)
class Json:
    """Any YAML tree as JSON: bare `true`, `null` and numbers are what they are, the rest texts."""

    advice: ClassVar[str] = "any value, as JSON has them"
    value: JsonValue

    @classmethod
    def from_node(cls, node: AnyNode) -> "Json":
        """The tree that is written there."""
        return cls(_value(node))


def _value(node: AnyNode) -> JsonValue:
    if isinstance(node, MappingNode):
        return {name: _value(entry.value) for name, entry in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [_value(item) for item in node.items]
    return _scalar(node)


def _scalar(node: ScalarNode) -> JsonValue:
    if not node.bare:
        return node.text
    if node.is_null:
        return None
    if node.text in _WORDS:
        return _WORDS[node.text]
    if _WHOLE.fullmatch(node.text):
        return int(node.text)
    return float(node.text) if _NUMBER.fullmatch(node.text) else node.text
