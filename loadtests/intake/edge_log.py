"""One edge's log while it is read: how far it is, and what of it could not be read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from loadtests.binding.scalars import quoted
from loadtests.collect.edge.sighting import Sighting
from loadtests.collect.logs.lines import LineReader
from loadtests.errors import MatchnightError
from loadtests.export.words import count
from loadtests.intake.opened import Opened
from loadtests.units import Seconds

FIRST = 1_000
"""Lines after which it is decided whether this is an access log at all."""
SHOWN = 3
"""Lines told of each kind of trouble: the next thousand are the same."""
_MOST_UNREADABLE = 0.5
_DAY: Seconds = 86_400.0


@dataclass(slots=True)
class Trouble:
    """Lines with something wrong, the first of them by name."""

    lines: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, name: str, number: int, what: str) -> None:
        """One more."""
        self.lines += 1
        if len(self.first) < SHOWN:
            self.first.append(f"{name}:{number}: {what}")


class EdgeLog:
    """Lines of one file to sightings, with its clock set right by `ahead` seconds."""

    def __init__(self, name: str, reader: LineReader, ahead: Seconds) -> None:
        """`ahead`: by how much this edge's clock is."""
        self.name = name
        self.reader = reader
        self.requests = 0
        self.unreadable = Trouble()
        self.stray = Trouble()
        self.first: Seconds = 0.0
        self.last: Seconds = 0.0
        self.reached: Seconds = float("-inf")  # of the last one that fits its neighbors
        self._ahead = ahead
        self._number = 0
        self._remarks = 0
        self._held: tuple[int, Sighting] | None = None

    def read(self, lines: list[str]) -> Iterator[Sighting]:
        """The requests these lines tell of. MatchnightError: they are no access log's."""
        read, was = self.reader.read, self._number
        for number, line in enumerate(lines, start=self._number + 1):
            self._number = number
            sighting = read(line)
            if sighting is None:
                self._missed(number, line)
                continue
            if self._ahead:
                sighting = sighting._replace(at=sighting.at - self._ahead)
            if -_DAY < sighting.at - self.reached < _DAY:
                self._accept(sighting)
                yield sighting
            else:
                yield from self._held_back(number, sighting)
        if was < FIRST <= self._number:
            self.check()

    def requests_of(self, source: Opened) -> Iterator[Sighting]:
        """The requests there are so far. MatchnightError: most lines are no access log's."""
        for lines in source.complete():
            yield from self.read(lines)

    def end(self, source: Opened) -> Iterator[Sighting]:
        """What is left when there is no more. MatchnightError: as above."""
        for lines in source.rest():
            yield from self.read(lines)
        if self._held is not None:
            number, sighting = self._held
            if self.requests:
                self._strayed(number, sighting)
            else:
                self._accept(sighting)
                yield sighting
        self.check()

    def check(self) -> None:
        """MatchnightError: most of what was read is no access log's."""
        told = self._number - self._remarks
        if told and self.unreadable.lines > _MOST_UNREADABLE * told:
            first = "\n".join(self.unreadable.first)
            raise MatchnightError(
                f"{self.name}: {count(self.unreadable.lines)} of {count(told)} lines are no access "
                "log's that is understood (common, combined, JSON, W3C); write the names of its "
                f"fields into a map, or leave the file out. The first are\n{first}"
            )

    def _accept(self, sighting: Sighting) -> None:
        at = self.reached = sighting.at
        if not self.requests:
            self.first = self.last = at
        self.first, self.last = min(self.first, at), max(self.last, at)
        self.requests += 1

    def _held_back(self, number: int, sighting: Sighting) -> Iterator[Sighting]:
        """A time a day or more from the last: it counts if the next is near it, too."""
        held, self._held = self._held, (number, sighting)
        if held is None:
            return
        if abs(sighting.at - held[1].at) < _DAY:
            self._held = None
            self._accept(held[1])
            yield held[1]
            self._accept(sighting)
            yield sighting
        else:
            self._strayed(*held)

    def _strayed(self, number: int, sighting: Sighting) -> None:
        self.stray.add(self.name, number, f"its time is {spelled(sighting.at)}")

    def _missed(self, number: int, line: str) -> None:
        if self.reader.is_remark(line):
            self._remarks += 1
        else:
            self.unreadable.add(self.name, number, quoted(line))


def spelled(at: Seconds) -> str:
    """A moment in UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
