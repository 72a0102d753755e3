"""From what is asked for to the night itself, whichever of the three kinds of places it is in."""

from dataclasses import dataclass, replace
from pathlib import Path

from loadtests.collect.logs.field_map import FieldMap, parse_field_map
from loadtests.diagnosis.verdict.baseline import baseline_of
from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.diagnosis.verdict.night import Baseline, Night, Origin
from loadtests.errors import MatchnightError
from loadtests.export.archive import RUN, read_run
from loadtests.export.night_of_run import Known, calendar, night_of_run
from loadtests.export.summarize import summarize
from loadtests.export.verdict_record import Calendar, Case, source_of
from loadtests.intake.asked import Asked, LogsAsked, Place, RangeAsked, moment, without_password
from loadtests.intake.logs import LogNight, LogOptions, read_logs
from loadtests.intake.prometheus import RangeNight, load_queries, read_prometheus
from loadtests.scenario.profile import TargetProfile
from loadtests.scenario.read import load
from loadtests.scenario.targets import find, parse_profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A night, and what reading it met with."""

    night: Night
    notes: tuple[str, ...] = ()
    calendar: Calendar | None = None  # of a run's evening
    invented: bool = False  # it was a run against the embedded stack


def find_night(asked: Asked) -> Found:
    """The night that is asked for.

    MatchnightError says what cannot be read, and what to do about it.
    """
    return read_place(asked.place, known_of(asked))


def known_of(asked: Asked) -> Known:
    """What is known from before; MatchnightError: the baseline cannot be read."""
    return Known(
        signature=asked.signature,
        build=asked.build,
        replicas=asked.replicas,
        baseline=_baseline(asked),
    )


def read_place(place: Place, known: Known) -> Found:
    """The night in a place, with what is known from before."""
    if isinstance(place, Path):
        return _of_run(place, known)
    if isinstance(place, LogsAsked):
        return of_logs(place, read_logs(place.files, log_options(place)), known)
    return _of_range(place, known)


def case_of(asked: Asked, found: Found, *, formed: bool = True) -> Case:
    """The verdict on it; `formed`: and how it formed, which takes most of the time."""
    command = ("matchnight", "diagnose", *asked.options)
    source = source_of(found.night, command, notes=found.notes, calendar=found.calendar)
    return Case(
        verdict=diagnose(found.night, formed=formed), source=source, invented=found.invented
    )


def _of_run(folder: Path, known: Known) -> Found:
    run = read_run(folder)
    summary = summarize(run)
    return Found(
        night=night_of_run(run, summary, known),
        notes=tuple(summary.notices),
        calendar=calendar(run),
        invented=summary.embedded,
    )


def of_logs(place: LogsAsked, read: LogNight, known: Known) -> Found:
    """The night logs tell of."""
    night = Night(
        windows=read.windows,
        origin=Origin.ACCESS_LOG,
        source=", ".join(place.files),
        start=read.start,
        resolution=read.resolution,
        sampled=read.sampled,
        observed=read.observed,
    )
    return Found(night=_with(night, known), notes=read.notes)


def log_options(place: LogsAsked) -> LogOptions:
    """How these logs are read; InvalidFile has every problem of map and profile."""
    return LogOptions(
        fields=_fields(place.fields),
        profile=_profile(place.profile),
        sampled=place.sampled,
        ahead=place.ahead,
    )


def _fields(path: Path | None) -> FieldMap:
    return FieldMap() if path is None else parse_field_map(load(path), file=str(path))


def _profile(name: str | None) -> TargetProfile | None:
    if name is None:
        return None
    path = find(name)
    return parse_profile(load(path), file=str(path))


def _of_range(place: RangeAsked, known: Known) -> Found:
    if place.stop is None:
        raise MatchnightError("--to: missing; write when the night ended")
    read = read_prometheus(
        place.url, start=place.start, stop=place.stop, asked=load_queries(place.queries)
    )
    return Found(night=_with(_ranged(place, read), known), notes=read.notes)


def _ranged(place: RangeAsked, read: RangeNight) -> Night:
    return Night(
        windows=read.windows,
        origin=Origin.PROMETHEUS,
        source=without_password(place.url),
        start=read.start,
        resolution=read.resolution,
        observed=read.observed,
    )


def _with(night: Night, known: Known) -> Night:
    return replace(
        night,
        signature=known.signature,
        build=known.build,
        replicas=known.replicas,
        baseline=known.baseline,
    )


def _baseline(asked: Asked) -> Baseline | None:
    """What another evening shows to be usual."""
    if asked.baseline is None:
        return None
    found = read_place(_evening(asked.place, asked.baseline), Known())
    return baseline_of(found.night.windows, name=asked.baseline, same_class=asked.same_class)


def _evening(place: Place, text: str) -> Place:
    """Where the other evening is: a run's folder, a log read like tonight's, or a time."""
    if isinstance(place, RangeAsked):
        start, slash, stop = text.partition("/")
        if not slash:
            raise MatchnightError(
                f"--baseline: {text!r} is not a span of time; write such as "
                "2026-11-15T20:00:00+01:00/2026-11-15T23:00:00+01:00"
            )
        return replace(place, start=moment("--baseline", start), stop=moment("--baseline", stop))
    if (Path(text) / RUN).exists():
        return Path(text)
    return (
        replace(place, files=(text,)) if isinstance(place, LogsAsked) else LogsAsked(files=(text,))
    )
