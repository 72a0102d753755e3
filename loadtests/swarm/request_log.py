"""Every request and every viewer of a run, one line each, to be recounted (`--request-log`).

Times are epoch seconds, but for a viewer's `at`, which counts from the start of the run.

All workers of a machine append to the same two files: whole lines, written in one piece each, so
that they mix without tearing (O_APPEND, POSIX write(2)). A worker elsewhere writes where it runs.
"""

import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.session import Observer
from loadtests.behavior.steps import Progress, Reply
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact

REQUESTS = "requests.jsonl"
VIEWERS = "viewers.jsonl"


class RequestLog:
    """The log of one worker, and an `Observer` that passes on to the one it stands before.

    `replied` runs in the loop's callbacks and only remembers; `flush` writes.
    """

    def __init__(self, folder: Path, worker: int, observer: Observer) -> None:
        """Begin both files in `folder`, if they are not there yet."""
        folder.mkdir(parents=True, exist_ok=True)
        self._worker = worker
        self._observer = observer
        self._replies: list[tuple[Reply, int]] = []
        self._viewers: list[dict[str, Any]] = []
        self._undecided: dict[int, Arrival] = {}
        self._files = {name: _appending(folder / name) for name in (REQUESTS, VIEWERS)}

    def replied(self, reply: Reply, viewer: int) -> None:
        """A request ended."""
        self._replies.append((reply, viewer))

    def arrived(self, arrival: Arrival) -> None:
        """A viewer turned up."""
        self._undecided[arrival.index] = arrival

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:
        """What became of a viewer is known."""
        self._undecided.pop(arrival.index, None)
        self._note(arrival, end, at)
        self._observer.decided(arrival, end, at)

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:
        """Passed on: what players do is no line of its own."""
        self._observer.played(arrival, progress, at)

    def noted(self, arrival: Arrival, fact: Fact, at: Seconds) -> None:
        """Passed on."""
        self._observer.noted(arrival, fact, at)

    def left(self, arrival: Arrival, at: Seconds) -> None:
        """Passed on: the line was written when the viewer's end was decided."""
        self._observer.left(arrival, at)

    def flush(self) -> None:
        """Write what has come since the last time."""
        replies, self._replies = self._replies, []
        viewers, self._viewers = self._viewers, []
        self._write(REQUESTS, (self._request(reply, viewer) for reply, viewer in replies))
        self._write(VIEWERS, viewers)

    def close(self, in_flight: Iterable[tuple[Reply, int]]) -> None:
        """The run is over: requests `in_flight` have no outcome, viewers still starting no end."""
        self.flush()
        self._write(
            REQUESTS,
            (self._request(r, v) | {"done": None, "outcome": None} for r, v in in_flight),
        )
        for arrival in self._undecided.values():
            self._note(arrival, None, None)
        self.flush()
        for file in self._files.values():
            os.close(file)

    def _note(self, arrival: Arrival, end: End | None, at: Seconds | None) -> None:
        self._viewers.append(
            {"index": arrival.index, "at": arrival.at, "end": end, "decided_at": at}
        )

    def _request(self, reply: Reply, viewer: int) -> dict[str, Any]:
        return {
            "id": f"{self._worker}-{reply.id}" if reply.id else None,  # None: it never left
            "viewer": viewer,
            "step": reply.fetch.step,
            "attempt": reply.fetch.attempt,
            "due": reply.due,
            "sent": reply.sent if reply.id else None,
            "first_byte": None if math.isnan(reply.first_byte) else reply.first_byte,
            "done": reply.done,
            "status": reply.status,
            "outcome": reply.outcome,
            "bytes": reply.size,
        }

    def _write(self, name: str, records: Iterable[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
        if lines:
            os.write(self._files[name], lines.encode())


def _appending(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
