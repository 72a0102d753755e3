"""reports/README.md is held to the records of a signature, key for key and unit for unit."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from loadtests.binding.keys import extras, keys
from loadtests.diagnosis.signature import Figure, Signature
from loadtests.export.capacity_record import CAPACITY, SIGNATURE
from loadtests.export.capacity_report import EXPORTERS

README = (Path(__file__).parents[2] / "reports" / "README.md").read_text(encoding="utf-8")
UNITS = {
    "a number": "as `unit` says",
    "a number a second": "viewers/s",
    "a number of seconds": "s",
    "a number of bytes": "bytes",
    "a number of bytes a second": "bytes/s",
    "a plain ratio": "ratio",
}


def _inner(hint: Any) -> tuple[str, Any]:  # noqa: ANN401 - a type hint
    """What a key holds, and how its path goes on: `knee.*` is one figure a step."""
    form, parts = get_origin(hint), get_args(hint)
    if form in {Union, UnionType}:
        return _inner(next(part for part in parts if part is not NoneType))
    if form is Mapping:
        return ".*", parts[1]
    return ("[]", parts[0]) if form is tuple else ("", hint)


def _rows(record: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - a dataclass
    for key in keys(record):
        mark, kind = _inner(key.hint)
        name = f"{path}{key.name}{mark}"
        notation, _ = extras(kind)
        unit = "figure" if kind is Figure else UNITS[notation.name] if notation else ""
        yield f"| `{name}` | {unit} | {key.doc} |".replace("|  |", "| |")
        if is_dataclass(kind) and kind is not Figure:
            yield from _rows(kind, f"{name}.")


def test_every_key_of_a_signature_is_documented_with_its_unit() -> None:
    table = "\n".join(_rows(Signature))
    assert table in README, table


def test_a_figure_is_documented() -> None:
    table = "\n".join(_rows(Figure))
    assert table in README, table


def test_every_file_of_a_search_is_documented() -> None:
    assert {
        name for name in (CAPACITY, SIGNATURE, *EXPORTERS) if f"| `{name}` |" not in README
    } == (set())
