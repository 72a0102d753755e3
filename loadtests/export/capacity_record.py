"""`capacity.json`, version 1: a capacity search as it was found, and how to read it again.

Levels are written once, in the order they were played; whatever else speaks of one names its trial.
Times are seconds, rates a second, shares ratios; what does not exist is null.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from loadtests.diagnosis.explore import Capacity
from loadtests.diagnosis.level import Level
from loadtests.diagnosis.signature import Signature, read_signature
from loadtests.errors import MatchnightError
from loadtests.export.records import Instead, Reader, told
from loadtests.units import PerSecond, Ratio, Seconds

VERSION = 1
CAPACITY = "capacity.json"
SIGNATURE = "signature.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A capacity search: what was asked, what was found, and whether it may be trusted."""

    version: int = VERSION
    scenario: str
    title: str
    variant: str | None
    target: str  # as reports name it
    embedded: bool  # the target was our own stack, of invented capacity
    started: str  # ISO 8601, UTC
    duration: Seconds
    exit_status: int
    complete: bool  # False: it ended before it had found all it looked for
    why: str | None = None  # why it ended early, or is not valid
    ceiling: PerSecond  # viewers a second it was not to exceed
    problems: tuple[str, ...] = ()  # what tester and embedded stack confess
    lag_p99: Seconds | None = None  # the tester's own, of the worst trial
    cpu: Ratio | None = None  # of the busiest core, in the worst trial
    folders: Mapping[int, str] = field(default_factory=dict)  # of each trial, in the search's own
    capacity: Capacity
    signature: Signature | None = None  # has a file of its own

    @property
    def levels(self) -> list[Level]:
        """What all trials have shown, in the order they were played."""
        capacity = self.capacity
        further = filter(None, (capacity.lowest, capacity.overload, capacity.again))
        of_knees = chain.from_iterable(knee.levels for knee in capacity.knees.values())
        every = {of.trial.number: of for of in chain(capacity.levels, of_knees, further)}
        return [every[number] for number in sorted(every)]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the signature is left to its own file."""
        made: dict[str, Any] = told(replace(self, signature=None), _BY_NUMBER)
        del made["signature"]
        made["capacity"]["levels"] = [of.trial.number for of in self.capacity.levels]
        return made | {"levels": [told(level) for level in self.levels]}


def read_search(folder: Path) -> Search:
    """The search in `folder`. MatchnightError if there is none to be read."""
    path = folder / CAPACITY
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        if made["version"] == VERSION:
            signature = folder / SIGNATURE
            known = read_signature(signature) if signature.exists() else None
            return _search(made, known)
    except OSError as error:
        raise MatchnightError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise MatchnightError(f"{path}: damaged, or not a capacity search's") from error
    raise MatchnightError(
        f"{path}: version {made['version']!r}; this matchnight reads version {VERSION}; "
        "use the one that wrote it"
    )


def _search(made: dict[str, Any], signature: Signature | None) -> Search:
    levels: dict[int, Level] = {}
    reader = Reader({Level: levels.__getitem__})
    for record in made.pop("levels"):
        level: Level = reader.record(record, Level)
        levels[level.trial.number] = level
    search: Search = reader.record(made, Search, signature=signature)
    return search


_BY_NUMBER: Instead = {Level: lambda level: level.trial.number}
