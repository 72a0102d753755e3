"""What one contender says of itself: CPU, requests and memory over the same stretch of a run."""

import json
import os
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

KILOBYTE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a contender is asked to do: viewers of one playlist and one part every two seconds."""

    url: str  # of the media playlist; segments are named in it
    viewers: int
    ramp: float  # seconds in which they arrive, evenly
    settle: float  # seconds after that, before measuring
    measure: float  # seconds
    core: int  # to be pinned to

    @classmethod
    def from_argv(cls) -> "Task":
        """The task a contender was started with; pins this process to its core."""
        task = cls(**json.loads(sys.argv[1]))
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {task.core})
        return task


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What it did, in the measured stretch."""

    seconds: float
    requests: int
    failures: int
    cpu: float  # seconds of this process, user and system
    viewers: int
    memory: int  # bytes this process grew by, all viewers together
    lag_p99: float | None = None  # seconds; None: it does not know

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def cpu_per_request(self) -> float:
        """Seconds."""
        return self.cpu / self.requests

    @property
    def memory_per_viewer(self) -> float:
        """Bytes."""
        return self.memory / self.viewers

    def tell(self) -> None:
        """Print them for whoever started this process."""
        sys.stdout.write(json.dumps(asdict(self)) + "\n")


def resident() -> int:
    """Bytes of memory this process has, swapped out or not; the kernel's for sockets is extra."""
    status = Path("/proc/self/status")
    if not status.exists():  # macOS counts in bytes, and only the most there ever was
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sizes = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return sum(int(sizes[name].split()[0]) * 1024 for name in ("VmRSS", "VmSwap"))
