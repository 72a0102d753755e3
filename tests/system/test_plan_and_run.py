"""What the plan says a rehearsal sends is what it then sends on the wire."""

import json
from pathlib import Path

import pytest
from kit import matchnight, record, summary

ENOUGH = 10_000
WITHIN = 0.02


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_a_healthy_rehearsal_sends_what_was_planned_within_two_percent(tmp_path: Path) -> None:
    which = ("psg-juventus", "--variant", "none")
    planned = json.loads(matchnight("plan", *which, "--json").stdout)["rehearsal"]
    done = matchnight("rehearse", *which, "--report-dir", tmp_path / "run", timeout=240)
    assert done.returncode in {0, 99}, done.stdout + done.stderr
    played = summary(tmp_path / "run")
    assert played["viewers"]["arrived"] == round(planned["viewers"]["value"])
    counts = {step: of["count"] for step, of in played["requests"]["by_step"].items()}
    errors = {
        step: planned["steps"][step]["total"]["value"] / count - 1
        for step, count in counts.items()
        if count >= ENOUGH
    }
    record("plan-and-run", {"requests": counts, "errors": errors})
    assert {"playlist", "segment"} <= errors.keys()
    assert {step: error for step, error in errors.items() if abs(error) > WITHIN} == {}
