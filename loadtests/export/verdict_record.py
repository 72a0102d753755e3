"""`verdict.json`, version 1: a verdict, what it was reached on, and how to recompute each item.

Spans are seconds since the first window, shares and probabilities ratios, weights decibans; what
does not exist is null. Documented in reports/README.md.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests import __version__
from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.diagnosis.verdict.night import Night, Origin
from loadtests.diagnosis.verdict.records import Evidence, Verdict
from loadtests.errors import MatchnightError
from loadtests.export.records import Reader, schema, told
from loadtests.units import Offset, Ratio, Seconds

VERSION = 1
VERDICT = "verdict.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The evening a rehearsal played: `at` = `first` + `speed` x seconds since the first window."""

    kick_off: str  # local time
    first: Offset  # from kick-off
    speed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a verdict was reached on, and the command that reaches it again."""

    origin: Origin
    name: str
    command: tuple[str, ...]
    started: str | None  # of the first window, ISO 8601, UTC; null: not known
    duration: Seconds
    resolution: Seconds
    sampled: Ratio
    observed: Mapping[Observable, Ratio]  # share of the requests that say it
    signature: str | None  # whose capacity it was held against; null: nobody's
    build: str
    replicas: Mapping[str, int]
    baseline: str | None  # what it took as usual; null: nothing but the night itself
    calendar: Calendar | None  # null: no rehearsal of ours
    matchnight: str
    notes: tuple[str, ...] = ()  # what reading it met with


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A verdict and what it was reached on: `verdict.json`, with the verdict's own keys on top."""

    verdict: Verdict
    source: Source
    invented: bool = False  # a rehearsal on the embedded stack, of invented capacity

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; each evidence item with the command, and the query, that checks it."""
        made: dict[str, Any] = told(self.verdict)
        for episode, written in zip(self.verdict.episodes, made["episodes"], strict=True):
            written["evidence"] = [
                one | {"command": check(self.source, item), "query": query(self.source, item)}
                for item, one in zip(episode.evidence, written["evidence"], strict=True)
            ]
        return made | {"source": told(self.source), "invented": self.invented}

    @classmethod
    def from_json(cls, made: Mapping[str, Any]) -> "Case":
        """What `to_json` made this of; KeyError, TypeError or ValueError if it is no verdict."""
        reader = Reader()
        return cls(
            verdict=reader.record(made, Verdict),
            source=reader.record(made["source"], Source),
            invented=bool(made["invented"]),
        )


def source_of(
    night: Night,
    command: Sequence[str],
    *,
    notes: Sequence[str] = (),
    calendar: Calendar | None = None,
) -> Source:
    """What is told of a night; `command` reaches the verdict on it again."""
    signature, baseline = night.signature, night.baseline
    return Source(
        origin=night.origin,
        name=night.source,
        command=tuple(command),
        started=None if not night.start else _iso(night.start),
        duration=float(len(night.windows)),
        resolution=night.resolution,
        sampled=night.sampled,
        observed=dict(night.observed),
        signature=None if signature is None else f"{signature.target}, {signature.created}",
        build=night.build,
        replicas=dict(night.replicas),
        baseline=None if baseline is None else baseline.name,
        calendar=calendar,
        matchnight=__version__,
        notes=tuple(notes),
    )


def check(source: Source, item: Evidence) -> str:
    """The command that measures an evidence item again, as it is typed into a shell."""
    span = item.span
    of_step = [] if item.step is None else ["--step", item.step.value]
    asked = ["--measure", item.measure, *of_step, "--between", f"{span.start:g}", f"{span.stop:g}"]
    return shlex.join([*source.command, *asked])


def query(source: Source, item: Evidence) -> str | None:
    """The same as PromQL, at the span's end; None: the night is not Prometheus's, or it cannot."""
    measure = MEASURES.get(item.measure)
    if source.origin is not Origin.PROMETHEUS or measure is None or measure.promql is None:
        return None
    lasted = item.span.stop - item.span.start
    step = ".*" if item.step is None else item.step.value
    return measure.promql.replace("$step", step).replace("$span", f"{lasted:.0f}s")


def read_verdict(path: Path) -> Case:
    """The verdict in a file, or in a run's folder. MatchnightError if there is none to be read."""
    file = path / VERDICT if path.is_dir() else path
    try:
        made = json.loads(file.read_text(encoding="utf-8"))
        if made["version"] == VERSION:
            return Case.from_json(made)
    except OSError as error:
        raise MatchnightError(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MatchnightError(f"{file}: damaged, or no verdict") from error
    raise MatchnightError(
        f"{file}: version {made['version']!r}; this matchnight reads version {VERSION}; "
        "use the one that wrote it"
    )


def verdict_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `verdict.json`, made from the records."""
    made = schema(Verdict, f"matchnight verdict, version {VERSION}")
    records = made["$defs"] | schema(Source, "")["$defs"]
    _add(records["Evidence"], command={"type": "string"}, query={"type": ["string", "null"]})
    _add(records["Verdict"], source={"$ref": "#/$defs/Source"}, invented={"type": "boolean"})
    return made | {"$defs": records}


def _add(record: dict[str, Any], **further: object) -> None:
    record["properties"] |= further
    record["required"] += further


def _iso(at: Seconds) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
