"""Response times against a target that answers after exactly ten milliseconds."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from socket import create_connection

from case import Bar, Case, Contender, Figures, Place, Results, median
from origin import free_port
from ours import Work, ours
from turn import compiled
from wrk import wrk

DELAY = 0.010  # seconds
RATE = 200.0  # requests a second
CLIMB = 30  # seconds at most
AT_RATE, CLIMBING = "matchnight, 200/s", "matchnight, climbing"
BELOW, BEYOND = "matchnight, 80 % of its most", "matchnight, 130 % of its most"
WRK = "wrk, two connections"


@contextmanager
def delayed(place: Place) -> Iterator[str]:
    """c/delay.c."""
    port = free_port()
    command = [compiled(place, "delay"), str(port), f"{DELAY * 1e6:.0f}"]
    process = subprocess.Popen(command)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, {place.server_core})
    (place.folder / "delay.pid").write_text(str(process.pid))
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with suppress(OSError):
            create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.05)
    raise RuntimeError("c/delay.c does not answer")


def climbing(place: Place, url: str) -> Figures:
    """A twentieth more every second until one is too much; remembers the last that was not."""
    work = Work(lines=100, rate=15_000, growth=1.05)
    said = ours(work)(replace(place, seconds=CLIMB), url)
    (place.folder / "maximum").write_text(str(said["maximum"]))
    return said


def at(share: float) -> Contender:
    """A share of the most that was found in this round."""

    def play(place: Place, url: str) -> Figures:
        rate = share * float((place.folder / "maximum").read_text())
        return ours(Work(lines=max(1, round(rate * DELAY)), rate=rate))(place, url)

    return play


def _most(contender: str, figure: str, text: str, seconds: float) -> Bar:
    return Bar(
        text=f"{text} ({contender})",
        figure=lambda results: median(results, contender, figure),
        most=seconds,
        unit="ms",
    )


def _least_flags(results: Results) -> float:
    return min(turn["flags"] for turn in results[BEYOND])


CASE = Case(
    name="latency",
    title="Response times of a target that takes 10 ms",
    about=(
        "An epoll loop in C answers every request 10 ms after it came in. Requests are due evenly, "
        "whatever comes back (an open loop); response times count from when they were due. The "
        "most: a twentieth more every second, until a core is full or requests start 100 ms late."
    ),
    origin=delayed,
    contenders={
        AT_RATE: ours(Work(lines=4, rate=RATE)),
        WRK: wrk(connections=round(RATE * DELAY)),
        CLIMBING: climbing,
        BELOW: at(0.8),
        BEYOND: at(1.3),
    },
    columns=(
        "rate",
        "latency_p50",
        "latency_p99",
        "lag_p99",
        "client_core",
        "server_core",
        "flags",
    ),
    bars=(
        _most(AT_RATE, "latency_p50", "response time p50", 0.0105),
        _most(AT_RATE, "latency_p99", "response time p99", 0.013),
        _most(BELOW, "lag_p99", "start lag p99", 0.005),
        _most(BELOW, "latency_p99", "response time p99", DELAY + 0.015),
        Bar(
            text="what the tool itself says of its overload, in sentences",
            figure=_least_flags,
            least=1.0,
        ),
        Bar(
            text="what it says where it is not overloaded",
            figure=lambda results: median(results, BELOW, "flags"),
            most=0.0,
        ),
    ),
    needs=("cc", "wrk"),
)
