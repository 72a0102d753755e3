"""One turn of a contender: a process of its own, watched together with its server."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from case import Figures, Place
from certificate import AUTHORITY
from measure import MEASURING, Task

HERE = Path(__file__).parent
HANGS = 90.0  # seconds beyond what a turn should take
_UTIME, _STIME = 11, 12  # in /proc/<pid>/stat behind the command's name: proc(5)


def play(place: Place, script: str, task: Task) -> Figures:
    """One turn of a Python contender of this folder."""
    return run(place, [sys.executable, str(HERE / script), task.to_argv()], expected=seconds(task))


def seconds(task: Task) -> float:
    """How long a task takes, without what starting the process does."""
    return task.ramp + task.settle + task.measure


def run(place: Place, command: Sequence[str], *, expected: float) -> Figures:
    """What the process says of its measured stretch, and how busy the server was in it.

    RuntimeError if it says nothing, or hangs.
    """
    with started(place, command, expected=expected) as process:
        return listen(place, process)


@contextmanager
def started(
    place: Place, command: Sequence[str], *, expected: float
) -> Iterator[subprocess.Popen[str]]:
    """The process; killed when it is no longer needed, or takes too long."""
    certificate = place.folder / AUTHORITY
    trusted = {"SSL_CERT_FILE": str(certificate)} if certificate.exists() else {}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **trusted}
    )
    watchdog = threading.Timer(expected + HANGS, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        process.kill()  # what it had to say it has said
        process.wait()
        watchdog.cancel()


def listen(place: Place, process: subprocess.Popen[str]) -> Figures:
    """What it says until it has given its figures."""
    assert process.stdout is not None
    began: tuple[float, float] | None = None
    for line in process.stdout:
        if line.strip() == MEASURING:
            began = server_cpu(place), _uptime()
        elif line.startswith("{"):
            figures: dict[str, float] = json.loads(line)
            return {**figures, **_server_core(place, began)}
    raise RuntimeError(f"{process.args!r} ended, or hung, without its figures")


def _server_core(place: Place, began: tuple[float, float] | None) -> Mapping[str, float]:
    if began is None or not Path("/proc/self/stat").exists():
        return {}
    cpu, at = began
    return {"server_core": (server_cpu(place) - cpu) / (_uptime() - at)}


def _uptime() -> float:
    return os.times().elapsed


def server_cpu(place: Place) -> float:
    """CPU seconds so far of all servers with a .pid file in the place's folder; 0 without /proc."""
    ticks = 0
    for file in place.folder.glob("*.pid"):
        master = file.read_text().strip()
        for process in (master, *_children(master)):
            stat = _read(Path("/proc", process, "stat")).rpartition(")")[2].split()
            ticks += int(stat[_UTIME]) + int(stat[_STIME]) if stat else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _children(process: str) -> list[str]:
    return _read(Path("/proc", process, "task", process, "children")).split()


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def compiled(place: Place, name: str) -> str:
    """The command made of c/<name>.c, compiled once for the case."""
    made = place.folder / name
    if not made.exists():
        compiler = shutil.which("cc") or "cc"
        subprocess.run([compiler, "-O2", "-o", made, HERE / "c" / f"{name}.c", "-lm"], check=True)
    return str(made)
