"""What the testbed says of every request: one line each, whatever became of it; and counts."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from loadtests.errors import MatchnightError
from loadtests.stack.exchange import Answer, Cache, Stated
from loadtests.testbed.journal import Journal
from loadtests.units import Seconds
from loadtests.vocabulary import Step

BAD_REQUEST = 400
"""Status of a request whose client hung up before it was complete: nginx's convention."""

TIMED_OUT = 408
"""Status of a request that was not sent, or whose answer was not taken, in time."""

UNAVAILABLE = 503
"""Status of a request for which no connection was left."""

CLIENT_CLOSED = 499
"""Status of a request whose answer nobody waited for: nginx's convention."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One request whose head is complete; `answer` and what follows are filled in as it goes."""

    begun: Seconds
    request_id: str | None
    client: str
    method: str
    path: str
    attempt: int
    step: Step | None = None  # None: no step of a viewer
    account: str | None = None
    cache: Cache = None
    status: int = 500  # this and `outcome` hold if nothing better is ever known
    outcome: Stated = Stated.SERVER_ERROR
    # what it is if its client goes away first: before it has asked, it is no good request
    lost_as: Stated = Stated.CLIENT_ERROR
    lost_status: int = BAD_REQUEST
    size: int = 0  # of the body; 0 for an answer cut short: nobody can say how much arrived


@dataclass(slots=True)
class Logs:
    """The files of one testbed, and what has been counted: `counts` by step and outcome.

    Without a folder it only counts.
    """

    access: Journal | None = None
    ledger: Journal | None = None
    health: Journal | None = None
    counts: Counter[tuple[Step | None, Stated]] = field(default_factory=Counter)

    @classmethod
    def into(cls, folder: Path) -> "Logs":
        """Logs that begin anew in this folder, made if missing. MatchnightError if it cannot be."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise MatchnightError(f"cannot make {folder}: {problem.strerror}") from None
        return cls(
            access=Journal(folder / "access.jsonl"),
            ledger=Journal(folder / "ledger.jsonl"),
            health=Journal(folder / "health.jsonl"),
        )

    def decided(self, answer: Answer, request_id: str | None) -> None:
        """The stack decided about a viewer at a joining step: ground truth, delivered or not."""
        if self.ledger is None or not answer.is_decision:
            return
        let_in = answer.outcome is Stated.OK
        self.ledger.add(
            {
                "time": round(answer.at, 6),
                "request_id": request_id,
                "account": answer.account,
                "step": answer.step,
                "verdict": "admitted" if let_in else "refused",
                "why": answer.outcome,
            }
        )

    def ended(self, entry: Entry, time: Seconds) -> None:
        """The request is over: its line."""
        self.counts[entry.step, entry.outcome] += 1
        if self.access is None:
            return
        self.access.add(
            {
                "time": round(time, 6),
                "request_id": entry.request_id,
                "client": entry.client,
                "account": entry.account,
                "step": entry.step,
                "method": entry.method,
                "path": entry.path,
                "status": entry.status,
                "outcome": entry.outcome,
                "bytes": entry.size,
                "duration": round(time - entry.begun, 6),
                "cache": entry.cache,
                "attempt": entry.attempt,
            }
        )

    def flush(self) -> None:
        """Hand everything to the system."""
        for journal in (self.access, self.ledger, self.health):
            if journal is not None:
                journal.flush()

    def close(self) -> None:
        """Flush for the last time."""
        for journal in (self.access, self.ledger, self.health):
            if journal is not None:
                journal.close()
