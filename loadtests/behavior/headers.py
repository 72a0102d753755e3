"""Header lines of a target profile, compiled."""

from collections.abc import Callable, Mapping

from loadtests.behavior.words import Text, Unsaid, Words
from loadtests.scenario.template import Template


class Lines:
    """Some header lines. `fixed` if they are the same for every viewer."""

    __slots__ = ("_lenient", "_parts", "fixed", "texts")

    def __init__(
        self,
        headers: Mapping[str, Template],
        compiled: Callable[[Template], Text],
        *,
        content_type: str | None = None,
        lenient: bool = False,
    ) -> None:
        """`lenient`: a line is left out while a name in it stands for nothing; else Unsaid."""
        lines = {name: compiled(template) for name, template in headers.items()}
        if content_type is not None and "content-type" not in {name.lower() for name in lines}:
            lines["Content-Type"] = Text((content_type,), {})
        self.texts = tuple(lines.values())
        self._lenient = lenient
        self._parts: tuple[bytes | tuple[str, Text], ...] = _merged(lines)
        self.fixed: bytes | None = None
        if all(isinstance(part, bytes) for part in self._parts):
            self.fixed = b"".join(part for part in self._parts if isinstance(part, bytes))

    def say(self, words: Words) -> bytes:
        """The lines for one viewer, each with its end."""
        if self.fixed is not None:
            return self.fixed
        said = []
        for part in self._parts:
            if isinstance(part, bytes):
                said.append(part)
                continue
            try:
                said.append(_line(part[0], part[1].say(words)))
            except Unsaid:
                if not self._lenient:
                    raise
        return b"".join(said)


def _merged(lines: Mapping[str, Text]) -> tuple[bytes | tuple[str, Text], ...]:
    parts: list[bytes | tuple[str, Text]] = []
    for name, text in lines.items():
        if text.fixed is None:
            parts.append((name, text))
            continue
        line = _line(name, text.fixed)
        last = parts[-1] if parts else None
        if isinstance(last, bytes):
            parts[-1] = last + line
        else:
            parts.append(line)
    return tuple(parts)


def _line(name: str, value: str) -> bytes:
    """One line; Unsaid rather than a value that would end it."""
    if not value.isprintable():
        raise Unsaid(f"header {name}: the value has a line break or a control character in it")
    return f"{name}: {value}\r\n".encode("latin-1", "replace")
