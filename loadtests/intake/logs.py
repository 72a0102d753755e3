"""Access logs of one night, from one edge or several, to what a diagnosis is made of."""

import gc
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice

from loadtests.collect.edge.sighting import Sighting
from loadtests.collect.edge.window import EdgeWindow
from loadtests.collect.logs.field_map import FieldMap
from loadtests.collect.logs.lines import LineReader
from loadtests.collect.logs.routes import step_of
from loadtests.collect.logs.sighter import Sighter
from loadtests.collect.logs.told import Told
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.errors import MatchnightError
from loadtests.intake.clocks import disagreeing
from loadtests.intake.edge_log import EdgeLog
from loadtests.intake.gathered import Gathered
from loadtests.intake.notes import notes_of
from loadtests.intake.opened import Opened
from loadtests.scenario.profile import TargetProfile
from loadtests.units import Part, Ratio, Seconds

_KEY = 16  # bytes
_AT_ONCE = 200_000
"""Requests: some seconds of work."""
_TELLS: Mapping[Observable, tuple[Told, ...]] = {
    Observable.TIME: (Told.TIME,),
    Observable.STATUS: (Told.STATUS,),
    Observable.STATED: (Told.OUTCOME,),
    Observable.CLIENT: (Told.CLIENT,),
    Observable.ACCOUNT: (Told.ACCOUNT,),
    Observable.TARGET: (Told.PATH, Told.REQUEST),
    Observable.BYTES: (Told.BYTES,),
    Observable.DURATION: (Told.DURATION,),
    Observable.CACHE: (Told.CACHE,),
    Observable.ATTEMPT: (Told.ATTEMPT,),
    Observable.REGION: (Told.REGION,),
    Observable.METHOD: (Told.METHOD, Told.REQUEST),
    Observable.STEP: (Told.STEP, Told.PATH, Told.REQUEST),
}
"""What of a log makes each observable: any of these."""


def new_key() -> bytes:
    """A key for the hashes of one run: nobody keeps it."""
    return secrets.token_bytes(_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """How logs are read."""

    fields: FieldMap = field(default_factory=FieldMap)
    profile: TargetProfile | None = None  # tells steps; None: they are guessed
    sampled: Part = 1.0  # share of the requests that were logged
    ahead: Mapping[str, Seconds] = field(default_factory=dict)
    # by how much an edge's clock is ahead, by its file; less than 0: behind
    key: bytes = field(default_factory=new_key, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNight:
    """What logs said of a night: all of a `Night` they can fill in."""

    windows: Sequence[EdgeWindow]  # one a second from `start` on, empty ones included
    start: Seconds  # of the first window, since the epoch
    resolution: Seconds  # windows between its multiples are empty
    sampled: Ratio
    observed: Mapping[Observable, Ratio]  # share of the requests it is known of
    requests: int  # that were logged and read
    lines: int  # that are no request's, although they should be
    notes: tuple[str, ...]  # a sentence each: what may be wrong with it


def read_logs(files: Sequence[str], options: LogOptions) -> LogNight:
    """What these files say; `-` is standard input.

    MatchnightError: a file cannot be opened, most of its lines are not understood, its clock is
    days off those of the others, or there is not one request in all of them.
    """
    with ExitStack() as opened:
        sources = [opened.enter_context(closing(Opened(file))) for file in once(files)]
        logs = Logs(sources, options)
        while logs.read():
            pass
        logs.end()
    return logs.night()


class Logs:
    """The logs of one night while they are read."""

    def __init__(self, sources: Sequence[Opened], options: LogOptions) -> None:
        """MatchnightError: a clock is given for a file that is not among them."""
        _check_clocks(sources, options)
        self._options = options
        self._gathered = Gathered()
        self._stream: Iterator[Sighting] | None = None
        sighter = Sighter(options.fields, step_of(options.profile), options.key)
        ahead = options.ahead
        self._edges = {
            EdgeLog(each.name, LineReader(options.fields, sighter), ahead.get(each.path, 0.0)): each
            for each in sources
        }

    @property
    def requests(self) -> int:
        """Read so far."""
        return sum(edge.requests for edge in self._edges)

    def read(self) -> int:
        """Read what there is, edges in step with each other: how many requests.

        Of logs that grow faster than they are read there is always more: it returns all the same,
        and goes on from there next time.
        """
        if self._stream is None:
            streams = [edge.requests_of(source) for edge, source in self._edges.items()]
            self._stream = streams[0] if len(streams) == 1 else merge(*streams, key=_at)
        see, read = self._gathered.see, 0
        with _no_collecting():
            for sighting in islice(self._stream, _AT_ONCE):
                see(sighting)
                read += 1
        if read < _AT_ONCE:
            self._stream = None
        return read

    def end(self) -> None:
        """There is no more: take what has no end yet."""
        for edge, source in self._edges.items():
            for sighting in edge.end(source):
                self._gathered.see(sighting)

    def night(self) -> LogNight:
        """What was read so far. MatchnightError: that is nothing, or of more than one night."""
        requests, edges = self.requests, tuple(self._edges)
        if not requests:
            names = ", ".join(edge.name for edge in edges)
            raise MatchnightError(f"{names}: not one request; write an access log's path")
        wrong = disagreeing(edges)
        start, windows = self._gathered.windows()
        notes = notes_of(edges, tuple(self._edges.values()), self._gathered)
        return LogNight(
            windows=windows,
            start=float(start),
            resolution=float(self._gathered.resolution),
            sampled=self._options.sampled,
            observed=_observed(edges, off={edge for edge, _ in wrong}),
            requests=requests,
            lines=sum(edge.unreadable.lines for edge in edges),
            notes=(*notes, *(what for _, what in wrong)),
        )


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Without looking for cycles: reading makes none, and millions of things to look through."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _at(sighting: Sighting) -> Seconds:
    return sighting.at


def once(files: Sequence[str]) -> Sequence[str]:
    """These files. MatchnightError: one of them is named twice."""
    for file, times in Counter(files).items():
        if times > 1:
            raise MatchnightError(f"{file}: is named {times} times; name it once")
    return files


def _check_clocks(sources: Sequence[Opened], options: LogOptions) -> None:
    read = {source.path for source in sources}
    for file in options.ahead:
        if file not in read:
            raise MatchnightError(f"{file}: a clock is given for it, and it is not read")


def _observed(edges: Sequence[EdgeLog], off: set[EdgeLog]) -> dict[Observable, Ratio]:
    """Shares of the requests each thing is known of; where clocks disagree, so does the time."""
    requests = sum(edge.requests for edge in edges)
    found = {}
    for observable, tells in _TELLS.items():
        known = sum(
            min(edge.requests, max(edge.reader.told()[each] for each in tells))
            for edge in edges
            if observable is not Observable.TIME or edge not in off
        )
        found[observable] = known / requests
    return found
