"""`capacity.json`, version 1: a capacity search as it was found, and how to read it again.

Levels are written once, in the order they were played; whatever else speaks of one names its trial.
Times are seconds, rates a second, shares ratios; what does not exist is null.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import StrEnum
from itertools import chain
from math import isfinite
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from loadtests.diagnosis.explore import Capacity
from loadtests.diagnosis.level import Level
from loadtests.diagnosis.signature import Signature, read_signature
from loadtests.errors import MatchnightError
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
        made = {f.name: _told(getattr(self, f.name)) for f in fields(self) if f.name != "signature"}
        made["capacity"]["levels"] = [of.trial.number for of in self.capacity.levels]
        return made | {"levels": [_record(level) for level in self.levels]}


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
    for record in made.pop("levels"):
        level = _Reader(levels).record(record, Level)
        levels[level.trial.number] = level
    search: Search = _Reader(levels).record(made, Search, signature=signature)
    return search


def _record(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    return {f.name: _told(getattr(value, f.name)) for f in fields(value)}


def _told(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """As plain JSON; a level is its trial's number."""
    if isinstance(value, Level):
        return value.trial.number
    if is_dataclass(value):
        return _record(value)
    if isinstance(value, Mapping):
        return {str(key): _told(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_told(part) for part in value]
    if isinstance(value, StrEnum):
        return value.value
    return None if isinstance(value, float) and not isfinite(value) else value


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes records of what `_told` made of them, by their type hints."""

    levels: Mapping[int, Level]

    def record(self, made: Mapping[str, Any], kind: Any, **given: Any) -> Any:  # noqa: ANN401 - a dataclass
        hints = get_type_hints(kind, include_extras=True)
        values = {
            f.name: self.value(made[f.name], hints[f.name])
            for f in fields(kind)
            if f.name in made or _is_required(f)
        }
        return kind(**values | given)

    def value(self, made: Any, hint: Any) -> Any:  # noqa: ANN401 - any value of a record
        form, parts = get_origin(hint), get_args(hint)
        if form is Annotated:
            return self.value(made, parts[0])
        if form in {Union, UnionType}:
            (kind,) = (part for part in parts if part is not NoneType)
            return None if made is None else self.value(made, kind)
        if form is tuple:
            return tuple(self.value(part, parts[0]) for part in made)
        if form is Mapping:
            return {parts[0](key): self.value(part, parts[1]) for key, part in made.items()}
        if hint is Level and isinstance(made, int):
            return self.levels[made]
        return self.record(made, hint) if is_dataclass(hint) else hint(made)


def _is_required(of: Field[Any]) -> bool:
    return of.default is MISSING and of.default_factory is MISSING
