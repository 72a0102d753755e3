"""What a diagnosis is asked for on the command line: which night, and what is known from before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadtests import units
from loadtests.binding.scalars import quoted, suggest
from loadtests.diagnosis.signature import Signature, read_signature
from loadtests.diagnosis.verdict.records import Span
from loadtests.errors import MatchnightError
from loadtests.intake.prometheus import DEFAULT
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsAsked:
    """Access logs, and how they are read."""

    files: tuple[str, ...]
    fields: Path | None = None  # the map of their fields; None: the usual names
    profile: str | None = None  # the target profile that tells steps; None: they are guessed
    sampled: Ratio = 1.0
    ahead: Mapping[str, Seconds] = field(default_factory=dict)  # clocks, by file


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeAsked:
    """A span of time of a Prometheus server."""

    url: str
    start: Seconds  # since the epoch
    stop: Seconds | None  # None: what there is until now; for `--watch`
    queries: str = DEFAULT


Place = Path | LogsAsked | RangeAsked
"""Where a night is: the folder of a run, access logs, a Prometheus range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A diagnosis as asked for."""

    place: Place
    signature: Signature | None = None
    build: str = ""
    replicas: Mapping[str, int] = field(default_factory=dict)
    baseline: str | None = None  # an evening, as `place` is written; None: none is given
    same_class: bool = True  # of the baseline: an event like it
    options: tuple[str, ...] = ()  # that ask for it again, the place among them

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Asked":
        """Read a namespace's texts; MatchnightError names the flag and says what to write."""
        place = place_of(given)
        baseline, ordinary = given.get("baseline"), given.get("ordinary")
        if baseline and ordinary:
            raise MatchnightError("--baseline and --ordinary: one evening is enough; leave one out")
        signature = given.get("signature")
        return cls(
            place=place,
            signature=read_signature(Path(signature)) if signature else None,
            build=given.get("build") or "",
            replicas=dict(_replicas(given.get("replicas") or ())),
            baseline=baseline or ordinary,
            same_class=bool(baseline),
            options=tuple(_options(given)),
        )


def place_of(given: Mapping[str, Any]) -> Place:
    """Where the night is; MatchnightError unless it is named once."""
    named = [flag for flag in ("folder", "access_log", "prometheus") if given.get(flag)]
    if len(named) != 1:
        what = "one night at a time" if named else "no night is named"
        raise MatchnightError(
            f"diagnose: {what}; write a run's folder, --access-log FILE... or --prometheus URL"
        )
    if given.get("folder"):
        return Path(given["folder"])
    return _range(given) if given.get("prometheus") else logs_of(given["access_log"], given)


def logs_of(files: Iterable[str], given: Mapping[str, Any]) -> LogsAsked:
    """Access logs, read as the flags say."""
    fields = given.get("fields")
    return LogsAsked(
        files=tuple(files),
        fields=Path(fields) if fields else None,
        profile=given.get("profile"),
        sampled=_sampled(given["sampled"]) if given.get("sampled") else 1.0,
        ahead=dict(map(_clock, given.get("clock") or ())),
    )


def _range(given: Mapping[str, Any]) -> RangeAsked:
    start, stop = given.get("from"), given.get("to")
    if not start or not (stop or given.get("watch")):
        raise MatchnightError(
            "--prometheus: needs --from and --to, such as --from 2026-11-22T20:00:00+01:00 "
            "--to 2026-11-22T23:00:00+01:00; with --watch no --to"
        )
    return RangeAsked(
        url=given["prometheus"],
        start=moment("--from", start),
        stop=moment("--to", stop) if stop else None,
        queries=given.get("queries") or DEFAULT,
    )


def moment(flag: str, text: str) -> Seconds:
    """A moment, in seconds since the epoch; MatchnightError if `text` is none."""
    try:
        return units.parse_moment(text)
    except ValueError:
        such_as = "2026-11-22T20:00:00+01:00"
        raise _refused(flag, text, is_not="a moment with its zone", such_as=such_as) from None


def number(flag: str, text: str) -> float:
    """A number of seconds from the first window; MatchnightError if `text` is none."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        is_not = "a number of seconds since the first window"
        raise _refused(flag, text, is_not=is_not, such_as="300")
    return found


def step(text: str | None) -> Step | None:
    """The step of that name; None of None. MatchnightError if there is none."""
    if text is None or text in set(Step):
        return None if text is None else Step(text)
    raise MatchnightError(f"--step: no step {quoted(text)}; {suggest(text, Step)}")


def span(texts: Sequence[str] | None, length: int) -> Span:
    """The span two texts name; the whole night of `length` seconds if there are none."""
    if texts is None:
        return Span(start=0.0, stop=float(length))
    start, stop = (number("--between", text) for text in texts)
    return Span(start=start, stop=stop)


def _sampled(text: str) -> Ratio:
    try:
        ratio = units.parse_ratio(text)
    except ValueError:
        ratio = 0.0
    if not 0 < ratio <= 1:
        raise _refused("--sampled", text, is_not="a share of the requests", such_as="1 %")
    return ratio


def _clock(text: str) -> tuple[str, Seconds]:
    file, _, ahead = text.rpartition("=")
    try:
        return file or "-", units.parse_offset(ahead)
    except ValueError:
        is_not = "a file and by how much its clock is ahead"
        raise _refused("--clock", text, is_not=is_not, such_as="edge2.log=+1h") from None


def _replicas(texts: Iterable[str]) -> Iterator[tuple[str, int]]:
    for text in texts:
        name, _, count = text.partition("=")
        if name not in set(Step):
            raise MatchnightError(f"--replicas: no step {quoted(name)}; {suggest(name, Step)}")
        if not count.isascii() or not count.isdigit() or int(count) < 1:
            raise _refused("--replicas", text, is_not="STEP=N", such_as="sign_in=4")
        yield name, int(count)


_TOLD = (
    "fields", "profile", "sampled", "clock", "queries", "signature", "build", "replicas",
    "baseline", "ordinary",
)  # fmt: skip


def _options(given: Mapping[str, Any]) -> Iterator[str]:
    """The same once more, without what only changes how it is shown."""
    if given.get("folder"):
        yield str(given["folder"])
    if given.get("access_log"):
        yield from ("--access-log", *given["access_log"])
    if given.get("prometheus"):
        yield from ("--prometheus", without_password(given["prometheus"]))
        yield from (part for key in ("from", "to") if given.get(key) for part in _flag(given, key))
    for key in _TOLD:
        if given.get(key):
            yield from _flag(given, key)


def _flag(given: Mapping[str, Any], key: str) -> Iterator[str]:
    values = given[key] if isinstance(given[key], list) else [given[key]]
    for value in values:
        yield from (f"--{key}", str(value))


def without_password(url: str) -> str:
    """A URL as it may be shown: whoever needs a password for it knows it."""
    scheme, found, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{found}{host.rpartition('@')[2]}{slash}{path}"


def _refused(flag: str, text: str, *, is_not: str, such_as: str) -> MatchnightError:
    return MatchnightError(f"{flag}: {text!r} is not {is_not}; write such as {such_as}")
