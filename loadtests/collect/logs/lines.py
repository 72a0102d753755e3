"""Lines of an access log, of whatever format each is, to sightings."""

import json
from collections import Counter
from typing import Any

from loadtests.collect.edge.sighting import Sighting
from loadtests.collect.logs.combined import Combined
from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.field_map import FieldMap
from loadtests.collect.logs.objects import Objects
from loadtests.collect.logs.sighter import Sighter
from loadtests.collect.logs.tables import Tables
from loadtests.collect.logs.told import Told

_BLANK = " \t\r\n"  # RFC 8259, 2
_WRAPPED = ("log", "message", "msg", "textPayload")
"""Where log shippers put a line (Docker, Filebeat, Cloud Logging)."""
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # a third of decode()'s time


class LineReader:
    """Reads the lines of one file, and counts what they said; formats may be mixed."""

    def __init__(self, fields: FieldMap, sighter: Sighter) -> None:
        self._combined = Combined()
        self._objects = Objects(fields)
        self._tables = Tables(self._objects)
        self._sight = sighter.sight

    def read(self, line: str) -> Sighting | None:
        """The request a line tells of; None: it tells of none that can be read."""
        entry = self._entry(line)
        return None if entry is None else self._sight(entry)

    def is_remark(self, line: str) -> bool:
        """Whether a line tells of no request, and need not: it is blank, or a heading."""
        if line.startswith("#"):
            self._tables.heading(line)
            return True
        return not line.strip()

    def _entry(self, line: str) -> Entry | None:
        if line.startswith("{"):
            return self._object(line)
        found = self._combined.read(line) or self._tables.read(line)
        if found is None and "{" in line:  # behind a header of syslog's or of a container's
            found = self._object(line[line.index("{") :])
        return found

    def _object(self, line: str) -> Entry | None:
        try:
            said, end = _scan(line, 0)
        except (ValueError, StopIteration, RecursionError):
            return None
        if not isinstance(said, dict) or line[end:].strip(_BLANK):
            return None
        found = self._objects.read(said)
        return self._wrapped(said) if found is None else found

    def _wrapped(self, said: dict[str, Any]) -> Entry | None:
        for name in _WRAPPED:
            inner = said.get(name)
            if isinstance(inner, str):
                line = inner.strip()
                return self._object(line) if line.startswith("{") else self._combined.read(line)
        return None

    @property
    def unzoned(self) -> int:
        """How many times stated no zone: they were taken for UTC."""
        return self._combined.unzoned + self._objects.unzoned

    def told(self) -> Counter[Told]:
        """How many lines said each thing."""
        return self._combined.lines() + self._objects.lines()
