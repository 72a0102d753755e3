"""`matchnight diagnose`: a run, a log, one measure again, what a source is ready for, a watch."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from edge_nights import shipped
from jsonschema import Draft202012Validator
from overloads import signed

from loadtests.cli import main
from loadtests.diagnosis.signature import write_signature
from loadtests.export.verdict_record import read_verdict, verdict_schema

Capture = pytest.CaptureFixture[str]

SIMULATE = "simulate psg-juventus --variant a --scale 1/1000 --quiet --report-dir"
LINE = (
    '{{"time": "2026-11-22T20:{minute:02}:{second:02}+00:00", "client": "192.0.2.{host}", '
    '"path": "{path}", "method": "GET", "status": {status}, "duration": 0.02, "bytes": 900}}\n'
)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a simulated evening whose sign-in is overloaded."""
    folder = tmp_path_factory.mktemp("runs") / "psg"
    assert main([*SIMULATE.split(), str(folder)]) == 99
    return folder


@pytest.fixture(scope="session")
def signature(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a capacity search of its stack writes."""
    path = tmp_path_factory.mktemp("known") / "signature.json"
    path.write_text(write_signature(signed(shipped("psg-juventus", "a"))), encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of a quiet quarter of an hour."""
    path = tmp_path / "edge.log"
    path.write_text("".join(_quiet(minutes=15)), encoding="utf-8")
    return path


def _quiet(minutes: int) -> list[str]:
    return [
        LINE.format(
            minute=at // 60, second=at % 60, host=at % 200, path=f"/page/{at % 7}", status=200
        )
        for at in range(60 * minutes)
    ]


def _json(capsys: Capture, line: str) -> tuple[int, Any]:
    status = main(shlex.split(line))
    said = capsys.readouterr()
    assert said.err == ""
    return status, json.loads(said.out)


def test_every_finished_rehearsal_leaves_its_verdict(run: Path) -> None:
    made = json.loads((run / "verdict.json").read_text(encoding="utf-8"))
    Draft202012Validator(verdict_schema()).validate(made)
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    assert summary["verdict"]["cause"] == made["cause"]["kind"]
    assert made["episodes"][0]["step"] == "sign_in"
    for name in ("verdict.txt", "report.html"):
        assert "Cannot be told: the knee is not known" in (run / name).read_text(encoding="utf-8")


def test_a_run_s_verdict_is_the_one_it_was_reported_with(run: Path, capsys: Capture) -> None:
    status, made = _json(capsys, f"diagnose {run} --json")
    assert status == 5
    assert made.pop("formed")
    reported = json.loads((run / "verdict.json").read_text(encoding="utf-8"))
    assert made | {"formed": []} == reported


def test_every_evidence_item_is_measured_again_by_its_own_command(
    run: Path, signature: Path, capsys: Capture
) -> None:
    _, verdict = _json(capsys, f"diagnose {run} --signature {signature} --json")
    evidence = [item for episode in verdict["episodes"] for item in episode["evidence"]]
    assert "demand" in {item["family"] for item in evidence}
    for item in evidence:
        program, _, line = item["command"].partition(" ")
        status, made = _json(capsys, f"{line} --json")
        assert (program, status) == ("matchnight", 0)
        assert made["reading"] == item["reading"], item["claim"]


def test_a_quiet_log_says_that_nothing_failed(log: Path, capsys: Capture) -> None:
    status, made = _json(capsys, f"diagnose --access-log {log} --json")
    assert (status, made["cause"]["kind"]) == (0, "nominal")
    assert made["source"]["started"] == "2026-11-22T20:00:00+00:00"
    assert made["source"]["command"] == ["matchnight", "diagnose", "--access-log", str(log)]


def test_an_evening_before_is_named_as_what_is_usual(log: Path, capsys: Capture) -> None:
    status, made = _json(capsys, f"diagnose --access-log {log} --baseline {log} --json")
    assert (status, made["source"]["baseline"]) == (0, str(log))


def test_a_measure_is_printed_with_its_unit_and_what_it_is(log: Path, capsys: Capture) -> None:
    line = f"diagnose --access-log {log} --measure requests --step website --between 0 300"
    assert main(shlex.split(line)) == 0
    value, what = capsys.readouterr().out.splitlines()
    assert value.startswith("1/s (")
    assert what == "requests of website: requests a second"


def test_what_cannot_be_measured_is_undetermined(log: Path, capsys: Capture) -> None:
    line = f"diagnose --access-log {log} --measure failed --step sign_in"
    assert main(shlex.split(line)) == 5
    assert capsys.readouterr().out.startswith("\N{EN DASH}\n")


def test_readiness_tells_what_a_sample_can_support(log: Path, capsys: Capture) -> None:
    assert main(["diagnose", "--readiness", str(log)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{log} can support ")
    assert "Add attempt: which attempt a request is" in said
    status, made = _json(capsys, f"diagnose --readiness {log} --json")
    assert status == 0
    assert "attempt" in [advice["add"] for advice in made["advice"]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "diagnose",
            (
                "diagnose: no night is named; write a run's folder, --access-log FILE... or "
                "--prometheus URL"
            ),
        ),
        (
            "diagnose somewhere --access-log edge.log",
            (
                "diagnose: one night at a time; write a run's folder, --access-log FILE... or "
                "--prometheus URL"
            ),
        ),
        (
            "diagnose --prometheus http://127.0.0.1:1",
            (
                "--prometheus: needs --from and --to, such as --from 2026-11-22T20:00:00+01:00 "
                "--to 2026-11-22T23:00:00+01:00; with --watch no --to"
            ),
        ),
        (
            "diagnose --prometheus http://127.0.0.1:1 --from 20:00 --to 21:00",
            (
                "--from: '20:00' is not a moment with its zone; write such as "
                "2026-11-22T20:00:00+01:00"
            ),
        ),
        (
            "diagnose --access-log {log} --replicas sing_in=4",
            "--replicas: no step 'sing_in'; did you mean 'sign_in'?",
        ),
        (
            "diagnose --access-log {log} --replicas sign_in=none",
            "--replicas: 'sign_in=none' is not STEP=N; write such as sign_in=4",
        ),
        (
            "diagnose --access-log {log} --sampled 120%",
            "--sampled: '120%' is not a share of the requests; write such as 1 %",
        ),
        (
            "diagnose --access-log {log} --clock fast",
            (
                "--clock: 'fast' is not a file and by how much its clock is ahead; write such as "
                "edge2.log=+1h"
            ),
        ),
        (
            "diagnose --access-log {log} --measure faild",
            "--measure: no measure 'faild'; did you mean 'failed'?",
        ),
        (
            "diagnose --access-log {log} --measure failed --step sing_in",
            "--step: no step 'sing_in'; did you mean 'sign_in'?",
        ),
        (
            "diagnose --access-log {log} --measure failed --between 1 soon",
            (
                "--between: 'soon' is not a number of seconds since the first window; "
                "write such as 300"
            ),
        ),
        (
            "diagnose --access-log {log} --measure failed --between 9000 9100",
            "--between: nothing of the night is in it: it lasts 900 s",
        ),
        (
            "diagnose --access-log {log} --baseline a --ordinary b",
            "--baseline and --ordinary: one evening is enough; leave one out",
        ),
    ],
)
def test_what_is_wrong_gets_one_line_and_status_2(
    line: str, message: str, log: Path, capsys: Capture
) -> None:
    assert main(shlex.split(line.format(log=log))) == 2
    said = capsys.readouterr()
    assert (said.err, said.out) == (f"matchnight: {message}\n", "")


def test_what_is_no_run_is_told(tmp_path: Path, capsys: Capture) -> None:
    assert main(["diagnose", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"matchnight: {tmp_path}: not the folder of a run")


def test_a_finished_run_is_watched_once_and_told_whole(run: Path, capsys: Capture) -> None:
    assert main(["diagnose", str(run), "--watch"]) == 5
    first, _, sheet = capsys.readouterr().out.partition("\n\n")
    assert first.startswith("21:06:00  Cannot be told")
    assert "How the verdict formed" in sheet


def test_the_schema_of_a_verdict_is_printed(capsys: Capture) -> None:
    status, made = _json(capsys, "schema verdict")
    assert (status, made) == (0, verdict_schema())


def test_a_verdict_names_the_folder_it_can_be_read_from_again(run: Path) -> None:
    assert read_verdict(run).source.command == ("matchnight", "diagnose", str(run))
