"""The embedded stack is told when the run begins, or the run does not begin."""

import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from kit import free_port, respond, scripted, testbed

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.stack.faults.dependency import Dependency
from loadtests.stack.faults.model import Fault
from loadtests.stack.model import Stack
from loadtests.swarm.clock import now
from loadtests.swarm.stack_clock import PATH, tell_start
from loadtests.swarm.stack_file import written
from loadtests.vocabulary import Step

DOWN = Dependency(start=0.0, stop=3600.0, steps=(Step.HOME,))


def home(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/home") as answer:  # noqa: S310 - our own testbed
            status: int = answer.status
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
    return status


def test_from_then_on_the_testbed_keeps_the_run_s_timetable(tmp_path: Path) -> None:
    config = tmp_path / "stack.yaml"
    config.write_text(written(Stack(stations={}, faults=(Fault(dependency=DOWN),))))
    with testbed("--config", config) as (url, _):
        assert home(url) == 200
        tell_start(url, now() + 600)
        assert home(url) == 200
        tell_start(url, now() - 600)
        assert home(url) == 500


def test_a_stack_that_does_not_take_it_ends_the_run() -> None:
    def refuse(connection: socket.socket, _path: str) -> None:
        respond(connection, (404, {}, b"no such page"))

    with scripted(refuse) as target:
        with pytest.raises(MatchnightError, match=r"was not told .* begins: it answers 404") as why:
            tell_start(target.url, 1.8e9)
        assert target.paths == [PATH]
    assert why.value.status is ExitStatus.INVALID_RUN


def test_so_does_one_that_says_nothing() -> None:
    with (
        scripted(lambda connection, _: connection.shutdown(socket.SHUT_RDWR)) as target,
        pytest.raises(MatchnightError, match="it answers nothing"),
    ):
        tell_start(target.url, 1.8e9)


def test_and_one_that_is_not_there() -> None:
    with pytest.raises(MatchnightError, match="Connection refused"):
        tell_start(f"http://127.0.0.1:{free_port()}", 1.8e9)
