"""Answers read as a target profile says: tests that hold or do not, texts that are found or not."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from loadtests.behavior.steps import Reply
from loadtests.scenario.answering import Condition, HeaderTest, JsonTest, Pattern, Source
from loadtests.scenario.json_path import NOTHING, JsonPath

_UNREAD: Any = object()


class Reading:
    """One answer, its JSON read at most once."""

    __slots__ = ("_document", "reply")

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self._document = _UNREAD

    @property
    def document(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as JSON; NOTHING if it is none."""
        if self._document is _UNREAD:
            self._document = _read(self.reply.body)
        return self._document

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.reply.body.decode("utf-8", "replace")

    def header(self, name: bytes) -> str | None:
        """The value of a header (in lower case); None without one."""
        value = self.reply.headers.get(name)
        return None if value is None else value.decode("latin-1").strip()


def _read(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NOTHING


class _Part(NamedTuple):
    """One thing a condition asks for: whether it is there, and what to tell people if it is not."""

    holds: Callable[[Reading], bool]
    lack: Callable[[Reading], str]


class Test:
    """A condition compiled. `codes` are the statuses it names; empty: any."""

    __slots__ = ("_parts", "codes", "where")
    __test__ = False  # not one of pytest's

    def __init__(self, condition: Condition) -> None:
        self.codes = condition.codes
        self.where = condition.where
        parts: list[_Part] = []
        if condition.size is not None:
            parts.append(_size(condition.size))
        if condition.json is not None:
            parts.append(_json(condition.json))
        if condition.header is not None:
            parts.append(_header(condition.header))
        if condition.body is not None:
            parts.append(_body(condition.body))
        self._parts = tuple(parts)

    def holds(self, reading: Reading) -> bool:
        """Whether the answer is like that."""
        if self.codes and reading.reply.status not in self.codes:
            return False
        for part in self._parts:  # noqa: SIM110 - a generator costs more than what it looks at
            if not part.holds(reading):
                return False
        return True

    def lack(self, reading: Reading) -> str | None:
        """What the answer lacks, its status aside; None: nothing."""
        for part in self._parts:
            if not part.holds(reading):
                return part.lack(reading)
        return None


def _size(least: float) -> _Part:
    return _Part(
        lambda reading: reading.reply.size >= least,
        lambda reading: f"size: the body has {reading.reply.size} bytes, expected {least:g}",
    )


def _json(test: JsonTest) -> _Part:
    path, find = test.at, test.at.find
    if test.missing:
        return _Part(
            lambda reading: find(reading.document) is NOTHING,
            lambda _: f"json: {path.text} is there",
        )
    holds, what = _json_value(test)

    def lack(reading: Reading) -> str:
        if find(reading.document) is NOTHING:
            return f"json: {_absent(path, reading.document)}"
        return f"json: {path.text} {what}"

    return _Part(lambda reading: holds(find(reading.document)), lack)


def _json_value(test: JsonTest) -> tuple[Callable[[Any], bool], str]:
    """Whether a value, or NOTHING, is as it should be; what is said of one that is not."""
    if test.equals is not None:
        wanted = test.equals.value
        return lambda found: _same(found, wanted), f"is not {json.dumps(wanted)}"
    if test.matches is not None:
        regex = test.matches.regex
        return (
            lambda found: type(found) is str and regex.search(found) is not None,
            f"is no text with {regex.pattern!r}",
        )
    return lambda found: found is not NOTHING, ""


def _same(found: object, wanted: object) -> bool:
    """JSON's equality: Python's, but true is not 1."""
    return found == wanted and (type(found) is bool) is (type(wanted) is bool)


def _absent(path: JsonPath, document: Any) -> str:  # noqa: ANN401 - any JSON value
    if document is NOTHING:
        return "the body is no JSON"
    return f"{path.text} finds nothing: {path.miss(document)}"


def _header(test: HeaderTest) -> _Part:
    name = test.name.lower().encode("latin-1", "replace")
    if test.matches is None:
        return _Part(
            lambda reading: name in reading.reply.headers,
            lambda _: f"header: there is no {test.name}",
        )
    regex = test.matches.regex
    return _Part(
        lambda reading: (
            (value := reading.header(name)) is not None and regex.search(value) is not None
        ),
        lambda _: f"header: {test.name} has no {regex.pattern!r}",
    )


def _body(pattern: Pattern) -> _Part:
    regex = pattern.regex
    return _Part(
        lambda reading: regex.search(reading.text) is not None,
        lambda _: f"body: nothing in it matches {regex.pattern!r}",
    )


class Absent(Exception):  # noqa: N818 - says what was found: nothing
    """An answer does not hold what is to be taken from it."""


Take = Callable[[Reading], str]
"""Takes a text from an answer; Absent says why there is none."""


def take(source: Source) -> Take | None:
    """How to take what a source names; None: a fixed text, which is in no answer."""
    if source.fixed is not None:
        return None
    if source.json is not None:
        found = _taken_from_json(source)
    elif source.header is not None:
        found = _taken_from_header(source.header)
    elif source.cookie is not None:
        found = _taken_from_cookie(source.cookie)
    else:
        found = _whole_body
    return found if source.regex is None else _group(source.regex, found)


def _whole_body(reading: Reading) -> str:
    return reading.text


def _taken_from_json(source: Source) -> Take:
    path = source.json
    assert path is not None  # noqa: S101 - the caller asked
    find = path.find

    def found(reading: Reading) -> str:
        document = reading.document
        value = find(document)
        if type(value) is str:
            return value
        if value is NOTHING:
            raise Absent(_absent(path, document))
        return "" if value is None else json.dumps(value)

    return found


def _taken_from_header(name: str) -> Take:
    key = name.lower().encode("latin-1", "replace")

    def found(reading: Reading) -> str:
        value = reading.header(key)
        if value is None:
            raise Absent(f"there is no header {name}")
        return value

    return found


def _taken_from_cookie(name: str) -> Take:
    # several Set-Cookie lines arrive joined by commas, which stand in dates too
    setting = re.compile(rf"(?:^|,)\s*{re.escape(name)}=([^;,]*)")

    def found(reading: Reading) -> str:
        match = setting.search(reading.header(b"set-cookie") or "")
        if match is None:
            raise Absent(f"no cookie {name} is set")
        return match[1].strip().strip('"')

    return found


def _group(pattern: Pattern, inner: Take) -> Take:
    regex = pattern.regex

    def found(reading: Reading) -> str:
        match = regex.search(inner(reading))
        if match is None or match[1] is None:
            raise Absent(f"nothing matches {regex.pattern!r}")
        return match[1]

    return found
