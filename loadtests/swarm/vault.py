"""The vault: accounts with the refresh tokens they were given, one JSON object a line.

It is only ever appended to. A line says something of one account, and what a later line says holds:
`{"account": ..., "password": ..., "refresh_token": ..., "at": <epoch second>}`. So whatever is
killed while it writes leaves all that was there before, and at most a torn last line.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loadtests.behavior.credentials import ACCOUNT, REFRESH_TOKEN
from loadtests.errors import MatchnightError
from loadtests.swarm.private_file import (
    append_private,
    check_private,
    invalid_lines,
    read_private,
)
from loadtests.units import Seconds

AT = "at"
"""When a line was written: epoch second."""


def is_vault(text: str) -> bool:
    """Whether a text is a vault's: it begins with a brace, which no header of a table does."""
    return text.lstrip()[:1] == "{"


def parse_vault(path: Path, text: str) -> list[tuple[int, dict[str, str]]]:
    """What is known of each account, with the line where it begins, in that order.

    InvalidFile has every line that is none, without what it says.
    """
    known: dict[str, tuple[int, dict[str, str]]] = {}
    problems: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _record(line)
        except ValueError as problem:
            if number <= text.count("\n"):  # else it is torn: its writer was killed
                problems.append((number, str(problem)))
        else:
            known.setdefault(record[ACCOUNT], (number, {}))[1].update(record)
    if problems:
        raise invalid_lines(path, problems)
    return list(known.values())


def vault_line(columns: Mapping[str, str], at: Seconds) -> str:
    """One line that says this of an account, ending in a newline."""
    return json.dumps({**columns, AT: round(at, 3)}, ensure_ascii=False) + "\n"


class Vault:
    """A vault to be filled; whoever fills it holds its `Lock`."""

    def __init__(self, path: Path) -> None:
        """Open it, or begin a new one of mode 0600; MatchnightError or InvalidFile if it cannot."""
        self.path = path
        _begin(path)
        text = read_private(path)
        if text and not is_vault(text):
            raise MatchnightError(f"--vault: {path} is no vault; name a new file")
        # a torn line would spoil the one that is written behind it
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            os.truncate(path, len(whole.encode()))
        records = (record for _, record in parse_vault(path, whole))
        self._known = {record[ACCOUNT] for record in records if record.get(REFRESH_TOKEN)}

    def __contains__(self, account: str) -> bool:
        """Whether it has a refresh token of this account."""
        return account in self._known

    def add(self, columns: Mapping[str, str], at: Seconds) -> None:
        """Write down what is known of an account; it is on the disk when this returns."""
        append_private(self.path, vault_line(columns, at), is_synced=True)
        self._known.add(columns[ACCOUNT])


def _begin(path: Path) -> None:
    try:
        # readable by nobody else from its first moment on, whatever the umask
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        check_private(path)
    except OSError as problem:
        raise MatchnightError(f"--vault: {path}: {problem.strerror}") from None


def _record(line: str) -> dict[str, str]:
    """The texts of one line; ValueError says what is wrong with it and not what it says."""
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not JSON: the line is damaged; remove it") from None
    if not isinstance(record, dict) or not record.get(ACCOUNT):
        raise ValueError(f"no `{ACCOUNT}` in it; remove the line")
    texts = {k: v for k, v in record.items() if k != AT}
    if not all(isinstance(value, str) for value in texts.values()):
        raise ValueError("something in it is not a text; remove the line")
    return texts
