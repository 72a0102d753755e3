"""`matchnight simulate`, the whole command: its folder and report are a rehearsal's, and say so."""

import json
import signal
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from loadtests.cli import main
from loadtests.collect.timeline import Timeline
from loadtests.diagnosis.signature import Demand, Figure, Signature, write_signature
from loadtests.errors import ExitStatus
from loadtests.export.archive import read_run
from loadtests.paper.rehearse import progress
from loadtests.paper.simulate import simulate
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import load, read_scenario
from loadtests.stack.model import Stack
from loadtests.vocabulary import Step

SMALL = ("psg-juventus", "--scale", "1/2000")

SIGNATURE = Signature(
    version=1,
    scenario="psg-juventus",
    variant="a",
    target="https://stage.example.org",
    created="2026-11-23T02:00:00+00:00",
    matchnight="0.1.0",
    build="",
    topology="",
    replicas={},
    knee={
        Step.SIGN_IN: Figure(value=0.2, low=0.19, high=0.21, unit="requests/s"),
        Step.HOME: Figure(value=0.5, low=0.5, high=None, unit="requests/s", at_least=True),
    },
    joins={},
    demand={
        step: Demand(per_join=1.0, response_time=0.3, cost=1.0, bytes=99.0, refuses=True)
        for step in (Step.SIGN_IN, Step.HOME)
    },
    mix={},
    steady=True,
    drift=None,
    target_duration=6.0,
    bit_rate=20_000.0,
    scale=1 / 2000,
    speed=5.0,
)


def summary(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    path = tmp_path / "signature.json"
    path.write_text(write_signature(SIGNATURE), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


def run(folder: Path, *arguments: str | Path) -> int:
    return main(["simulate", *map(str, arguments), "--report-dir", str(folder)])


def test_the_folder_is_a_run_s_with_a_window_for_every_second(folder: Path) -> None:
    assert run(folder, *SMALL) == ExitStatus.MISSED
    made = {path.name for path in folder.iterdir()}
    assert made == {
        *("run.json", "scenario.yaml", "windows.jsonl", "events.jsonl"),
        *("summary.json", "report.html", "junit.xml", "metrics.prom"),
        *("verdict.json", "verdict.txt"),
    }
    redone = simulate(read_scenario(find("psg-juventus"), scale=1 / 2000), sampled=True)
    windows = [json.loads(line) for line in (folder / "windows.jsonl").read_text().splitlines()]
    assert windows == json.loads(json.dumps([window.to_json() for window in redone.windows]))


def test_everything_says_that_it_was_simulated_and_nothing_sent(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(folder, *SMALL)
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert "The simulation is whole; " in lines[1]
    assert lines[2].startswith("Simulated, no traffic was sent: on the embedded stack with ")
    between = lines[0].partition("95 % interval ")[2].removesuffix(").")
    assert f"\nPlayed at 1/2,000; for 1/1 of the audience it is {between} as well.\n" in said
    assert json.loads((folder / "run.json").read_text())["simulated"] is True
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "simulated, no traffic was sent, against the embedded stack" in page
    assert "Played at 1/2,000; for 1/1 of the audience it is " in page
    assert "neither a tester nor a machine could be the bottleneck" in page
    assert 'id="chart-lag"' not in page
    assert "simulated, no traffic was sent" in (folder / "junit.xml").read_text()
    figures = summary(folder)
    assert (figures["simulated"], figures["embedded"]) == (True, True)
    assert figures["tester"] == {
        "lag_p99": None, "cpu": None, "sockets": 0, "healthy": True, "problems": [],
    }  # fmt: skip
    assert figures["testbed"] == {"healthy": None, "problems": []}


def test_report_redraws_it(folder: Path, signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(folder, *SMALL, "--signature", signed)
    first = capsys.readouterr().out
    drawn = {name: (folder / name).read_bytes() for name in ("summary.json", "report.html")}
    signed.unlink()  # the folder has all it takes
    for name in drawn:
        (folder / name).unlink()
    assert main(["report", str(folder)]) == status
    assert capsys.readouterr().out == first
    assert {name: (folder / name).read_bytes() for name in drawn} == drawn


def test_with_a_signature_the_target_is_its_model(folder: Path, signed: Path) -> None:
    run(folder, *SMALL, "--signature", signed)
    figures = summary(folder)
    assert figures["target"] == "a model of https://stage.example.org"
    assert figures["embedded"] is False
    assert figures["requests"]["by_step"]["home"]["max"] == pytest.approx(0.3)
    model, granted, computed = figures["notices"]
    assert "breaks are sign_in at 0.2/s; no limit has been found of home." in model
    assert ": of home up to " in granted
    assert computed.startswith("Computed in ")
    stack = read_run(folder).scenario.embedded_stack
    assert stack is not None
    assert stack.stations[Step.SIGN_IN].capacity == pytest.approx(0.2)


def test_the_command_that_does_it_again_is_kept(folder: Path, signed: Path) -> None:
    run(folder, *SMALL, "--seed", "7", "--variant", "b", "--signature", signed)
    command = json.loads((folder / "run.json").read_text())["command"]
    assert command == [
        *("matchnight", "simulate", "psg-juventus", f"--signature={signed}"),
        *("--variant=b", "--scale=1/2000", "--seed=7"),
    ]
    assert (summary(folder)["seed"], summary(folder)["variant"]) == (7, "b")


def test_at_its_full_size_nothing_is_said_of_a_larger_one(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = load(find("smoke")).replace("published: 3_000", "published: 60")
    (tmp_path / "tiny.yaml").write_text(text, encoding="utf-8")
    run(folder, tmp_path / "tiny.yaml", "--scale", "1/1")
    said = capsys.readouterr().out
    assert "95 % interval" in said
    assert "1/1 of the audience" not in said


def test_it_says_how_far_it_is(match: Scenario) -> None:
    calm = replace(match, scale=1 / 20_000, stack=Stack(stations={}))
    timeline = Timeline(simulate(calm).windows[:60])
    assert progress(calm, timeline, took=1.5) == (
        "simulated up to +1:00, 3.33 minutes of the evening a second; 7 viewers, black screens 0 %"
    )


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_while_it_runs_a_line_now_and_then_says_so_unless_it_is_to_be_quiet(
    quiet: tuple[str, ...],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    looks = count()
    monkeypatch.setattr("loadtests.swarm.clock.now", lambda: 1e9 + next(looks))
    run(folder, *SMALL, *quiet)
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("simulated")]
    # a second on the wall for each of the run's 143: a line every five of them
    assert len(told) == (0 if quiet else 143 // 5)


@pytest.fixture
def interrupting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the tenth look at the clock on the wall."""
    looks = count()

    def now() -> float:
        if next(looks) == 10:
            signal.raise_signal(signal.SIGINT)
        return 1e9

    monkeypatch.setattr("loadtests.swarm.clock.now", now)


@pytest.mark.usefixtures("interrupting")
def test_ctrl_c_ends_it_and_the_report_tells_of_what_was_played(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = signal.getsignal(signal.SIGINT)
    assert run(folder, *SMALL) == ExitStatus.INTERRUPTED
    assert signal.getsignal(signal.SIGINT) is handler
    assert "Interrupted after " in capsys.readouterr().out
    assert len((folder / "windows.jsonl").read_text().splitlines()) < 20
    assert summary(folder)["interrupted"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "no scenario 'nothing'"),
        (("smoke", "--scale", "much"), "--scale: 'much' is not a ratio; write such as 1/200"),
        (("smoke", "--scale", "1/1000000"), "leaves no viewer of the 3000 in the window"),
        (("smoke", "--signature", "absent.json"), "absent.json: cannot be read: No such file"),
    ],
)
def test_what_cannot_be_simulated_is_said_and_leaves_no_folder(
    arguments: tuple[str, ...], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *arguments) == ExitStatus.USAGE
    assert said in capsys.readouterr().err
    assert not folder.exists()


def test_without_a_stack_or_a_signature_there_is_nothing_to_simulate_it_with(
    folder: Path, signed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, _, _ = load(find("smoke")).partition("stack:")
    (tmp_path / "cup.yaml").write_text(text, encoding="utf-8")
    assert run(folder, tmp_path / "cup.yaml") == ExitStatus.USAGE
    assert capsys.readouterr().err == (
        "matchnight: cup: describes no `stack` to simulate it with; give a --signature\n"
    )
    assert not folder.exists()
    assert run(folder, tmp_path / "cup.yaml", "--signature", signed) != ExitStatus.USAGE


def test_a_model_that_lacks_what_a_fault_is_about_is_refused(
    folder: Path, signed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = "  faults:\n    - servers_removed: {from: 0s, to: 10s, step: license, share: 50 %}\n"
    (tmp_path / "cup.yaml").write_text(load(find("smoke")) + fault, encoding="utf-8")
    assert run(folder, tmp_path / "cup.yaml", "--signature", signed) == ExitStatus.USAGE
    assert capsys.readouterr().err == (
        "matchnight: --signature: the model of its target does not fit cup: "
        "stack.faults.0.servers_removed.step: `license` has no station that could lose servers; "
        "write one's step\n"
    )
    assert not folder.exists()


def test_a_folder_that_is_not_empty_is_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    assert run(folder, *SMALL) == ExitStatus.USAGE
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
