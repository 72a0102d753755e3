"""A master's whole way of filing windows, on the CPU's clock: see case_merge."""

import json
import os
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from locust.rpc.protocol import Message
from locust.stats import RequestStats
from measure import resident, tell
from synthetic import EVENING, FAILING, MANIFEST, SCENARIO, Pool, scenario

from loadtests.export.archive import WINDOWS, Archive
from loadtests.swarm import messages
from loadtests.swarm.filing import Filing
from loadtests.swarm.locust_environment import Body
from loadtests.swarm.messages import Outbox
from loadtests.swarm.rehearsal import Rehearsal
from loadtests.swarm.watch import Watch

LOOKS = 4  # a second: the master's LOOK_EVERY
REQUESTS = 2_000  # a second and worker


class Master:
    """A run of `workers` that has begun, with everything its windows go through."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.names = [f"worker_{number}" for number in range(workers)]
        self._outboxes = {name: Outbox() for name in self.names}
        archive = Archive.create(folder, MANIFEST, SCENARIO)
        self._rehearsal = Rehearsal("bench", archive, self.names, seconds=3600)
        for name in self.names:
            self._rehearsal.greet(name)
        self._rehearsal.begin(0.0)
        self._watch = Watch(scenario(), [folder], [])
        self._stats = RequestStats()
        self._filing = Filing(self._rehearsal, self._watch, self._stats)

    def posted(self, pool: Pool, second: int) -> list[bytes]:
        """What the workers send at the end of a second, as it comes off the wire."""
        return [self._posted(pool, second, number) for number in range(len(self.names))]

    def _posted(self, pool: Pool, second: int, number: int) -> bytes:
        name = self.names[number]
        window = pool.window(second, 7 * second + number, minute=0, joins=7, black=2)
        parcel = self._outboxes[name].post(window, float(second))
        body = {"run": "bench"} | parcel.to_json()
        return _packed(messages.WINDOW, body, name)

    def take(self, raw: bytes) -> bytes:
        """As Locust receives, and what it sends."""
        worker, body = _unpacked(raw)
        self._filing.take(worker, body)
        return _packed(messages.ACCEPTED, messages.receipt(body), worker)

    def look(self, at: float) -> None:
        """As the master does every LOOK_EVERY."""
        rehearsal = self._rehearsal
        rehearsal.awaited()
        self._filing.file()
        if (cause := self._watch.look(rehearsal.seconds_complete, at)) is not None:
            raise RuntimeError(cause.text)

    def acknowledged(self, answers: list[bytes]) -> None:
        """As the workers receive; RuntimeError if a window got lost."""
        for raw in answers:
            worker, body = _unpacked(raw)
            self._outboxes[worker].acknowledged(body["number"])
        if not all(outbox.is_empty for outbox in self._outboxes.values()):
            raise RuntimeError("a window was not acknowledged")

    def check(self, seconds: int) -> None:
        """RuntimeError if what came out is not what went in."""
        total = self._rehearsal.timeline.total
        told = sum(tally.count for tally in total.ended.values())
        counted = self._stats.total.num_requests
        if (total.workers, counted) != (seconds * len(self.names), told):
            raise RuntimeError(f"{total.workers} windows; {told} requests, {counted} at Locust's")


def _packed(kind: str, body: Body, worker: str) -> bytes:
    untyped: Any = Message  # Locust's has no types
    raw: bytes = untyped(kind, body, worker).serialize()
    return raw


def _unpacked(raw: bytes) -> tuple[str, Body]:
    untyped: Any = Message
    message = untyped.unserialize(raw)
    return message.node_id, message.data


def main() -> None:
    """Play the turn, tell its figures."""
    turn = json.loads(sys.argv[1])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {turn["core"]})
    pool = Pool((*EVENING, *FAILING), REQUESTS)
    with TemporaryDirectory(dir=turn["folder"]) as folder:
        master = Master(Path(folder, "run"), turn["workers"])
        cores, sizes = [], []
        for second in range(turn["seconds"]):
            cores.append(_second(master, master.posted(pool, second), second + 1.0))
            sizes.append(resident())
        master.check(turn["seconds"])
        written = Path(folder, "run", WINDOWS).stat().st_size / turn["seconds"]
    core, half = statistics.median(cores), len(sizes) // 2  # by then caches are full
    tell(
        {
            "core": core,
            "cpu_per_window": core / turn["workers"],
            "written": written,
            "growth": (sizes[-1] - sizes[half]) / (len(sizes) - 1 - half),
        }
    )


def _second(master: Master, posted: list[bytes], at: float) -> float:
    """CPU seconds of the master's; the windows come in over the whole second."""
    answers, part = list[bytes](), -(-len(posted) // LOOKS)
    began = time.process_time()
    for first in range(0, len(posted), part):
        answers += [master.take(raw) for raw in posted[first : first + part]]
        master.look(at)
    spent = time.process_time() - began
    master.acknowledged(answers)
    return spent


if __name__ == "__main__":
    main()
