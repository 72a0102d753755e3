"""A plan for programs: every figure with its unit, moments as seconds from kick-off."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from math import isfinite
from typing import Any, TypeAlias, get_args, get_type_hints

from loadtests.binding.keys import extras
from loadtests.diagnosis.signature import Figure
from loadtests.paper.plan.compare import Outlook
from loadtests.paper.plan.load import Asked, Load, Peak, load
from loadtests.paper.plan.losses import Likely
from loadtests.paper.plan.minutes import by_minute
from loadtests.paper.plan.plan import Case, Plan
from loadtests.scenario.prices import Prices
from loadtests.units import BIT_RATE, DURATION, OFFSET, RATE, RATIO, SIZE, Notation

Json: TypeAlias = Any  # what `json.dumps` takes

VERSION = 1

_UNITS: Mapping[Notation, str] = {
    DURATION: "s",
    OFFSET: "s from kick-off",
    SIZE: "B",
    BIT_RATE: "B/s",
    RATE: "1/s",
    RATIO: "ratio",
}
"""What a record's figure is in, by its type."""

_NAMED: Mapping[str, str] = {
    "at_once": "viewers",
    "calls": "calls",
    "agents": "agents",
    "cores": "cores",
    "erlangs": "erlangs",
    "processes": "cores",
    "viewers": "viewers",
    "watching": "viewers",
    "attempts": "1/s",
    "lasts": "s of the event",
    "share": "ratio",
}
"""The same of plain numbers, by their field."""


def plan_json(plan: Plan, *, minutes: bool = False) -> Json:
    """All of it, ready for `json.dumps`."""
    scenario, prices = plan.question.scenario, plan.question.prices
    made: dict[str, Json] = {
        "version": VERSION,
        "scenario": scenario.name,
        "variant": scenario.variant,
        "kick_off": scenario.event.kick_off,
        "also": [
            {"scenario": event.name, "kick_off": _figure(later, "s from kick-off")}
            for event, later in plan.question.also
        ],
        "bit_rate_from": plan.bit_rate.value,
        "night": {case.value: _load(of) for case, of in plan.loads.items()},
        "rehearsal": {
            "scale": _figure(scenario.scale, "ratio"),
            "speed": _figure(scenario.speed, "event seconds per second"),
            "duration": _figure(scenario.duration, "s"),
            **_load(plan.rehearsal),
        },
        "costs": {
            part.name: {
                "quantity": _figure(part.quantity, _QUANTITIES[part.name]),
                "cost": _money(part.cost, prices),
            }
            for part in plan.costs
        },
    }
    if plan.outlooks:
        made["outlook"] = {case.value: _value(of, "", "") for case, of in plan.outlooks.items()}
    if plan.what_ifs:
        made["what_ifs"] = {case.name: _what_if(case) for case in plan.what_ifs}
    if minutes:
        made["minutes"] = [_value(of, "", "") for of in by_minute(plan.nights[Case.P50])]
    return made


_QUANTITIES: Mapping[str, str] = {
    "gigabyte": "GB",
    "license": "licenses",
    "text_message": "messages",
    "call": "calls",
    "core_hour": "h",
}


def _load(of: Load) -> dict[str, Json]:
    return {
        "viewers": _figure(of.viewers, "viewers"),
        "joins": _peak(of.joins, "1/s"),
        "watching": _peak(of.watching, "viewers"),
        "requests": _asked(of.requests, "requests"),
        "connections": _asked(of.connections, "connections"),
        "sent": _peak(of.sent, "B/s") | {"total": _figure(of.bytes, "B")},
        "accounts": _figure(of.viewers, "accounts"),
        "steps": {step.value: _asked(asked, "requests") for step, asked in of.steps.items()},
        "generators": _value(of.generators, "", ""),
        "support": _value(of.support, "", ""),
    }


def _asked(of: Asked, what: str) -> dict[str, Json]:
    return {**_peak(of.peak, "1/s"), "total": _figure(of.total, what)}


def _peak(of: Peak, unit: str) -> dict[str, Json]:
    return {**_figure(of.value, unit), "at": _figure(of.at, "s from kick-off")}


def _what_if(of: Outlook) -> dict[str, Json]:
    return {
        "night": _load(load(of.night, of.case.scenario)),
        "carried": _value(of.carried, "", ""),
        "playlists_older": _figure(of.older, "s"),
    }


def _money(cost: float | None, prices: Prices | None) -> Json:
    return None if cost is None or prices is None else _figure(cost, prices.currency)


def _value(value: Any, name: str, unit: str) -> Json:  # noqa: ANN401, PLR0911 - a kind of value a line
    """Whatever a record holds; `unit` as its type says, else as its field is called."""
    if isinstance(value, Figure):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Likely):
        bounds = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {**bounds, "unit": _NAMED[name]}
    if is_dataclass(value):
        return _record(value)
    if isinstance(value, Mapping):
        return {str(key): _value(each, name, unit) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_value(each, name, unit) for each in value]
    if isinstance(value, bool | str) or value is None:
        return value
    return _figure(value, unit or _NAMED[name])


def _record(record: Any) -> dict[str, Json]:  # noqa: ANN401 - any of ours
    hints = get_type_hints(type(record), include_extras=True)
    return {
        f.name.rstrip("_"): _value(getattr(record, f.name), f.name, _unit(hints[f.name]))
        for f in fields(record)
    }


def _unit(hint: Any) -> str:  # noqa: ANN401 - a type
    """What figures of this type are in; empty if it does not say."""
    for part in (hint, *get_args(hint)):
        notation, _ = extras(part)
        if notation is not None:
            return _UNITS[notation]
        if inner := next((u for arg in get_args(part) if (u := _unit(arg))), ""):
            return inner
    return ""


def _figure(value: float, unit: str) -> dict[str, Json]:
    return {"value": _plain(value), "unit": unit}


def _plain(value: Any) -> Json:  # noqa: ANN401 - a number, mostly
    if isinstance(value, float) and not isfinite(value):
        return None
    return value.value if isinstance(value, StrEnum) else value
