"""The testbed as a process: how it begins and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loadtests.errors import InvalidFile, MatchnightError
from loadtests.stack.model import Station
from loadtests.testbed.main import read_stack
from loadtests.vocabulary import Step

SLOW = "stations: {home: {servers: 1, service_time: 1h, queue: 1000}}\n"
RUN = """
import sys
from pathlib import Path
from loadtests.testbed.main import run
config, log = map(Path, sys.argv[1:3])
sys.exit(run(config, 0, log, until_stdin_closes=sys.argv[3:] == ["stdin"]))
"""
Start = Callable[..., "Running"]


class Running:
    """A testbed in a process of its own."""

    def __init__(self, folder: Path, config: str, *options: str) -> None:
        self.folder = folder
        file = folder / "stack.yaml"
        file.write_text(config)
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(file), str(folder / "log"), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        url = json.loads(self.process.stdout.readline())["ready"]
        self.port = int(url.rpartition(":")[2])

    def ask(self, target: str, *, answered: bool = True) -> socket.socket:
        """A connection with one request sent and, unless it never will be, answered."""
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: t\r\nX-Request-Id: 1\r\n\r\n".encode())
        if answered:
            assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
        return client

    def end(self) -> tuple[int, bytes]:
        """Exit status and what it said on standard error, within five seconds."""
        _, errors = self.process.communicate(timeout=5)
        return self.process.returncode, errors

    def lines(self, name: str) -> list[dict[str, Any]]:
        text = (self.folder / "log" / f"{name}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Running] = []

    def start(config: str = SLOW, *options: str) -> Running:
        running.append(Running(tmp_path, config, *options))
        return running[-1]

    yield start
    for testbed in running:
        if testbed.process.poll() is None:
            testbed.process.kill()
            testbed.process.communicate()


def by_signal(number: int) -> Callable[[Running], object]:
    return lambda testbed: os.kill(testbed.process.pid, number)


def by_stdin(testbed: Running) -> None:
    assert testbed.process.stdin is not None
    testbed.process.stdin.close()
    testbed.process.stdin = None  # communicate() would flush it


@pytest.mark.parametrize(
    "tell",
    [by_signal(signal.SIGTERM), by_signal(signal.SIGINT), by_stdin],
    ids=["term", "int", "stdin"],
)
def test_told_to_end_it_ends_silently_with_every_request_in_its_log(
    start: Start, tell: Callable[[Running], object]
) -> None:
    testbed = start(SLOW, "stdin")
    waiting = [testbed.ask("/home", answered=False) for _ in range(20)]
    answered = testbed.ask("/live/master.m3u8")
    tell(testbed)
    assert testbed.end() == (0, b"")
    outcomes = sorted((line["step"], line["outcome"]) for line in testbed.lines("access"))
    assert outcomes == [("home", "aborted")] * 20 + [("master", "ok")]
    for client in (*waiting, answered):
        client.close()


def test_without_being_asked_to_it_outlives_its_standard_input(start: Start) -> None:
    testbed = start(SLOW)
    by_stdin(testbed)
    testbed.ask("/live/master.m3u8").close()
    by_signal(signal.SIGTERM)(testbed)
    assert testbed.end() == (0, b"")


def test_killed_it_leaves_what_it_had_logged(start: Start) -> None:
    testbed = start("stations: {}")
    with testbed.ask("/home"):
        path = testbed.folder / "log" / "access.jsonl"
        while not path.read_bytes().endswith(b"\n"):  # within a second, or the test times out
            os.sched_yield()
    testbed.process.kill()
    testbed.process.communicate()
    assert [line["step"] for line in testbed.lines("access")] == ["home"]


def test_a_file_describes_the_stack(tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text("stations:\n  sign_in: {servers: 4, service_time: 20ms, queue: 100}\n")
    stack = read_stack(path)
    assert stack.stations == {Step.SIGN_IN: Station(servers=4, service_time=0.02, queue=100)}


def test_a_file_that_is_wrong_is_told_where(tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text("stations:\n  sign_in: {servers: 0, service_time: 20, queue: 100}\n")
    with pytest.raises(InvalidFile) as caught:
        read_stack(path)
    assert [problem.removeprefix(f"{path}:")[:2] for problem in caught.value.problems] == ["2:"] * 2


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match=r"cannot read .*nowhere\.yaml"):
        read_stack(tmp_path / "nowhere.yaml")
