"""The embedded stack is told when its evening begins: its faults keep the run's own timetable."""

import json
import socket

from loadtests import __version__
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.units import Seconds
from loadtests.url import Url, split

PATH = "/.well-known/matchnight-start"
PATIENCE: Seconds = 5.0
"""For a stack on this machine that nobody asks anything yet; the barrier is set afterwards."""


def tell_start(target: str, start: Seconds) -> None:
    """The run begins at `start` (seconds since the epoch). MatchnightError if it cannot be told.

    One request over a blocking socket, which Locust makes a cooperative one.
    """
    url = split(target)
    try:
        status = _post(url, json.dumps({"start": start}).encode())
    except OSError as problem:
        raise _untold(url, problem.strerror or str(problem)) from None
    if status != b"204":
        raise _untold(url, f"it answers {status.decode('latin-1') or 'nothing'}")


def _post(url: Url, body: bytes) -> bytes:
    """The status of the answer; empty if there is none."""
    head = (
        f"POST {PATH} HTTP/1.0\r\nHost: {url.authority}\r\nContent-Length: {len(body)}\r\n"
        f"User-Agent: matchnight/{__version__}\r\n\r\n"
    )
    connection = socket.create_connection((url.host, url.port), timeout=PATIENCE)
    with connection as sock, sock.makefile("rb") as answer:
        sock.sendall(head.encode("ascii") + body)
        said = answer.readline(1024).split()
    return said[1] if len(said) > 1 else b""


def _untold(url: Url, why: str) -> MatchnightError:
    return MatchnightError(
        f"the embedded stack at {url.authority} was not told when the run begins: {why}",
        ExitStatus.INVALID_RUN,
    )
