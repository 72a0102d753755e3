"""Objects of an access log (JSON lines, rows of a table), under whatever names it uses."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from loadtests.collect.logs.combined import split_request
from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.field_map import FieldMap
from loadtests.collect.logs.moments import epoch, moment
from loadtests.collect.logs.told import USUAL, Told, Unit, unit_of
from loadtests.units import Seconds, parse_duration

Object = Mapping[str, Any]
_SHAPES = 512
"""Sets of keys remembered: a log has a few; one made to have many is read all the same."""
_NOTHING = frozenset({"", "-"})
_TEXTS = {
    told: Entry._fields.index(told)
    for told in (
        Told.CLIENT, Told.FORWARDED, Told.ACCOUNT, Told.CACHE, Told.ATTEMPT, Told.OUTCOME,
        Told.CODE, Told.ACTION, Told.REGION, Told.STEP,
    )
}  # fmt: skip
_METHOD, _TARGET, _STATUS, _SIZE, _DURATION = (
    Entry._fields.index(name) for name in ("method", "target", "status", "size", "duration")
)


class Objects:
    """Reads objects by a map of their fields, and by usual names where the map is silent."""

    def __init__(self, fields: FieldMap) -> None:
        self.unzoned = 0
        self._fields = fields
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._told: Counter[Told] = Counter()

    def read(self, said: Object) -> Entry | None:
        """What an object says; None: it has no time, or nothing of a request."""
        shape = tuple(said)
        plan = self._plans.get(shape)
        if plan is None:
            if len(self._plans) >= _SHAPES:
                self._told = self.lines()
                self._plans.clear()
            plan = self._plans[shape] = _Plan(said, self._fields)
        if not plan.is_request:
            return None
        try:
            entry, is_zoned = plan.read(said)
        except (ValueError, TypeError, OverflowError):
            return None
        plan.lines += 1
        self.unzoned += not is_zoned
        return entry

    def lines(self) -> Counter[Told]:
        """How many objects had a field for each thing, of those with any value in it."""
        counted = Counter(self._told)
        for plan in self._plans.values():
            for told in plan.names:
                counted[told] += plan.lines
        return counted


class _Plan:
    """Where one set of keys has what; `lines` were read by it."""

    __slots__ = (
        "_blank", "_paths", "_per_second", "_texts", "_time", "is_request", "lines",
        "names",
    )  # fmt: skip

    def __init__(self, said: Object, fields: FieldMap) -> None:
        self.lines = 0
        self.names = names = _names(said, fields)
        is_start = Told.TIME not in names and Told.BEGAN in names
        self._time = names.get(Told.BEGAN if is_start else Told.TIME, "")
        asked = {Told.PATH, Told.REQUEST, Told.STEP} & set(names)
        ended = {Told.STATUS, Told.OUTCOME} & set(names)
        self.is_request = bool(self._time and asked and ended)
        self._paths = {name: tuple(name.split(".")) for name in names.values() if name not in said}
        self._per_second = _unit(said, names, fields).per_second
        self._texts = [(at, names[told]) for told, at in _TEXTS.items() if told in names]
        self._blank: list[Any] = [*Entry(0.0, is_start=is_start)]

    def read(self, said: Object) -> tuple[Entry, bool]:
        """What an object of these keys says, and whether its time states its zone.

        ValueError, TypeError or OverflowError: something in it is not what it should be.
        """
        names = self.names
        get = self._inside(said).get if self._paths else said.get
        made = self._blank.copy()
        made[0], is_zoned = _moment(get(self._time))
        for at, name in self._texts:
            value = get(name)
            if value is not None and value not in _NOTHING:
                made[at] = value if isinstance(value, str) else str(value)
        made[_METHOD], made[_TARGET] = _asked(get, names)
        made[_STATUS] = _whole(get(names.get(Told.STATUS, ""))) or None
        made[_SIZE] = _whole(get(names.get(Told.BYTES, "")))
        made[_DURATION] = self._duration(get(names.get(Told.DURATION, "")))
        return Entry._make(made), is_zoned

    def _inside(self, said: Object) -> dict[str, Any]:
        """The object with what is inside others beside what is not."""
        flat = dict(said)
        for name, path in self._paths.items():
            flat[name] = _within(said, path)
        return flat

    def _duration(self, value: object) -> Seconds | None:
        if value is None or value in {"", "-"}:
            return None
        try:
            seconds = float(value) / self._per_second  # type: ignore[arg-type]  # or TypeError
        except ValueError:
            return _written(str(value))
        return seconds if 0 <= seconds < math.inf else None


def _written(text: str) -> Seconds | None:
    """A duration with its unit, such as `12.3ms`."""
    try:
        return parse_duration(text)
    except ValueError:
        return None


def _names(said: Object, fields: FieldMap) -> dict[Told, str]:
    """The names under which this object has anything."""
    found = {}
    for told in Told:
        given = fields.fields.get(told)
        names = USUAL[told] if given is None else (given,)
        name = next((name for name in names if _has(said, name)), None)
        if name is not None:
            found[told] = name
    if not isinstance(said.get("request", ""), str) and found.get(Told.REQUEST) == "request":
        del found[Told.REQUEST]
    return found


def _has(said: Object, name: str) -> bool:
    return name in said or ("." in name and _within(said, tuple(name.split("."))) is not None)


def _within(said: Object, path: tuple[str, ...]) -> object:
    value: object = said
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _unit(said: Object, names: Mapping[Told, str], fields: FieldMap) -> Unit:
    name = names.get(Told.DURATION)
    if name is None:
        return Unit.SECONDS
    return fields.duration_in or unit_of(name, _within(said, (name,)))


def _moment(value: object) -> tuple[Seconds, bool]:
    if isinstance(value, str):
        return moment(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return epoch(value), True


def _asked(get: Callable[[Any], Any], names: Mapping[Told, str]) -> tuple[str, str]:
    """Method and target."""
    method, target = "", ""
    if Told.REQUEST in names:
        method, target = split_request(_text(get(names[Told.REQUEST])))
    if Told.METHOD in names:
        method = _text(get(names[Told.METHOD])).upper()
    if Told.PATH in names:
        target = _text(get(names[Told.PATH]))
        query = _text(get(names[Told.QUERY])) if Told.QUERY in names else ""
        if query and "?" not in target:
            target = f"{target}?{query}"
    return method, target


def _text(value: object) -> str:
    """A text; empty if the value says nothing."""
    if value is None or value == "-":
        return ""
    return value if isinstance(value, str) else str(value)


def _whole(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    text = str(value)
    return None if text in _NOTHING else int(text)
