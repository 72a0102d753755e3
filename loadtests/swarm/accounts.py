"""Accounts of the target, brought by the user: read, checked, and dealt out to the viewers.

What is in such a file is secret: no message here quotes it, and no record here shows it.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from itertools import repeat
from pathlib import Path

from loadtests.behavior.credentials import ACCOUNT, PASSWORD, REFRESH_TOKEN
from loadtests.errors import MatchnightError
from loadtests.swarm.private_file import append_private, invalid_lines, read_private
from loadtests.swarm.vault import is_vault, parse_vault, vault_line
from loadtests.units import Seconds

STREAMS = "streams"
"""The column that says how many viewers may hold an account at once."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # what can stand in a template: {account.region}
_COUNT = re.compile(r"[1-9][0-9]{0,3}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEADER = f"begin with the line {ACCOUNT},{PASSWORD}"
Problems = list[tuple[int, str]]
"""What is wrong with a file: line and message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account: its columns by name, and how many viewers may hold it (None: by the profile)."""

    line: int  # of its file, where it begins
    columns: Mapping[str, str] = field(repr=False)
    streams: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All accounts of one file, in its order."""

    path: Path
    is_vault: bool
    all: Sequence[Account] = field(repr=False)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.all)

    @property
    def notice(self) -> str | None:
        """What a report should mention of them; None: nothing."""
        without = sum(not account.columns.get(REFRESH_TOKEN) for account in self.all)
        if not without:
            return None
        return (
            f"{without} of {len(self)} accounts have no refresh token: their viewers sign in, "
            "whatever share of them the scenario lets refresh; `matchnight warm` gets them one"
        )

    def room(self, *, streams: int = 1) -> int:
        """Viewers who find room, `streams` on an account."""
        return sum(account.streams or streams for account in self.all)

    def check(self, viewers: int, *, streams: int = 1) -> None:
        """MatchnightError if so many viewers find no room, `streams` on an account."""
        room = self.room(streams=streams)
        if room < viewers:
            raise MatchnightError(
                f"--accounts: {self.path} has {len(self)} accounts with room for {room} viewers, "
                f"and {viewers} will come; add accounts, write a smaller --scale, or say how many "
                f"viewers may hold one (a column `{STREAMS}`, or `accounts` of the profile)"
            )

    def share(self, viewers: Iterable[int], *, streams: int = 1) -> list[dict[str, str]]:
        """What these viewers hold, in their order: viewer i has seat i, whoever plays it.

        A refresh token belongs to one device: the first viewer of an account has it, the others
        sign in.
        """
        seats = list(_seats(self.all, streams))
        return [
            {k: v for k, v in account.columns.items() if is_first or k != REFRESH_TOKEN}
            for account, is_first in (seats[viewer] for viewer in viewers)
        ]


def _seats(accounts: Iterable[Account], streams: int) -> Iterator[tuple[Account, bool]]:
    for account in accounts:
        yield account, True
        yield from repeat((account, False), (account.streams or streams) - 1)


def read_accounts(path: Path) -> Accounts:
    """The accounts of a CSV file (RFC 4180, with a header) or a vault.

    InvalidFile has what is wrong, by line; MatchnightError: it cannot be read, or others can.
    """
    text = read_private(path)
    if not is_vault(text):
        return Accounts(path=path, is_vault=False, all=_Table(path, text).read())
    problems: Problems = []
    found = _accounts(parse_vault(path, text), problems)
    if problems:
        raise invalid_lines(path, problems)
    return Accounts(path=path, is_vault=True, all=found)


class Dealt:
    """`Credentials` of one worker's viewers: what was dealt to them, and what they got since."""

    def __init__(
        self,
        records: Sequence[dict[str, str]],
        *,
        worker: int = 0,
        workers: int = 1,
        vault: Path | None = None,
    ) -> None:
        """`records`: of every `workers`-th viewer from `worker` on; new tokens go to `vault`."""
        self._records = records
        self._worker = worker
        self._workers = workers
        self._vault = vault
        self._renewed: dict[str, str] = {}  # account: token
        self._signed_up: set[int] = set()

    def of(self, viewer: int) -> Mapping[str, str]:
        """What this viewer holds."""
        return self._record(viewer)

    def renewed(self, viewer: int, refresh_token: str) -> None:
        """From now on it holds this token."""
        record = self._record(viewer)
        if viewer not in self._signed_up and record.get(REFRESH_TOKEN) != refresh_token:
            record[REFRESH_TOKEN] = refresh_token
            self._renewed[record[ACCOUNT]] = refresh_token

    def signed_up(self, viewer: int) -> None:
        """What this viewer is given from now on is not its account's."""
        self._signed_up.add(viewer)

    def flush(self, now: Seconds) -> str | None:
        """Append to the vault what is new; why it cannot be, if it cannot: told once."""
        renewed, self._renewed = self._renewed, {}
        if not renewed or self._vault is None:
            return None
        lines = (
            vault_line({ACCOUNT: account, REFRESH_TOKEN: token}, now)
            for account, token in renewed.items()
        )
        try:
            append_private(self._vault, "".join(lines))
        except OSError as problem:  # a worker on another machine does not have it
            vault, self._vault = self._vault, None
            return f"refresh tokens are not kept: {vault}: {problem.strerror}"
        return None

    def _record(self, viewer: int) -> dict[str, str]:
        return self._records[(viewer - self._worker) // self._workers]


class _Table:
    """A CSV file; every problem of it is told at once, and none of what it says."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._reader = csv.reader(StringIO(text, newline=""), strict=True)
        self._problems: Problems = []
        self._seen: dict[str, int] = {}  # account: line

    def read(self) -> list[Account]:
        """Its accounts; InvalidFile, MatchnightError: there are none."""
        rows = self._rows()
        line, header = next(rows, (1, []))
        self._check_header(line, header)
        if self._problems:  # without a header nothing else means anything
            raise invalid_lines(self._path, self._problems)
        records = [(line, self._record(line, header, row)) for line, row in rows]
        made = _accounts([(line, record) for line, record in records if record], self._problems)
        if self._problems:
            raise invalid_lines(self._path, sorted(self._problems))
        if not made:
            raise invalid_lines(self._path, [(line, "no account below the header; write some")])
        return made

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row but empty ones, with the line it begins in."""
        line = 1
        try:
            for row in self._reader:
                if row:
                    yield line, row
                line = self._reader.line_num + 1
        except csv.Error:
            what = 'a quote that does not close, or text behind one; write "" for a quote'
            self._problems.append((line, what))

    def _check_header(self, line: int, header: Sequence[str]) -> None:
        missing = [name for name in (ACCOUNT, PASSWORD) if name not in header]
        if missing and len(header) == 1 and re.search("[;\t]", header[0]):
            self._problems.append((line, f"columns are separated by commas; {_HEADER}"))
        elif missing:  # perhaps there is no header, and this is a password: it is not shown
            self._problems.append((line, f"no column `{missing[0]}` in the header; {_HEADER}"))
        else:
            self._problems += [(line, problem) for problem in _misnamed(header)]

    def _record(self, line: int, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        """The row by column; empty if it cannot be one."""
        if len(row) != len(header):
            what = f"{len(row)} columns, and the header has {len(header)}; quote what has a comma"
            self._problems.append((line, what))
            return {}
        record = dict(zip(header, row, strict=True))
        first = self._seen.setdefault(record[ACCOUNT], line)
        if first != line and record[ACCOUNT]:
            self._problems.append((line, f"the account of line {first} again; remove one of them"))
        return record


def _misnamed(header: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(header, 1):
        if _NAME.fullmatch(name) is None:
            yield f"column {place} has no usable name; write letters, digits and _ such as region"
        elif name in header[: place - 1]:
            yield f"column {place} is named as one before it; name it otherwise"


def _accounts(records: Iterable[tuple[int, dict[str, str]]], problems: Problems) -> list[Account]:
    """Accounts of records by line; what is wrong with any goes to `problems`."""
    made = []
    for line, record in records:
        what = _misfit(record)
        if what:
            problems.append((line, what))
        else:
            streams = record.pop(STREAMS, "")
            limit = int(streams) if streams else None
            made.append(Account(line=line, columns=record, streams=limit))
    return made


def _misfit(record: Mapping[str, str]) -> str:
    """What is wrong with a record; empty: nothing."""
    if any(_CONTROL.search(value) for value in record.values()):
        return "a control character in it: is a quote not closed? remove it"
    if not record[ACCOUNT].strip():
        return f"no {ACCOUNT}; write its name, or remove the line"
    if not record.get(PASSWORD) and not record.get(REFRESH_TOKEN):
        return f"no {PASSWORD}; write it, or remove the line"
    if record.get(STREAMS) and not _COUNT.fullmatch(record[STREAMS]):
        return f"`{STREAMS}` is not a whole number from 1 to 9999; write such as 2"
    return ""
