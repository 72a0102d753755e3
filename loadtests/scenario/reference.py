"""The key reference of scenarios/README.md, made from the model.

`python -m loadtests.scenario.reference` writes it anew.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args, get_origin

from loadtests.binding.keys import Hint, Key, Value, describe, extras, keys
from loadtests.scenario.library import folder
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import Variants
from loadtests.vocabulary import Step

BEGIN = "<!-- made from the model by `python -m loadtests.scenario.reference`; edit the model -->"
END = "<!-- end of what is made from the model -->"
CLOCKS = {
    "event": "the evening's calendar, compressed by `speed`",
    "client": "a person's or a device's own time, never compressed",
    "media": "the stream's own pace, never compressed",
}


def rewritten(readme: str) -> str:
    """The text of the README with the part between its two marks made anew; the rest is by hand.

    ValueError: it lacks a mark.
    """
    before, rest = readme.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    """Every timer by its clock, then every key by its record, in Markdown."""
    return "\n".join([*_timers(), *_tables()])


def _records() -> Mapping[type, list[str]]:
    """Every record of a scenario file with the paths where it is used, outermost first."""
    found: dict[type, list[str]] = {}
    for top in (Scenario, Variants):
        _collect(top, "", found)
    return found


def _collect(record: type, path: str, found: dict[type, list[str]]) -> None:
    for key in keys(record):
        for part, suffix in parts(key.hint):
            inner = f"{path}.{key.name}{suffix}".lstrip(".")
            found.setdefault(part, []).append(inner)
            _collect(part, inner, found)


def parts(hint: Hint, suffix: str = "") -> Iterator[tuple[type, str]]:
    """The records within a type, with how a path goes on to them."""
    origin: Hint = get_origin(hint)
    if isinstance(hint, type) and is_dataclass(hint) and keys(hint):
        yield hint, suffix
    elif origin is not Annotated:
        step = {tuple: "[]", Mapping: ".<name>"}.get(origin, "")
        for arg in get_args(hint):
            yield from parts(arg, suffix + step)


def _timers() -> Iterator[str]:
    yield "## Every timer and its clock"
    yield ""
    every = {Scenario: [""], **_records()}
    for clock, what in CLOCKS.items():
        timers = [
            f"`{path}.{key.name}`".replace("`.", "`")
            for record, paths in every.items()
            for path in paths
            for key in keys(record)
            if key.clock == clock
        ]
        yield f"- **{clock}**: {what}. {', '.join(timers)}."
    yield ""


def _tables() -> Iterator[str]:
    yield "## Every key"
    yield ""
    yield from table("The file itself", (*keys(Scenario), *keys(Variants)))
    for record, paths in _records().items():
        yield from table(", ".join(f"`{path}`" for path in paths), keys(record))


def table(title: str, rows: tuple[Key, ...]) -> Iterator[str]:
    """The keys of a record as a table in Markdown, under its title."""
    yield f"### {title}"
    yield ""
    yield "| Key | What to write | Default | Clock | What it means |"
    yield "| --- | --- | --- | --- | --- |"
    for key in rows:
        write = re.sub("a mapping with .*?(?=, or |$)", "a mapping, see below", describe(key.hint))
        write = write.replace(describe(Step), "a [step](#steps)")
        yield f"| `{key.name}` | {write} | {_default(key)} | {key.clock} | {key.doc} |"
    yield ""


def _default(key: Key) -> str:
    return "**required**" if key.default is MISSING else _written(key.default, key.hint)


def _written(value: Value, hint: Hint) -> str:
    """A default as a file would write it; records and empty ones in words."""
    if value is None or value in ((), {}, ""):
        return "none"
    if is_dataclass(value):
        return "see below"
    notation = next((n for n, _ in map(extras, (hint, *get_args(hint))) if n), None)
    if isinstance(value, tuple):
        return f"`[{', '.join(_plainly(each, notation) for each in value)}]`"
    return f"`{_plainly(value, notation)}`"


def _plainly(value: Value, notation: Value) -> str:
    if notation is not None:
        return str(notation.write(value))
    if isinstance(value, StrEnum):
        return value.value
    return str(value).lower() if isinstance(value, bool) else str(value)


def main(readme: Path | None = None) -> None:
    """Write the README anew."""
    path = readme or folder() / "README.md"
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
