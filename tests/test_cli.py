"""The command says in one line what is wrong, with its status, and imports what it needs only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests import __version__
from loadtests.cli import main
from loadtests.scenario.library import names

SMALL = """\
title: a small one
event: {name: Test evening, kick_off: 2026-01-01 21:00}
audience:
  published: 60
  people_per_account: {value: 1, low: 1, high: 1}
  share_on_app: {value: 50 %, low: 50 %, high: 50 %}
  affected: [3, 6]
scale: 1/1
speed: 10
window: {from: 0s, to: 60s}
arrivals:
  - {shape: steady, from: 0s, to: 60s, share: 100 %}
devices:
  web: {share: 100 %, player: hls_js, signs_in: 30 %}
objectives:
  - {metric: black_screens, at_most: 1 %, between: [0s, +60s], name: few black screens}
"""

HEAVY = {"locust", "gevent", "aiohttp", "asyncio"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "rehearse smoke --scale abc",
            "matchnight: --scale: 'abc' is not a ratio; write such as 1/200",
        ),
        (
            "rehearse smoke --workers none",
            "matchnight: --workers: 'none' is not a whole number from 1 up; write such as 2",
        ),
        (
            "rehearse",
            (
                "matchnight: the following arguments are required: SCENARIO; "
                "see matchnight rehearse --help"
            ),
        ),
        (
            "testbed --port 99999",
            "matchnight: --port: '99999' is not a port from 1 to 65535; write such as 9646",
        ),
        (
            "warm --accounts accounts.csv --rate 1",
            "matchnight: --rate: '1' is not a rate up to 20/s; write such as 1/s",
        ),
        (
            "warm --accounts accounts.csv",
            "matchnight: warm needs --accounts FILE, and --vault FILE, which it makes",
        ),
        (
            "check smoke --probe",
            "matchnight: --target: missing; write its URL, or `url` in the profile",
        ),
        (
            "rehearse smoke --colour",
            "matchnight: unrecognized arguments: --colour; see matchnight --help",
        ),
    ],
)
def test_a_bad_command_line_gets_one_line_and_status_2(
    line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = main(line.split())
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert capsys.readouterr().err == f"{message}\n"


def test_an_unknown_scenario_is_answered_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "psg-juventsu"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("matchnight: no scenario 'psg-juventsu'; did you mean 'psg-juventus'?")
    assert len(said.splitlines()) == 1


def test_problems_of_a_file_stand_alone_so_that_an_editor_makes_links_of_them(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small.write_text(SMALL.replace("scale: 1/1", "scale: 1:1\nscael: 2"), encoding="utf-8")
    assert main(["check", str(small)]) == 2
    problems = capsys.readouterr().err.splitlines()
    assert len(problems) == 2
    assert all(problem.startswith(f"{small}:") for problem in problems)


def test_what_is_no_run_is_not_redrawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"matchnight: {tmp_path}: not the folder of a run")


def test_a_folder_that_holds_something_is_not_written_into(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rehearse", str(small), "--report-dir", str(small.parent)]) == 2
    said = capsys.readouterr().err
    assert said == f"matchnight: --report-dir: {small.parent} is not empty; name another one\n"


@pytest.mark.parametrize("target", ["http://stack.invalid", "https://192.0.2.7/live.m3u8"])
def test_what_is_not_this_machine_is_refused_without_a_consent(
    target: str, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rehearse", str(small), "--target", target]) == 3
    said = capsys.readouterr().err
    assert "nothing is sent without --consent FILE" in said
    assert len(said.splitlines()) == 1


def test_check_says_what_would_be_played(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(small)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("a small one (small)\n")
    assert "in 6 s, at speed 10, seed 1" in said
    assert "Viewers: 30 planned at scale 1, at most 5.0 joins/s" in said
    assert "30 accounts of the whole evening: 60 people, 50 % on the app, 1 per account" in said
    assert "Crowd check: 3 to 6 affected would be 10-20 % of a 30 app crowd" in said
    assert "  few black screens\n" in said
    assert "Embedded stack: the default one" in said


def test_check_counts_what_the_operator_s_guess_would_be_of_the_crowd_that_night(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "psg-juventus"]) == 0
    said = capsys.readouterr().out
    assert "100,000 to 200,000 affected would be 29-58 % of a 345,000 app crowd" in said


def test_scenarios_lists_every_shipped_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed if not line.startswith(" ")] == names()


def test_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"matchnight {__version__}\n"


@pytest.mark.parametrize(
    "line",
    ["--help", "rehearse --help", "warm --help", "scenarios", "check smoke", "report nowhere"],
)
def test_what_needs_no_network_imports_none(line: str) -> None:
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('loaded', *(m for m in sys.modules if '.' not in m)))\n"
        "from loadtests.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *line.split()], capture_output=True, text=True, check=False
    )
    loaded = done.stdout.splitlines()[-1].split()
    assert loaded[0] == "loaded"
    assert HEAVY.isdisjoint(loaded)


def test_a_reader_that_has_enough_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "loadtests", "scenarios"],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_schema_is_printed_for_editors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "consent"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "matchnight consent"


def test_an_unknown_kind_of_schema_is_answered_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schema", "report"]) == 2
    error = capsys.readouterr().err
    kinds = "scenario, target, consent, verdict"
    assert error == f"matchnight: no file is a 'report'; write one of {kinds}\n"
