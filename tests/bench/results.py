"""What was measured, as a file: written after every case, so that nothing gets lost."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from case import Bar, Case, Figures, Results
from machine import About

REPORTS = Path(__file__).parent.parent.parent / "reports" / "benchmarks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A bar and what came of it."""

    text: str
    figure: float
    most: float | None
    least: float | None
    unit: str
    cleared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A case as it went."""

    name: str
    title: str
    about: str
    columns: Sequence[str]
    rounds: Results
    bars: Sequence[Judged]

    def values(self, contender: str, figure: str) -> list[float]:
        """What a contender's rounds say of a figure, those that know it."""
        return [turn[figure] for turn in self.rounds.get(contender, ()) if figure in turn]

    def middle(self, contender: str, figure: str) -> float | None:
        """The median of a contender's rounds; None where no round knows the figure."""
        values = self.values(contender, figure)
        return statistics.median(values) if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run of the suite, as far as it got."""

    at: datetime
    machine: About
    commit: About
    seconds: float  # a turn is measured, where its case does not say otherwise
    cases: Sequence[Played] = ()
    skipped: Mapping[str, Sequence[str]]  # cases, and the commands they missed
    broken: Mapping[str, str] = field(default_factory=dict)  # cases, and what broke them off

    @property
    def cleared(self) -> bool:
        """Whether all bars of all cases are."""
        return all(bar.cleared for case in self.cases for bar in case.bars)

    def write(self, folder: Path = REPORTS) -> Path:
        """Put it there, named after its time; the same file whenever it is written again."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.at:%Y-%m-%dT%H%M%S}.json"
        said = {**asdict(self), "at": self.at.isoformat(timespec="seconds")}
        fresh = path.with_suffix(".fresh")
        fresh.write_text(json.dumps(said, indent=1, allow_nan=False) + "\n")
        fresh.replace(path)
        return path


def judged(case: Case, rounds: Results) -> Played:
    """A case with its bars held against its rounds."""
    return Played(
        name=case.name,
        title=case.title,
        about=case.about,
        columns=case.columns,
        rounds={who: [_finite(turn) for turn in turns] for who, turns in rounds.items()},
        bars=[_judge(bar, rounds) for bar in case.bars],
    )


def _judge(bar: Bar, rounds: Results) -> Judged:
    return Judged(
        text=bar.text,
        figure=bar.figure(rounds),
        most=bar.most if math.isfinite(bar.most) else None,
        least=bar.least if math.isfinite(bar.least) else None,
        unit=bar.unit,
        cleared=bar.holds(rounds),
    )


def _finite(turn: Figures) -> Figures:
    """What a contender knows: JSON has no NaN, and a table no use for it."""
    return {name: value for name, value in turn.items() if math.isfinite(value)}


def read(path: Path) -> Bench | None:
    """What was written there; None for a file of another making."""
    said: dict[str, Any] = json.loads(path.read_text())
    if "cases" not in said:
        return None
    cases = tuple(_played(case) for case in said["cases"])
    return Bench(**{**said, "at": datetime.fromisoformat(said["at"]), "cases": cases})


def _played(said: dict[str, Any]) -> Played:
    bars = [Judged(**bar) for bar in said["bars"]]
    return Played(**{**said, "columns": tuple(said["columns"]), "bars": bars})


def newest(folder: Path = REPORTS) -> Bench | None:
    """The latest run, with the cases it left out from earlier ones at its commit and machine.

    None if there is no run.
    """
    found = [bench for path in sorted(folder.glob("*.json")) if (bench := read(path)) is not None]
    if not found:
        return None
    last = found[-1]
    alike = [b for b in found if _place(b) == _place(last)]
    cases = {case.name: case for bench in alike for case in bench.cases}
    return Bench(**{**_fields(last), "cases": tuple(cases.values())})


def _place(bench: Bench) -> tuple[object, ...]:
    return (*bench.commit.values(), bench.machine["processor"], bench.machine["kernel"])


def _fields(bench: Bench) -> dict[str, Any]:
    return {name: getattr(bench, name) for name in bench.__slots__}
