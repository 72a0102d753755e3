"""Logs of real sites whose truth somebody else has told: read as they lie there, nothing given."""

import json
from pathlib import Path
from typing import Any

import pytest

from loadtests.cli import main

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.ci,
    pytest.mark.skipif(not DATA.exists(), reason="the real logs are not here"),
]


def diagnosed(capsys: pytest.CaptureFixture[str], name: str) -> dict[str, Any]:
    main(["diagnose", "--access-log", str(DATA / name / "access.log"), "--json"])
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


def test_an_ordinary_site_has_a_few_probes_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    verdict = diagnosed(capsys, "ordinary-web-log")
    assert verdict["cause"]["kind"] == "nominal"
    assert [found["kind"] for found in verdict["hostile"]] == ["scanner"]
    assert verdict["hostile"][0]["share"] < 0.01
    # its log has no durations: whoever holds connections open does not show in it
    assert verdict["hostile_undetermined"] == ["slow_http"]


def test_bots_that_sign_up_are_credential_abuse(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = diagnosed(capsys, "signup-bots")
    (found,) = (h for h in verdict["hostile"] if h["kind"] != "scanner")
    assert found["kind"] == "credential_stuffing"
    assert found["share"] > 0.95
