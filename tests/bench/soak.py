"""Half an hour of 10,000 watching connections: does memory stay flat?

    python tests/bench/soak.py [--minutes 30] [--viewers 10000]

Parts last four seconds, so that it leaves the machine room for other work. Results go to
reports/benchmarks/, like those of `make bench`.
"""

import argparse
import os
import statistics
import sys
import threading
import time

import run
import turn
from case import Bar, Case, Contender, Figures, Place, median
from measure import Task, resident
from origin import stream

PERIOD = 4
SETTLE = 30.0  # seconds; buffers are full and every playlist was seen
EVERY = 10.0  # seconds between looks at memory
OURS = "matchnight"
MOST_GROWTH = 0.02
LONGEST_PAUSE = 0.050


def watched(viewers: int, seconds: float) -> Contender:
    """So many viewers, and their process's memory all the while."""

    def play(place: Place, url: str) -> Figures:
        task = Task(
            url=url,
            viewers=viewers,
            period=PERIOD,
            ramp=max(3.0, viewers // 1_000),
            settle=SETTLE,
            measure=seconds,
            core=place.core,
        )
        command = [sys.executable, str(turn.HERE / "crowd.py"), task.to_argv()]
        with turn.started(place, command, expected=turn.seconds(task)) as process:
            memory = Memory(process.pid)
            figures = turn.listen(place, process)
            course = memory.since(time.monotonic() - seconds)
        said = {name: f for name, f in figures.items() if not name.startswith("lag_max_")}
        return {**said, **growth(course), **{f"memory_{n}": m for n, m in enumerate(course)}}

    return play


class Memory:
    """A process's memory, looked at every ten seconds until it is asked for."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._seen: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()

    def _look(self) -> None:
        while not self._stop.wait(EVERY):
            self._seen.append((time.monotonic(), resident(self._process)))

    def since(self, moment: float) -> list[int]:
        """Bytes, look by look, from a moment until now."""
        self._stop.set()
        self._looking.join()
        return [size for at, size in self._seen if at >= moment]


def growth(course: list[int]) -> dict[str, float]:
    """The last quarter's mean beside the first's. ValueError with less than four looks."""
    quarter = len(course) // 4
    if not quarter:
        raise ValueError("too short a soak to see growth in: take a minute at least")
    first, last = statistics.mean(course[:quarter]), statistics.mean(course[-quarter:])
    return {"memory_first": first, "memory_last": last, "memory_growth": last / first - 1}


def soak(viewers: int, seconds: float) -> Case:
    """As a case."""
    return Case(
        name="soak",
        title=f"{viewers:,} connections for {seconds / 60:g} minutes",
        about="Resident memory every ten seconds after settling: the last quarter's mean beside "
        "the first's.",
        origin=stream(part=PERIOD),
        contenders={OURS: watched(viewers, seconds)},
        columns=(
            "connections",
            "memory_first",
            "memory_last",
            "memory_growth",
            "lag_p99",
            "lag_max",
            "gc_pause_max",
            "failures",
        ),
        bars=(
            Bar(
                text="growth of memory",
                figure=lambda results: median(results, OURS, "memory_growth"),
                most=MOST_GROWTH,
                unit="%",
            ),
            Bar(
                text="longest pause for garbage",
                figure=lambda results: median(results, OURS, "gc_pause_max"),
                most=LONGEST_PAUSE,
                unit="ms",
            ),
            Bar(
                text="failures",
                figure=lambda results: median(results, OURS, "failures"),
                most=0,
            ),
        ),
        rounds=1,
    )


def main() -> int:
    """As `make bench`: 0 if all bars are cleared, 1 if not, 2 if it cannot run here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--viewers", type=int, default=10_000)
    parser.set_defaults(rounds=1, seconds=0.0)  # the case says otherwise
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0, 1]
    return run.judge([soak(options.viewers, 60 * options.minutes)], options, cores)


if __name__ == "__main__":
    sys.exit(main())
