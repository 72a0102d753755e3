"""The report of a long run: `matchnight report` on the folder of two hours of four workers."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from case import Bar, Case, Figures, Place, median
from synthetic import EVENING, FAILING, MANIFEST, SCENARIO, Pool, scenario

from loadtests.audience.crowd import planned
from loadtests.collect.window import Window
from loadtests.export.archive import WINDOWS, Archive

SECONDS = 7_200
WORKERS = MANIFEST.workers
LOADS = (250, 500, 1_000, 2_000)  # requests a second and worker, as the evening fills
FULL = 2_000
RISE = 420  # seconds from one load to the next
INCIDENT = range(1_680, 2_400)  # from two minutes before kick-off to ten after it
SPLIT = 5  # in one second of so many, the workers' windows do not arrive together
MINUTES_BEFORE = 30  # that the run begins before kick-off
STATUS_PASSED = 0
MOST_SECONDS = 120  # a turn that takes longer hangs


@contextmanager
def archive(place: Place) -> Iterator[str]:
    """The folder of the run, written as a master writes it; gives its path."""
    folder = place.folder / "two-hours"
    calm = [Pool(EVENING, load, seed=load) for load in LOADS]
    failing, joining = Pool((*EVENING, *FAILING), FULL), planned(scenario())
    with Archive.create(folder, MANIFEST, SCENARIO) as run:
        run.event("started", 0.0)
        for second in range(SECONDS):
            pool = calm[min(second // RISE, len(calm) - 1)]
            joins = round(joining[second] / WORKERS)
            for window in _lines(failing if second in INCIDENT else pool, second, joins):
                run.append(window)
        run.event("stopped", float(SECONDS), reason="finished")
    yield str(folder)


def _lines(pool: Pool, second: int, joins: int) -> list[Window]:
    black = joins // 3 if second in INCIDENT else 0
    minute = second // 60 - MINUTES_BEFORE
    windows = [
        pool.window(second, WORKERS * second + worker, minute=minute, joins=joins, black=black)
        for worker in range(WORKERS)
    ]
    cut = WORKERS // 2 if second % SPLIT == 0 else WORKERS
    return [_merged(part) for part in (windows[:cut], windows[cut:]) if part]


def _merged(windows: list[Window]) -> Window:
    for window in windows[1:]:
        windows[0].merge(window)
    return windows[0]


def report(place: Place, folder: str) -> Figures:
    """`matchnight report`, from the start of the process to its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "loadtests", "report", folder],
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=MOST_SECONDS,
        preexec_fn=lambda: os.sched_setaffinity(0, {place.core}),
    )
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != STATUS_PASSED:
        raise RuntimeError(f"matchnight report ended with status {done.returncode}")
    return {
        "wall": wall,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory": after.ru_maxrss * 1024,  # of the largest child so far
        **_sizes(Path(folder)),
    }


def _sizes(folder: Path) -> dict[str, float]:
    requests = json.loads((folder / "summary.json").read_text())["requests"]["sent"]
    names = {
        "windows": WINDOWS,
        "page": "report.html",
        "summary": "summary.json",
        "metrics": "metrics.prom",
    }
    sizes = {name: float((folder / file).stat().st_size) for name, file in names.items()}
    return {"requests": requests, **sizes}


CASE = Case(
    name="two-hours",
    title="The report of two hours",
    about=(
        f"`matchnight report` on a run of {SECONDS:,} seconds, {WORKERS} workers and 10 series (20 "
        "while it fails), from the process's start to its end, on one core."
    ),
    origin=archive,
    contenders={"matchnight report": report},
    columns=("wall", "cpu", "memory", "page", "summary", "metrics", "windows", "requests"),
    bars=(
        Bar(
            text="seconds until a two-hour run is redrawn",
            figure=lambda results: median(results, "matchnight report", "wall"),
            most=5.0,
            unit="s",
        ),
        Bar(
            text="CPU of that",
            figure=lambda results: median(results, "matchnight report", "cpu"),
            most=5.0,
            unit="s",
        ),
        Bar(
            text="size of its page",
            figure=lambda results: median(results, "matchnight report", "page"),
            most=1e6,
            unit="MB",
        ),
    ),
    needs=(),
)
