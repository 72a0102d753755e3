"""Lines for a terminal or a log: at most 100 columns, and colors only where they are wanted."""

import textwrap
from collections.abc import Callable

from loadtests.export import words

WIDTH = 100

BOLD, RED, GREEN, PLAIN = "1", "31", "32", ""

Paint = Callable[[str, str], str]
"""Colors a text by an ANSI code, or leaves it as it is."""


def painter(*, color: bool) -> Paint:
    """What colors texts, or what leaves them alone."""
    return _colored if color else _plain


def _plain(line: str, _code: str) -> str:
    return line


def _colored(line: str, code: str) -> str:
    return f"\033[{code}m{line}\033[0m" if code else line


def wrapped(line: str, indent: int = 0) -> list[str]:
    """`line` as lines, with room for an indent; a number and its unit stay together."""
    whole = words.kept_together(line)
    lines = textwrap.wrap(whole, WIDTH - indent, subsequent_indent="  ", break_on_hyphens=False)
    return [part.replace(words.NO_BREAK, " ") for part in lines] or [""]
