"""Nobody should have to clone: the wheel alone, in a fresh environment, rehearses."""

import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from kit import summary, write_evening

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(
        ROOT,
        source,
        ignore=shutil.ignore_patterns(".venv", ".git", "*-20*", ".*_cache", "__pycache__"),
    )
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        folder,
        source,
    ]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that has the wheel and, by reference, its dependencies.

    Installing those again would test the network.
    """
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False, symlinks=True)
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        folder / "bin" / "python",
        "install",
        "--no-deps",
        wheel,
    )
    dependencies = Path(yaml.__file__).parent.parent
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(f"{dependencies}\n", encoding="utf-8")
    return folder / "bin"


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    line = [str(part) for part in command]
    return subprocess.run(line, capture_output=True, text=True, cwd=cwd, check=True, timeout=120)


def test_the_wheel_carries_the_shipped_scenarios_and_nothing_of_the_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "loadtests/_scenarios/psg-juventus.yaml" in names
    assert "loadtests/_scenarios/curves/world-cup-98-final.csv" in names
    assert "loadtests/_scenarios/curves/LICENSE.world-cup-98" in names
    assert "loadtests/py.typed" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_installed_wheel_lists_and_checks_its_scenarios_from_any_folder(
    fresh: Path, tmp_path: Path
) -> None:
    where = run(fresh / "python", "-c", "import loadtests; print(loadtests.__file__)", cwd=tmp_path)
    assert where.stdout.startswith(str(fresh.parent))
    assert "psg-juventus" in run(fresh / "matchnight", "scenarios", cwd=tmp_path).stdout
    for scenario in ("smoke", "world-cup-98"):
        assert run(fresh / "matchnight", "check", scenario, cwd=tmp_path).stderr == ""


def test_the_installed_wheel_rehearses(fresh: Path, tmp_path: Path) -> None:
    scenario = write_evening(tmp_path, viewers=20, seconds=4)
    out = tmp_path / "run"
    run(fresh / "matchnight", "rehearse", scenario, "--report-dir", out, cwd=tmp_path)
    figures = summary(out)
    assert figures["viewers"]["in_time"] == figures["viewers"]["arrived"] == 20
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
