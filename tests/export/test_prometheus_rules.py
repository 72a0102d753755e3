import shutil
import subprocess
from pathlib import Path

import pytest
from rule_files import FOLDER, RULES, promtool_test
from rule_nights import NIGHTS

from loadtests.diagnosis.verdict.kinds import Cause, Hostile

EXPORTERS = RULES / "exporters"
BEHIND = RULES / "behind"
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(
    PROMTOOL is None, reason="needs promtool (Debian package prometheus; .ci/run installs it)"
)


def _promtool(*arguments: str | Path) -> str:
    """What it says, if it is content."""
    done = subprocess.run(
        ["promtool", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=50
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_verdict_has_a_night_of_its_own() -> None:
    assert set(NIGHTS) == {*Cause, *Hostile}
    for name, night in NIGHTS.items():
        assert name in night().verdicts


def test_every_verdict_but_nominal_has_an_alert() -> None:
    text = (RULES / "alerts.yaml").read_text(encoding="utf-8")
    for verdict in {*Cause, *Hostile} - {Cause.NOMINAL}:
        assert text.count(f"verdict: {verdict},") == 1


@needs_promtool
def test_the_rules_are_sound() -> None:
    _promtool("check", "rules", *RULES.glob("*.yaml"), *EXPORTERS.glob("*.yaml"))


@needs_promtool
def test_an_alert_fires_on_its_own_night_and_on_none_of_the_others() -> None:
    # all nights: tests/system/test_prometheus.py
    _promtool("test", "rules", *(FOLDER / f"{name}.yaml" for name in ("malice_caused", "scanner")))


def test_the_nights_kept_are_those_there_are() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(NIGHTS)


@needs_promtool
def test_behind_other_exporters_what_can_be_told_is_told() -> None:
    # the others: tests/system/test_prometheus.py
    _promtool("test", "rules", BEHIND / "nginx.yaml")


@pytest.mark.prove
@needs_promtool
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("name", NIGHTS)
def test_the_same_fires_whoever_comes(name: str, seed: int, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(promtool_test(name, rules=str(RULES), seed=seed), encoding="utf-8")
    _promtool("test", "rules", path)
