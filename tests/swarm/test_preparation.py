"""What is in the way of a run is said before it, in one line, with what to do."""

import resource
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.swarm import preparation
from loadtests.swarm.children import free_port, is_free
from loadtests.swarm.options import Options

SMOKE = Options(scenario="smoke")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario(find("smoke"))


def test_a_folder_that_is_a_file_is_said(scenario: Scenario, tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("", encoding="utf-8")
    with pytest.raises(MatchnightError, match=r"--report-dir: .*file"):
        preparation.make_folder(replace(SMOKE, report_dir=taken), scenario)


def test_runs_of_one_second_get_folders_of_their_own(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = [preparation.make_folder(SMOKE, scenario) for _ in range(3)]
    for folder in folders:
        assert folder.parent == Path("reports")
        assert folder.name.startswith("smoke-")
    assert len(set(folders)) == 3


def test_more_workers_need_fewer_descriptors_each_unless_one_stack_serves_them_all() -> None:
    alone = preparation.descriptors_needed(500, workers=1, embedded=False)
    shared = preparation.descriptors_needed(500, workers=4, embedded=False)
    embedded = preparation.descriptors_needed(500, workers=4, embedded=True)
    assert shared < alone == embedded


def test_too_low_a_hard_limit_is_said_with_the_number_that_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    needed = preparation.descriptors_needed(500, workers=1, embedded=True)
    with pytest.raises(MatchnightError, match=f"ulimit -n {needed}") as caught:
        preparation.check_descriptors(500, workers=1, embedded=True)
    assert caught.value.status is ExitStatus.INVALID_RUN


def test_too_low_a_soft_limit_is_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 100_000))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: raised.append(limits))
    preparation.check_descriptors(500, workers=1, embedded=True)
    needed = preparation.descriptors_needed(500, workers=1, embedded=True)
    assert raised == [(needed, 100_000)]


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_a_free_port_is_outside_the_range_connections_are_given() -> None:
    port = free_port()
    assert is_free(port)
    assert 20_000 <= port < 32_000
