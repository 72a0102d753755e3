"""wrk as a contender: the leanest closed loop there is, in C."""

import os
import re
import subprocess

from case import Contender, Figures, Place

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_PERCENTILE = re.compile(r"^ +(50|99)% +([0-9.]+)(us|ms|s|m)$", re.MULTILINE)
_REQUESTS = re.compile(r"^ +(\d+) requests in ([0-9.]+)(us|ms|s|m),", re.MULTILINE)
_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_REFUSED = re.compile(r"Non-2xx or 3xx responses: (\d+)")


def wrk(*, connections: int, closes: bool = False) -> Contender:
    """One thread of it; `closes`: a new connection for each request."""
    header = ["-H", "Connection: close"] if closes else []
    options = ["-t", "1", "-c", str(connections), "--latency", *header]

    def play(place: Place, url: str) -> Figures:
        said, cpu = run(["wrk", *options, "-d", f"{place.seconds:.0f}", url], place.core)
        return figures(said, cpu)

    return play


def run(command: list[str], core: int) -> tuple[str, float]:
    """What a command pinned to a core prints, and its CPU seconds, user and system.

    RuntimeError if it fails.
    """
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, {core})
    said, complaint = (stream.read() for stream in (process.stdout, process.stderr) if stream)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with status {process.returncode}: {complaint}")
    return said, usage.ru_utime + usage.ru_stime


def figures(said: str, cpu: float) -> Figures:
    """What wrk printed, in SI units. RuntimeError: it counted no request."""
    counted = _REQUESTS.search(said)
    if counted is None or not int(counted[1]):
        raise RuntimeError(f"wrk counted no request: {said}")
    requests, seconds = int(counted[1]), float(counted[2]) * _UNITS[counted[3]]
    times = {at: float(time) * _UNITS[unit] for at, time, unit in _PERCENTILE.findall(said)}
    wrong = [*_ERRORS.findall(said), *((count,) for count in _REFUSED.findall(said))]
    return {
        "rate": requests / seconds,
        "cpu_per_request": cpu / requests,
        "client_core": cpu / seconds,
        "failures": sum(int(count) for counts in wrong for count in counts),
        "latency_p50": times["50"],
        "latency_p99": times["99"],
    }
