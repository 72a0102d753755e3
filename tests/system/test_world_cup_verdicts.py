"""Crowds somebody counted, as demand on the testbed: what is said of them is right each time.

Three match evenings of 1998, below and above the knee, with and without 5 % of the sign-ins being
passwords tried in bulk.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from edge_nights import night_on_paper
from kit import matchnight, record
from overloads import signed

from loadtests.diagnosis.signature import write_signature
from loadtests.diagnosis.verdict.baseline import baseline_of
from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.diagnosis.verdict.kinds import Cause, Hostile, Observable, Word
from loadtests.diagnosis.verdict.night import Baseline, Night, Origin
from loadtests.diagnosis.verdict.records import Verdict
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario

EVENINGS = ("final", "france-croatia", "brazil-netherlands")
SPREAD = 0.03
_AMPLE = "sign_in: {servers: 12, service_time: 400ms, queue: 60}"
_TIGHT = "sign_in: {servers: 1, service_time: 300ms, queue: 8}"
_FEW, _MANY = "scale: 1/1000  #", "scale: 1/500  #"
"""Twice the crowd, and twice the stack: with fewer nobody can tell one sign-in in twenty."""

_STUFFING = """
hostile:  # 5 % of the sign-ins of these three hours, each from an address of its own
  - {pattern: credential_stuffing, from: -5m, lasts: 170m, rate: 0.22/s, sources: 5000}
"""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One of the twelve."""

    evening: str
    above: bool
    stuffed: bool

    @property
    def name(self) -> str:
        where, who = "above" if self.above else "below", "stuffed" if self.stuffed else "alone"
        return f"{self.evening}-{where}-{who}"

    @property
    def variant(self) -> str:
        return "none" if self.evening == "final" else self.evening

    def file(self, folder: Path) -> Path:
        """The shipped scenario, with a sign-in that is too small and with attempts, if so."""
        shipped = find("world-cup-98")
        copytree(shipped.parent / "curves", folder / "curves", dirs_exist_ok=True)
        text = shipped.read_text(encoding="utf-8").replace(_FEW, _MANY)
        text = text.replace(_AMPLE, _TIGHT) if self.above else text
        head, _, variants = text.partition("\nvariants:\n")
        made = folder / f"{self.name}.yaml"
        more = _STUFFING if self.stuffed else ""
        made.write_text(f"{head}{more}\nvariants:\n{variants}", encoding="utf-8")
        return made

    def scenario(self, folder: Path) -> Scenario:
        return read_scenario(self.file(folder), variant=self.variant)


CELLS = [
    Cell(evening=evening, above=above, stuffed=stuffed)
    for evening in EVENINGS
    for above in (False, True)
    for stuffed in (False, True)
]


HELD = Cell(evening="final", above=False, stuffed=False)
"""What is usual on such evenings."""


@cache
def _usual(folder: Path) -> Baseline:
    windows = night_on_paper(HELD.scenario(folder))
    return baseline_of(windows, name="the final as it was held", same_class=True)


def _on_paper(cell: Cell, folder: Path) -> Verdict:
    scenario = cell.scenario(folder)
    return diagnose(
        Night(
            windows=night_on_paper(scenario),
            origin=Origin.ACCESS_LOG,
            source="access.jsonl",
            observed=dict.fromkeys(Observable, 1.0),
            signature=signed(scenario, spread=SPREAD),
            baseline=_usual(folder),
        )
    )


def _check(cell: Cell, cause: str, labels: set[str]) -> None:
    right = {Cause.DEMAND_ABOVE_KNEE} if cell.above else {Cause.NOMINAL, Cause.SURGE_ABSORBED}
    assert cause in right, cell.name
    assert labels == ({Hostile.CREDENTIAL_STUFFING} if cell.stuffed else set()), cell.name


@pytest.mark.ci
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cell", CELLS[5:6], ids=lambda cell: cell.name)
def test_a_counted_evening_in_simulated_time_is_judged_rightly(cell: Cell, tmp_path: Path) -> None:
    verdict = _on_paper(cell, tmp_path)
    said = {h.kind.value for h in verdict.hostile if h.word is not Word.UNDETERMINED}
    _check(cell, verdict.cause.kind, said)


@pytest.mark.prove
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_counted_evening_on_the_testbed_is_judged_rightly(cell: Cell, tmp_path: Path) -> None:
    run, file = tmp_path / "run", cell.file(tmp_path)
    played = matchnight(
        *("rehearse", file, "--variant", cell.variant, "--quiet", "--report-dir", run), timeout=400
    )
    assert played.returncode in {0, 99}, played.stderr
    signature = tmp_path / "signature.json"
    known = signed(cell.scenario(tmp_path), spread=SPREAD)
    signature.write_text(write_signature(known), encoding="utf-8")
    usual = tmp_path / "usual"
    matchnight(
        *("simulate", HELD.file(tmp_path), "--variant", HELD.variant, "--seed", "98"),
        *("--quiet", "--report-dir", usual),
    )
    known_before = ("--signature", signature, "--baseline", usual)
    from_samples = _diagnosed(run, *known_before)
    log = run / "testbed" / "access.jsonl"
    from_log = _diagnosed("--access-log", log, *known_before)
    record(f"world-cup-{cell.name}", {"samples": _told(from_samples), "log": _told(from_log)})
    for verdict in (from_samples, from_log):
        _check(cell, verdict["cause"]["kind"], {h["kind"] for h in verdict["hostile"]})


def _diagnosed(*source: str | Path) -> dict[str, Any]:
    done = matchnight("diagnose", *source, "--json", timeout=120)
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def _told(verdict: dict[str, Any]) -> dict[str, Any]:
    return {"cause": verdict["cause"], "hostile": verdict["hostile"]}
