"""What a watching viewer costs in memory: the growth of the process, over its viewers.

The kernel's buffers are not in it. Parts last four seconds, so that 30,000 connections can share a
core: memory does not depend on how often a viewer asks.
"""

from concurrent.futures import ThreadPoolExecutor

from case import Bar, Case, Contender, Figures, Place, Results, median
from measure import Task
from origin import stream
from turn import play

PERIOD = 4
SMALL, LARGE, HALVES = "2,000, muxed", "15,000, muxed", "30,000, muxed, two processes"
DEMUXED, ENCRYPTED = "2,000, audio apart", "2,000, muxed, TLS"
MOST_BYTES = 5_000
LONGEST_PAUSE = 0.050  # seconds
SUMS = ("rate", "client_core", "failures", "viewers", "connections")


def watching(viewers: int, *, workers: int = 1, playlist: str = "live.m3u8") -> Contender:
    """So many viewers of ours, shared by `workers` processes on the generator's one core."""

    def turn(place: Place, url: str) -> Figures:
        url = url.replace("live.m3u8", playlist)
        tasks = [_task(place, url, viewers, worker, workers) for worker in range(workers)]
        with ThreadPoolExecutor(workers) as pool:
            return together(list(pool.map(lambda task: play(place, "crowd.py", task), tasks)))

    return turn


def _task(place: Place, url: str, viewers: int, worker: int, workers: int) -> Task:
    return Task(
        url=url,
        viewers=viewers,
        period=PERIOD,
        ramp=max(3.0, viewers // 1_500),
        settle=2.0 * PERIOD,
        measure=PERIOD,
        core=place.core,
        worker=worker,
        workers=workers,
    )


def together(parts: list[Figures]) -> Figures:
    """What processes did side by side: what adds up, added; else the worst of any."""
    return {
        name: sum(p[name] for p in parts) if name in SUMS else max(p[name] for p in parts)
        for name in parts[0]
    }


def _at_most_5_kb(contender: str) -> Bar:
    return Bar(
        text=f"a watching viewer ({contender})",
        figure=lambda results: median(results, contender, "memory_per_viewer"),
        most=MOST_BYTES,
        unit="kB",
    )


def _broken(results: Results) -> float:
    """Connections missing and requests failed among the 30,000, at worst."""
    return max(
        max(0.0, turn["viewers"] * 0.999 - turn["connections"]) + turn["failures"]
        for turn in results[HALVES]
    )


COLUMNS = (
    "connections",
    "memory_per_viewer",
    "cpu_per_request",
    "lag_p99",
    "gc_pause_max",
    "failures",
)

CASES = (
    Case(
        name="memory",
        title="Memory a watching viewer",
        about=(
            "Resident memory gained since nobody was there, over viewers. Audio apart: two "
            "playlists and two connections each."
        ),
        origin=stream(part=PERIOD, workers=2),
        contenders={
            SMALL: watching(2_000),
            LARGE: watching(15_000),
            HALVES: watching(30_000, workers=2),
            DEMUXED: watching(2_000, playlist="demuxed.m3u8"),
        },
        columns=COLUMNS,
        bars=(
            _at_most_5_kb(SMALL),
            _at_most_5_kb(LARGE),
            Bar(text="failures of 30,000 connections at once", figure=_broken, most=0.0),
            Bar(
                text="longest pause for garbage at 15,000 viewers",
                figure=lambda results: max(turn["gc_pause_max"] for turn in results[LARGE]),
                most=LONGEST_PAUSE,
                unit="ms",
            ),
        ),
        rounds=1,
    ),
    Case(
        name="memory-tls",
        title="Memory a watching viewer, TLS",
        about="The same with a TLS connection each.",
        origin=stream(part=PERIOD, tls=True),
        contenders={ENCRYPTED: watching(2_000)},
        columns=COLUMNS,
        needs=("nginx", "openssl"),
        rounds=1,
    ),
)
