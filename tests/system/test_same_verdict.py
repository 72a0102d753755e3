"""One night on the wire, told by our own samples and by the target's log: the same verdict.

What a real Prometheus scrapes of a night is held against its log in test_prometheus.py.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kit import matchnight, record
from overloads import signed

from loadtests.diagnosis.signature import write_signature
from loadtests.diagnosis.verdict.kinds import Cause, Hostile
from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario


@dataclass(frozen=True, kw_only=True)
class Night:
    """A shipped evening at some speed, and what made it fail."""

    scenario: str
    speed: float
    variant: str | None = None
    measured: str | None = None  # the variant whose stack was searched; None: the night's own
    held: str | None = None  # a variant that held: what is usual on such an evening
    cause: Cause
    hostile: frozenset[Hostile] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.scenario}-{self.variant}" if self.variant else self.scenario

    def options(self, variant: str | None) -> tuple[str, ...]:
        chosen = ("--variant", variant) if variant else ()
        return (self.scenario, *chosen, "--speed", str(self.speed), "--quiet")


STUFFED = frozenset({Hostile.CREDENTIAL_STUFFING})

SHORT = Night(
    scenario="psg-juventus",
    variant="c",
    speed=20,
    held="none",
    cause=Cause.MALICE_CAUSED,
    hostile=STUFFED,
)
"""Thirty-six seconds: too few to know, but for an evening like it, who comes back."""

LONG = (
    Night(scenario="psg-juventus", variant="a", speed=5, cause=Cause.DEMAND_ABOVE_KNEE),
    Night(
        scenario="psg-juventus",
        variant="b",
        speed=5,
        measured="none",
        cause=Cause.CAPACITY_REGRESSION,
    ),
    Night(
        scenario="psg-juventus",
        variant="c",
        speed=5,
        cause=Cause.MALICE_CAUSED,
        hostile=STUFFED,
    ),
    Night(
        scenario="psg-juventus",
        variant="d",
        speed=5,
        cause=Cause.DEMAND_ABOVE_KNEE,
        hostile=STUFFED,
    ),
    Night(scenario="netflix-outage", speed=60, cause=Cause.RETRY_STORM),
)


@pytest.mark.ci
@pytest.mark.timeout(120)
def test_samples_and_log_of_a_short_night_give_the_same_verdict(tmp_path: Path) -> None:
    run, usual = _played(SHORT, tmp_path)
    told = _verdicts(run, "--signature", _signature(SHORT, tmp_path), *usual)
    assert told == (_right(SHORT), _right(SHORT))
    # without the evening before too little may be known, but never is it the viewers' demand
    cause, _ = _said(run, "--signature", _signature(SHORT, tmp_path))
    assert cause in {Cause.UNDETERMINED, Cause.MALICE_CAUSED}


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("night", LONG, ids=lambda night: night.name)
def test_samples_and_log_of_a_night_give_the_same_verdict(night: Night, tmp_path: Path) -> None:
    run, usual = _played(night, tmp_path)
    told = _verdicts(run, "--signature", _signature(night, tmp_path), *usual)
    record(f"same-verdict-{night.name}", {"samples": str(told[0]), "log": str(told[1])})
    assert told == (_right(night), _right(night))


Said = tuple[str, frozenset[str]]
"""A cause, and the hostile patterns that are named."""


def _right(night: Night) -> Said:
    return night.cause, frozenset(night.hostile)


def _played(night: Night, folder: Path) -> tuple[Path, tuple[str | Path, ...]]:
    """The run's folder, and how its baseline is named, if it has one."""
    run, usual = folder / "run", folder / "usual"
    options = night.options(night.variant)
    done = matchnight("rehearse", *options, "--report-dir", run, timeout=400)
    assert done.returncode in {0, 99}, done.stderr
    if night.held is None:
        return run, ()
    matchnight("simulate", *night.options(night.held), "--report-dir", usual)
    return run, ("--baseline", usual)


def _signature(night: Night, folder: Path) -> Path:
    """What a capacity search would have written of the stack, as it was then."""
    variant = night.measured or night.variant
    measured = read_scenario(find(night.scenario), variant=variant, speed=night.speed)
    file = folder / "signature.json"
    file.write_text(write_signature(signed(measured, spread=0.03)), encoding="utf-8")
    return file


def _verdicts(run: Path, *known: str | Path) -> tuple[Said, Said]:
    """From the samples, and from the log."""
    log = run / "testbed" / "access.jsonl"
    return _said(run, *known), _said("--access-log", log, *known)


def _said(*source: str | Path) -> Said:
    verdict: dict[str, Any] = json.loads(matchnight("diagnose", *source, "--json").stdout)
    return verdict["cause"]["kind"], frozenset(found["kind"] for found in verdict["hostile"])
