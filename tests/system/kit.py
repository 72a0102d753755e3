"""What tests of the whole tool share: the command, a tiny evening, a target to script."""

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

EVENING = """\
title: an evening of a few seconds
event: {{name: Test evening, kick_off: 2026-01-01 21:00}}
audience:
  published: {viewers}
  people_per_account: {{value: 1, low: 1, high: 1}}
  share_on_app: {{value: 100 %, low: 100 %, high: 100 %}}
scale: 1/1
speed: 10
window: {{from: 0s, to: {event_seconds}s}}
arrivals:
  - {{shape: steady, from: 0s, to: {arrivals_until}s, share: 100 %}}
devices:
  web: {{share: 100 %, player: {player}, signs_in: 30 %}}
"""

Answer = tuple[int, Mapping[str, str], bytes]


def write_evening(
    folder: Path,
    *,
    viewers: int = 20,
    seconds: int = 6,
    player: str = "hls_js",
    arriving: float = 0.5,
    more: str = "",
) -> Path:
    """A scenario file that plays for so many seconds; viewers come in the first `arriving` of it.

    `more` is YAML appended to it.
    """
    text = EVENING.format(
        viewers=viewers,
        event_seconds=seconds * 10,
        arrivals_until=seconds * 10 * arriving,
        player=player,
    )
    path = folder / "evening.yaml"
    path.write_text(text + more, encoding="utf-8")
    return path


def matchnight(
    *arguments: str | Path, timeout: float = 60, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "loadtests", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )


def summary(folder: Path) -> dict[str, Any]:
    """What `summary.json` of a run folder says."""
    content: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return content


def record(name: str, figures: Mapping[str, Any]) -> None:
    """Keep what a proof has measured in `reports/evaluation/`, if that is asked for."""
    folder = os.environ.get("MATCHNIGHT_EVALUATION")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        report = {"machine": platform.platform(), "cores": os.cpu_count(), **figures}
        text = json.dumps(report, indent=1) + "\n"
        Path(folder, f"{name}.json").write_text(text, encoding="utf-8")


def kept(name: str) -> dict[str, Any]:
    """What `record` has kept under that name, which whoever adds to it hands on; empty if none."""
    path = Path(os.environ.get("MATCHNIGHT_EVALUATION", os.devnull), f"{name}.json")
    if not path.exists():
        return {}
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def respond(connection: socket.socket, answer: Answer) -> None:
    """Write one HTTP/1.1 answer."""
    status, headers, body = answer
    head = "".join(
        f"{name}: {value}\r\n"
        for name, value in {"Content-Length": str(len(body)), **headers}.items()
    )
    connection.sendall(f"HTTP/1.1 {status} Answer\r\n{head}\r\n".encode() + body)


class Scripted:
    """A target on loopback: `handle(connection, path)` writes whatever it likes to each request."""

    def __init__(self, handle: Callable[[socket.socket, str], None]) -> None:
        self._handle = handle
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """Accept until closed; a thread a connection."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            buffer = b""
            while True:
                try:
                    received = connection.recv(65536)
                except OSError:
                    return
                if not received:
                    return
                buffer += received
                while b"\r\n\r\n" in buffer:
                    head, buffer = buffer.split(b"\r\n\r\n", 1)
                    path = head.split(b" ", 2)[1].decode()
                    self.paths.append(path)
                    try:
                        self._handle(connection, path)
                    except OSError:
                        return

    def close(self) -> None:
        """Stop accepting."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def scripted(handle: Callable[[socket.socket, str], None]) -> Iterator[Scripted]:
    """A scripted target for the length of a `with`."""
    target = Scripted(handle)
    thread = threading.Thread(target=target.serve, daemon=True)
    thread.start()
    try:
        yield target
    finally:
        target.close()
        thread.join(5)


def descendants(process: subprocess.Popen[str], word: str = "") -> list[psutil.Process]:
    """Living processes below `process` whose command line contains `word`."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if child.status() != psutil.STATUS_ZOMBIE and word in " ".join(child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def until(true: Callable[[], bool], *, within: float) -> None:
    """Look every 20 ms until it is true; fail after so many seconds."""
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"not within {within} s")
        time.sleep(0.02)


@contextmanager
def testbed(*options: str | Path) -> Iterator[tuple[str, int]]:
    """The embedded stack as a target of its own: its URL and process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "loadtests", "testbed", "--port", "0", *map(str, options)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["ready"], process.pid
    finally:
        process.send_signal(signal.SIGCONT)  # a test may have stopped it
        process.terminate()
        process.communicate(timeout=10)
