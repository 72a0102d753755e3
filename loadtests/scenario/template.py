"""Texts with names in braces: `Bearer {access_token}`, `q={title|urlencode}`, `{{` for a brace."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii
from typing import ClassVar, NamedTuple

from loadtests.binding.scalars import quoted, suggest
from loadtests.url import decoded, encoded

Filter = Callable[[str], str]

_PART = re.compile(r"\{\{|\{([^{}]*)\}|[^{]+")
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*", re.IGNORECASE)
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def number(text: str) -> str:
    """A JSON number of its text; `null` of an empty one. ValueError: it is none."""
    if not text:
        return "null"
    if _JSON_NUMBER.fullmatch(text) is None:
        raise ValueError("is no number")
    return text


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


FILTERS: Mapping[str, Filter] = {
    "urlencode": encoded,
    "urldecode": decoded,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": _base64url,
    "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "json": json.dumps,
    "number": number,
}
"""What `{name|filter}` may do to a text, which is UTF-8 where bytes are meant.

`base64url` has no padding (RFC 7515, 2); `sha256` is hexadecimal; `json` is a JSON string with its
quotes, `number` a JSON number: in a JSON body `"{x|number}"` stands without quotes.
"""

BARE = frozenset({"json", "number"})
"""Filters that give JSON: alone in a text of a JSON body they stand for the whole value."""


class Hole(NamedTuple):
    """A name to be filled in, and what is done to its text, first to last."""

    name: str
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes. `parts` in order: texts as they are, and holes."""

    advice: ClassVar[str] = "a text, in which {name} stands for a viewer's own"
    text: str
    parts: tuple[str | Hole, ...] = field(compare=False, repr=False)

    @classmethod
    def from_text(cls, text: str) -> "Template":
        """Read a template; ValueError says what is wrong with it."""
        parts: list[str | Hole] = []
        at = 0
        while at < len(text):
            match = _PART.match(text, at)
            if match is None:
                raise ValueError(f"{quoted(text[at:])}: a brace is not closed; write {{{{ for one")
            inner = match[1]
            if inner is None:
                parts.append("{" if match[0] == "{{" else match[0])
            else:
                parts.append(_hole(inner))
            at = match.end()
        return cls(text, tuple(parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all holes."""
        return tuple(part.name for part in self.parts if isinstance(part, Hole))

    def pieces(self, escape: Filter | None = None) -> "Pieces":
        """The template as what is there and what is to be filled in; all of it is escaped."""
        return tuple(_piece(part, escape) for part in self.parts)


class Gap(NamedTuple):
    """A hole ready to be filled: its name, and what is done to its text; None: nothing."""

    name: str
    apply: Filter | None


Pieces = tuple[str | Gap, ...]


def json_pieces(value: object) -> Pieces:
    """A JSON document with templates in its texts, in pieces; ValueError: one of them is wrong.

    Written as `json.dumps` writes it.
    """
    if isinstance(value, str):
        return _json_text(Template.from_text(value))
    if isinstance(value, Mapping):
        pieces: list[str | Gap] = ["{"]
        for i, (name, each) in enumerate(value.items()):
            pieces += [(", " if i else "") + json.dumps(name) + ": ", *json_pieces(each)]
        return (*pieces, "}")
    if isinstance(value, list):
        pieces = ["["]
        for i, each in enumerate(value):
            pieces += [", " if i else "", *json_pieces(each)]
        return (*pieces, "]")
    return (json.dumps(value),)


def _json_text(template: Template) -> Pieces:
    parts = template.parts
    if len(parts) == 1 and isinstance(parts[0], Hole) and parts[0].filters[-1:] in _BARE_ENDS:
        return template.pieces()
    return ('"', *template.pieces(_escaped), '"')


def _escaped(text: str) -> str:
    return encode_basestring_ascii(text)[1:-1]


_BARE_ENDS = {(name,) for name in BARE}


def _piece(part: str | Hole, escape: Filter | None) -> str | Gap:
    if isinstance(part, str):
        return part if escape is None else escape(part)
    chain = [FILTERS[name] for name in part.filters]
    return Gap(part.name, _chained([*chain, escape] if escape else chain))


def _chained(chain: list[Filter]) -> Filter | None:
    if len(chain) <= 1:
        return chain[0] if chain else None

    def apply(text: str) -> str:
        for each in chain:
            text = each(text)
        return text

    return apply


def _hole(inner: str) -> Hole:
    name, *filters = (part.strip() for part in inner.split("|"))
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{{{inner}}} holds no name; write such as {{account}}, or {{{{ for a brace"
        )
    for each in filters:
        if each not in FILTERS:
            raise ValueError(f"no filter {quoted(each)}; {suggest(each, FILTERS)}")
    return Hole(name, tuple(filters))
