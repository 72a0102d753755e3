"""The master: windows of a thousand workers a second, from the message to folder and tables."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from case import Bar, Case, Figures, Place, median

SCRIPT = Path(__file__).with_name("master.py")
SECONDS = 24  # simulated
WORKERS = 1_000
BESIDE = 100
MOST_SECONDS = 120  # a turn that takes longer hangs


@contextmanager
def nothing(_: Place) -> Iterator[str]:
    """Nobody is asked."""
    yield ""


def master(workers: int, place: Place, _: str) -> Figures:
    """A run of so many workers."""
    turn = {"workers": workers, "seconds": SECONDS, "folder": str(place.folder), "core": place.core}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), json.dumps(turn)],
        stdout=subprocess.PIPE,
        check=True,
        timeout=MOST_SECONDS,
    )
    figures: Figures = json.loads(done.stdout)
    return figures


CASE = Case(
    name="merge",
    title="Workers' windows on the master",
    about=(
        f"Each worker tells a window of 20 series a second, for {SECONDS} simulated seconds: "
        "decoded, counted once, added up, written, watched, put into Locust's tables and "
        "acknowledged. Counted: CPU per simulated second, and what folder and memory grow by in it "
        "(memory: in the second half)."
    ),
    origin=nothing,
    contenders={f"{workers:,} workers": partial(master, workers) for workers in (WORKERS, BESIDE)},
    columns=("core", "cpu_per_window", "written", "growth"),
    bars=(
        Bar(
            text=f"share of a core that the windows of {WORKERS:,} workers keep busy",
            figure=lambda results: median(results, f"{WORKERS:,} workers", "core"),
            most=0.5,
            unit="%",
        ),
    ),
    needs=(),
)
