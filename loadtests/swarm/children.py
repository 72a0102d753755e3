"""The processes a rehearsal starts, and how each of them is sure to end: with it, or before it.

Runs in the supervisor and in Locust's master alike: nothing here knows gevent or asyncio.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.stack.model import Stack
from loadtests.swarm.stack_file import written
from loadtests.units import Seconds

READY_WITHIN: Seconds = 20.0  # a cold start on a loaded machine takes two
END_WITHIN: Seconds = 5.0


class Child:
    """A process of its own session, whose standard input ends when we are gone.

    Its own session, because a terminal's Ctrl-C goes to a whole group: we pass it on, in order.
    """

    def __init__(self, command: list[str], *, log: Path, read_output: bool = False) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if read_output else errors,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id, and id of its group."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Exit status (negative: the signal that ended it); None while it runs."""
        status: int | None = self._process.poll()
        return status

    def wait(self, timeout: Seconds) -> int | None:
        """Exit status, or None if it still runs after `timeout`."""
        try:
            status: int = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        return status

    def signal(self, number: int) -> None:
        """Send the process (not its group) a signal; nothing if it is gone."""
        self._process.send_signal(number)

    def end(self) -> None:
        """Ask it to end, insist after five seconds; no process of its group is left afterwards."""
        if self.status is None:
            self.signal(signal.SIGTERM)
            self.wait(END_WITHIN)
        # workers of a crowd share their master's group: none may outlive it
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def read_line(self, timeout: Seconds) -> bytes:
        """The first line it prints, as far as it comes before `timeout` or the output's end."""
        deadline = monotonic() + timeout
        assert self._process.stdout is not None  # noqa: S101 - tells mypy that it was asked for
        output = self._process.stdout.fileno()
        line = b""
        while not line.endswith(b"\n") and (left := deadline - monotonic()) > 0:
            if select.select([output], [], [], left)[0]:
                read = os.read(output, 4096)
                if not read:
                    break
                line += read
        return line


def ours(*arguments: str) -> list[str]:
    """The command line of one of our own commands."""
    return [sys.executable, "-m", "loadtests", *arguments]


def start_testbed(stack: Stack, folder: Path) -> tuple[Child, str]:
    """The embedded stack, listening, and its base URL; its logs go to `folder`/testbed.

    MatchnightError if it does not start.
    """
    logs = folder / "testbed"
    logs.mkdir(parents=True, exist_ok=True)
    config = logs / "config.yaml"
    config.write_text(written(stack), encoding="utf-8")
    command = ours(
        "testbed",
        f"--port={free_port()}",
        f"--config={config}",
        f"--log={logs}",
        "--until-stdin-closes",
    )
    child = Child(command, log=logs / "testbed.log", read_output=True)
    line = child.read_line(READY_WITHIN)
    try:
        url: str = json.loads(line)["ready"]
    except (ValueError, KeyError, TypeError):
        child.end()
        raise MatchnightError(
            f"the embedded stack did not start: see {logs / 'testbed.log'}", ExitStatus.INVALID_RUN
        ) from None
    return child, url


def free_port(start: int = 20_000, stop: int = 32_000) -> int:
    """A TCP port of 127.0.0.1 nobody listens on, below those the system gives to connections."""
    # the process id spreads concurrent rehearsals
    ports = stop - start
    for i in range(ports):
        port = start + (os.getpid() * 7 + i) % ports
        if is_free(port):
            return port
    raise MatchnightError(f"no free port from {start} to {stop} on 127.0.0.1")


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
