"""JSONPath: the singular queries of RFC 9535 (2.3.5.1), which name at most one value.

`$.a.b[0]['c d'][-1]`: names after a dot or quoted in brackets, indexes in brackets. No wildcards,
slices, filters or blanks: what is kept or compared is one value.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

_NAME = r"\.(?P<name>[A-Za-z_\u0080-\U0010ffff][0-9A-Za-z_\u0080-\U0010ffff]*)"
_INDEX = r"\[(?P<index>0|-?[1-9][0-9]{0,15})\]"
_SINGLE = r"\['(?P<single>(?:[^'\\\x00-\x1f]|\\.)*)'\]"
_DOUBLE = r'\["(?P<double>(?:[^"\\\x00-\x1f]|\\.)*)"\]'
_SEGMENT = re.compile(f"{_NAME}|{_INDEX}|{_SINGLE}|{_DOUBLE}")


class _Nothing:
    """No value at all, which is not `null`."""

    __slots__ = ()


NOTHING: Final = _Nothing()
"""What a path finds where there is nothing."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path into a JSON document, read once and followed many times."""

    advice: ClassVar[str] = "a JSON path such as $.tokens[0].access"
    text: str
    keys: tuple[str | int, ...] = field(compare=False)

    @classmethod
    def from_text(cls, text: str) -> "JsonPath":
        """Read a path; ValueError says where it goes wrong."""
        if not text.startswith("$"):
            raise ValueError(f"{text!r} does not begin with $; write {cls.advice}")
        keys: list[str | int] = []
        at = 1
        while at < len(text):
            match = _SEGMENT.match(text, at)
            if match is None:
                raise ValueError(f"{text!r} is no JSON path from {text[at:]!r}; write {cls.advice}")
            keys.append(_key(match))
            at = match.end()
        return cls(text, tuple(keys))

    def find(self, document: Any) -> Any:  # noqa: ANN401 - any JSON value
        """The value at the path; `NOTHING` if there is none."""
        for key in self.keys:
            if type(document) is dict:
                if key not in document:
                    return NOTHING
            elif type(document) is not list or not _is_within(key, len(document)):
                return NOTHING
            document = document[key]
        return document

    def miss(self, document: Any) -> str:  # noqa: ANN401 - any JSON value
        """Where the path leaves a document it finds nothing in: names only, never a value."""
        for depth, key in enumerate(self.keys):
            below = JsonPath(self.text, self.keys[depth : depth + 1]).find(document)
            if below is NOTHING:
                return f"no {key!r} in {_outline(document)}"
            document = below
        return ""


def _is_within(key: str | int, length: int) -> bool:
    return type(key) is int and -length <= key < length


def _key(match: re.Match[str]) -> str | int:
    if match["name"] is not None:
        return match["name"]
    if match["index"] is not None:
        return int(match["index"])
    if match["double"] is not None:
        return _unescaped(match["double"], match[0])
    # a JSON string but for the quotes (RFC 9535, 2.3.1.2)
    inner = re.sub(r"\\(.)|\"", _as_double_quoted, match["single"])
    return _unescaped(inner, match[0])


def _as_double_quoted(match: re.Match[str]) -> str:
    if match[0] == '"':
        return '\\"'
    return "'" if match[1] == "'" else match[0]


def _unescaped(inner: str, segment: str) -> str:
    try:
        return str(json.loads(f'"{inner}"'))
    except ValueError:
        raise ValueError(f"{segment!r} is no JSON text; write such as ['a name']") from None


def _outline(document: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(document, dict):
        return f"an object with {', '.join(sorted(document)) or 'nothing in it'}"
    if isinstance(document, list):
        return f"a list of {len(document)}"
    return "a text" if isinstance(document, str) else f"{json.dumps(document)}"
