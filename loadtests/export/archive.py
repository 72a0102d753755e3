"""A run is a folder, written as it happens: whatever is killed, all but the last moments is there.

Every record is one line of JSON, written and handed to the kernel at once. A line torn by a kill is
no obstacle when the folder is read; what is missing is taken as not known, never as zero.
"""

import gc
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from io import FileIO
from os import SEEK_END
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

from loadtests import __version__
from loadtests.audience.part import part
from loadtests.collect.health import Pulse
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.diagnosis.signature import read_signature
from loadtests.diagnosis.target import modeled
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.parts import whole
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import parse_scenario
from loadtests.units import Seconds

T = TypeVar("T")

VERSION = 2
READABLE = (1, 2)
"""Up to version 1 a line of windows was one worker's, with its index; told twice it counts once."""

RUN = "run.json"
SCENARIO = "scenario.yaml"
SIGNATURE = "signature.json"  # of the target a run was simulated against; absent: none
FILES = "files.json"  # texts of the files the scenario names, by those names; absent: it names none
WINDOWS = "windows.jsonl"
EVENTS = "events.jsonl"
HEALTH = "testbed/health.jsonl"
STOP = "stop"  # whoever makes this file wants the run to end


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """How the run was asked for: `run.json`, written before anything else happens."""

    scenario: str  # the scenario's name; its text is in scenario.yaml
    variant: str | None = None  # as asked for; None: the file's default, which may be one
    scale: float | None = None  # these three override the scenario's own; None: they do not
    speed: float | None = None
    seed: int | None = None
    workers: int = 1
    target: str  # URL
    embedded: bool  # the target was our own stack, of invented capacity
    profile: str = "testbed"  # the target profile it was spoken to by
    blind_spots: list[str] = field(default_factory=list)  # steps the target does not have
    canary: Seconds | None = None  # it was the canary, for so long: part of the run it lies in
    trial: str | None = None  # it was this trial of the search it lies in (`Trial.to_text`)
    simulated: bool = False  # on paper: no traffic was sent
    created: str  # ISO 8601, UTC
    command: list[str] = field(default_factory=list)
    matchnight: str = __version__  # that ran it; another may draw its report
    version: int = VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened once: `kind`, when (epoch seconds) and what else is known of it.

    Kinds: `started` (at: the barrier), `stopped` (reason: finished, decided, interrupted, failed,
    withdrawn, aborted, silent or canary; text), `worker_lost`, `tester` and `testbed` (problem),
    `notice` (text), `canary` (clean, text: of the one flown ahead), `left_behind` (sessions).
    """

    kind: str
    at: Seconds
    facts: Mapping[str, Any]


class Archive:
    """Writes a run's folder. One process writes windows; several may write events."""

    def __init__(self, folder: Path) -> None:
        """Go on writing in `folder`, made by `create`."""
        self.folder = folder
        self._files: dict[str, FileIO] = {}

    @classmethod
    def create(
        cls,
        folder: Path,
        manifest: Manifest,
        scenario_text: str,
        files: Mapping[str, str] = MappingProxyType({}),
    ) -> "Archive":
        """A new run's folder. MatchnightError if it cannot be made, or holds a run already."""
        if (folder / RUN).exists():
            raise MatchnightError(f"{folder}: holds a run already; name another --report-dir")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / SCENARIO).write_text(scenario_text, encoding="utf-8")
            if files:
                (folder / FILES).write_text(json.dumps(dict(files)) + "\n", encoding="utf-8")
            (folder / RUN).write_text(
                json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8"
            )
            return cls(folder)
        except OSError as error:
            raise MatchnightError(f"{folder}: cannot be written: {error.strerror}") from error

    def append(self, window: Window) -> None:
        """What some workers saw in a second; the others' is told apart, each worker's once."""
        self._write(WINDOWS, window.to_json())

    def event(self, kind: str, at: Seconds, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
        """Something happened at `at` (epoch seconds)."""
        self._write(EVENTS, {"kind": kind, "at": at} | facts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files; nothing is lost without it."""
        for file in self._files.values():
            file.close()

    def _write(self, name: str, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        try:
            file = self._files.get(name) or self._open(name)
            while line:  # a disk nearly full takes a part of it
                line = line[file.write(line) :]
        except OSError as error:
            raise MatchnightError(
                f"{self.folder}: cannot be written: {error.strerror}", ExitStatus.INVALID_RUN
            ) from error

    def _open(self, name: str) -> FileIO:
        """Opened when first needed: who has only events to tell never touches the windows."""
        file = FileIO(self.folder / name, "a+")  # no buffer: what is written is out of our hands
        self._files[name] = file
        if file.tell():
            file.seek(-1, SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")  # another writer was killed in the middle of its line
        return file


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run's folder, read. `started` is None if the run never got as far."""

    folder: Path
    manifest: Manifest
    scenario: Scenario
    timeline: Timeline
    events: list[Event]
    pulses: list[Pulse]  # the testbed's health
    damaged: list[str]  # `file:line` of what cannot be read, a torn last line apart

    @property
    def started(self) -> Seconds | None:
        """When the run's clock was 0, in epoch seconds."""
        return next((event.at for event in self.events if event.kind == "started"), None)

    @property
    def stopped(self) -> Event | None:
        """The last word on the run; None if it was killed, or is still going."""
        return next((e for e in reversed(self.events) if e.kind == "stopped"), None)

    def facts(self, kind: str, name: str) -> list[str]:
        """What the events of `kind` say under `name`, in their order."""
        return [str(event.facts[name]) for event in self.events if event.kind == kind]


def read_run(folder: Path) -> Run:
    """The run in `folder`, however it ended. MatchnightError if there is none to be read."""
    manifest = _manifest(folder)
    damaged: list[str] = []
    testbed = whole(folder, canary=manifest.canary, trial=manifest.trial)
    with nothing_is_garbage():
        return Run(
            folder=folder,
            manifest=manifest,
            scenario=_scenario(folder, manifest),
            timeline=Timeline(_windows(folder / WINDOWS, damaged)),
            events=list(_records(folder / EVENTS, _event, damaged)),
            pulses=list(_records(testbed / HEALTH, _pulse, damaged)),
            damaged=damaged,
        )


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """All that is read stays: looking through it for garbage takes a fifth of the time, in vain."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _manifest(folder: Path) -> Manifest:
    path = folder / RUN
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["version"] in READABLE:
            # what a field says that an older run has not, its default says
            return Manifest(**{f.name: known[f.name] for f in fields(Manifest) if f.name in known})
    except OSError as error:
        raise MatchnightError(f"{folder}: not the folder of a run: no {RUN} to be read") from error
    except (ValueError, KeyError, TypeError) as error:
        raise MatchnightError(f"{path}: damaged, or not a run's") from error
    raise MatchnightError(
        f"{path}: version {known['version']!r}; this matchnight reads versions "
        + " and ".join(map(str, READABLE))
    )


def _scenario(folder: Path, manifest: Manifest) -> Scenario:
    path = folder / SCENARIO
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise MatchnightError(f"{folder}: not the folder of a run: no {SCENARIO}") from error
    scenario = parse_scenario(
        text,
        file=str(path),
        name=manifest.scenario,
        variant=manifest.variant,
        scale=manifest.scale,
        speed=manifest.speed,
        seed=manifest.seed,
        files=_files(folder / FILES),
    )
    made = part(scenario, canary=manifest.canary, trial=manifest.trial)
    signature = folder / SIGNATURE
    if manifest.simulated and signature.exists():
        return modeled(made, read_signature(signature))
    return made


def _files(path: Path) -> dict[str, str]:
    """Texts of the files a scenario names; none if there is no such record of them."""
    if not path.exists():
        return {}
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(text) for name, text in known.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise MatchnightError(f"{path}: damaged, or not a run's") from error


def _windows(path: Path, damaged: list[str]) -> Iterator[Window]:
    seen = set()
    for worker, window in _records(path, _window, damaged):
        if worker is None or (worker, window.second) not in seen:
            seen.add((worker, window.second))
            yield window


def _window(record: dict[str, Any]) -> tuple[int | None, Window]:
    return record.get("worker"), Window.from_json(record)


def _event(record: dict[str, Any]) -> Event:
    return Event(kind=record.pop("kind"), at=record.pop("at"), facts=record)


def _pulse(record: dict[str, Any]) -> Pulse:
    return Pulse(
        time=record["time"],
        lag=record["lag"],
        cpu=record["cpu"],
        problems=tuple(record.get("problems", ())),
    )


def _records(path: Path, make: Callable[[dict[str, Any]], T], damaged: list[str]) -> Iterator[T]:
    """What `make` makes of each line; unreadable ones go to `damaged`, but for a torn last line."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                made = make(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                if line.endswith(b"\n"):
                    damaged.append(f"{path.name}:{number}")
            else:
                yield made
