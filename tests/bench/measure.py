"""What a contender is told and what it says of itself: figures over one stretch of its run."""

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

MEASURING = "measuring"  # said by a contender when its measured stretch begins
SPARE = 200  # descriptors of a process beside its viewers' connections
PATTERN = 2.0  # seconds in which a viewer asks for a playlist and a part: a request a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Viewers of one playlist and one 20 kB part every so often."""

    url: str  # of the playlist they come to; segments are named in it
    viewers: int  # connections, of all workers together
    period: float = PATTERN  # seconds between a viewer's rounds: the stream's target duration
    ramp: float  # seconds in which they arrive, evenly
    settle: float  # seconds after that, before measuring
    measure: float  # seconds
    core: int  # to be pinned to
    worker: int = 0
    workers: int = 1  # among whom the viewers are shared
    is_wave: bool = False  # the ramp is what is measured: no settling before it

    @classmethod
    def from_argv(cls) -> "Task":
        """The task a contender was started with; makes this process ready for it.

        Pins it to its core. RuntimeError where it may not have as many descriptors as it needs.
        """
        task = cls(**json.loads(sys.argv[1]))
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {task.core})
        _allow_descriptors(round(task.share) + SPARE)
        return task

    def to_argv(self) -> str:
        """For a contender's command line."""
        return json.dumps(asdict(self))

    @property
    def share(self) -> float:
        """Viewers of this worker."""
        return self.viewers / self.workers

    @property
    def intended_rate(self) -> float:
        """Requests per second of this worker's viewers."""
        return self.share * PATTERN / self.period


def _allow_descriptors(wanted: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 2 * wanted if hard == resource.RLIM_INFINITY else hard  # twice: audio may be apart
    if most < wanted:
        raise RuntimeError(f"{wanted} descriptors are needed and the limit is {hard}: ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Stretch:
    """CPU, time and memory since it began."""

    def __init__(self) -> None:
        self._cpu, self._at = time.process_time(), time.monotonic()
        sys.stdout.write(MEASURING + "\n")
        sys.stdout.flush()

    def figures(self, *, requests: int, failures: int) -> dict[str, float]:
        """What this process did since then."""
        cpu, seconds = time.process_time() - self._cpu, time.monotonic() - self._at
        return {
            "rate": requests / seconds,
            "cpu_per_request": cpu / max(requests, 1),
            "client_core": cpu / seconds,
            "failures": failures,
        }


class Pauses:
    """The longest time the garbage collector held this process up, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._began = 0.0
        gc.callbacks.append(self._told)

    def _told(self, phase: str, _info: Mapping[str, int]) -> None:
        at = time.perf_counter()
        if phase == "start":
            self._began = at
        else:
            self.longest = max(self.longest, at - self._began)


def tell(figures: Mapping[str, float]) -> None:
    """Give the figures to whoever started this process."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def resident(process: int | None = None) -> int:
    """Bytes of memory a process (this one) has, swapped out or not; kernel's for sockets is extra.

    Where there is no /proc only one's own are known.
    """
    status = Path("/proc", str(process or "self"), "status")
    if not status.exists():  # macOS counts in bytes, and only the most there ever was
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sizes = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return sum(int(sizes[name].split()[0]) * 1024 for name in ("VmRSS", "VmSwap"))
