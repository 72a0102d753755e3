"""The master's book on one run: who plays which share, what came in, what is still missing."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.export.archive import Archive
from loadtests.swarm.messages import Inbox, Parcel
from loadtests.units import Seconds


class Reason(StrEnum):
    """Why a run stopped."""

    FINISHED = "finished"  # the window was played to its end
    DECIDED = "decided"  # a trial: what it is to show has been seen
    INTERRUPTED = "interrupted"  # somebody stopped it
    FAILED = "failed"  # our own mistake, or nobody was left to play
    WITHDRAWN = "withdrawn"  # the target's agreement is gone, or it said stop
    ABORTED = "aborted"  # a figure of the run's own, or of real users, left its bounds
    SILENT = "silent"  # what real users see could not be heard any more
    CANARY = "canary"  # the canary was not clean: the run ended before it began


class _Member:
    """One worker of the crew: its index is its place in the list the run began with."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.inbox = Inbox()
        self.is_here = False
        self.is_lost = False
        self.last: int | None = None  # number of its last parcel, once known
        self.second = -1  # of the last window filed

    @property
    def has_played(self) -> bool:
        """Whether everything it had to say has come."""
        return self.last is not None and self.inbox.is_complete(self.last)


class Rehearsal:
    """One run, from the first greeting to the last window; each is counted once."""

    def __init__(self, run: str, archive: Archive, crew: Sequence[str], *, seconds: int) -> None:
        """`run` is the run's id, `crew` the workers' ids, in the order of their indices.

        `seconds`: windows each of them delivers if nobody stops it.
        """
        self.run = run
        self.seconds = seconds
        self.archive = archive
        self.timeline = Timeline()
        self.start: Seconds | None = None  # the barrier, once everybody is here
        self.reason: Reason | None = None  # why it stopped, once it has
        self._crew = {worker: _Member(index) for index, worker in enumerate(crew)}
        self._unfiled: dict[int, Window] = {}  # by second: accepted, all workers together

    @property
    def crew(self) -> list[str]:
        """The workers' ids; who is at place i plays share i."""
        return list(self._crew)

    @property
    def plays(self) -> bool:
        """Whether it has begun and not stopped."""
        return self.start is not None and self.reason is None

    def greet(self, worker: str) -> bool:
        """A worker says it is here; whether everybody is, and the run can begin."""
        member = self._crew.get(worker)
        if member is None or self.start is not None:
            return False
        member.is_here = True
        return all(m.is_here for m in self._crew.values())

    def begin(self, start: Seconds) -> None:
        """Everybody is here: the run begins at `start`, the barrier."""
        self.start = start
        self.archive.event("started", start, run=self.run)

    def accept(self, worker: str, parcel: Parcel) -> bool:
        """Whether the parcel is new; if so its window counts, and is filed by the next `file`."""
        member = self._crew.get(worker)
        if member is None or not member.inbox.accept(parcel.number):
            return False
        if parcel.last:
            member.last = parcel.number
        window = Window.from_json(parcel.window)
        member.second = max(member.second, window.second)
        known = self._unfiled.setdefault(window.second, window)
        if known is not window:
            known.merge(window)
        return True

    def file(self) -> list[Window]:
        """What was accepted since the last call, a window for each second, in folder and timeline.

        Filed together, a thousand workers cost the folder no more than one.
        """
        filed, self._unfiled = list(self._unfiled.values()), {}
        for window in filed:
            self.archive.append(window)
            self.timeline.add(window)
        return filed

    def lose(self, worker: str, at: Seconds) -> bool:
        """A worker is gone; whether that is news: it had not played its share to the end."""
        member = self._crew.get(worker)
        if member is None or member.is_lost or member.has_played:
            return False
        member.is_lost = True
        self.archive.event("worker_lost", at, worker=member.index)
        return True

    def awaited(self) -> list[str]:
        """Workers still playing, or with windows on their way."""
        return [w for w, m in self._crew.items() if not (m.is_lost or m.has_played)]

    @property
    def seconds_complete(self) -> int:
        """How many seconds of the run everybody still there has delivered."""
        seconds = [m.second + 1 for m in self._crew.values() if not (m.is_lost or m.has_played)]
        everybody = (m.second + 1 for m in self._crew.values())
        return min(seconds, default=max(everybody))

    @property
    def is_deserted(self) -> bool:
        """Whether no worker is left."""
        return all(member.is_lost for member in self._crew.values())

    def notice(self, kind: str, at: Seconds, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
        """Note something that happened."""
        self.archive.event(kind, at, **facts)

    def finish(self, at: Seconds) -> Reason:
        """Everybody has played or is lost: the last word, and why if they were stopped early."""
        early = [m for m in self._crew.values() if m.has_played and m.second + 1 < self.seconds]
        reason = Reason.INTERRUPTED if len(early) == len(self._crew) else Reason.FINISHED
        if reason is Reason.FINISHED:
            for member in early:  # somebody ended this process alone
                self.archive.event("worker_lost", at, worker=member.index)
        self.stop(reason, at)
        return reason

    def stop(self, reason: Reason, at: Seconds, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
        """The last word; only the first one counts."""
        if self.reason is None:
            self.file()
            self.reason = reason
            self.archive.event("stopped", at, reason=reason, **facts)
            self.archive.close()
