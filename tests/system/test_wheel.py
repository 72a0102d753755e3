"""Nobody should have to clone: the wheel alone, in a fresh environment, rehearses."""

import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

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


def test_the_wheel_carries_the_shipped_scenarios_and_nothing_of_the_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "loadtests/_scenarios/psg-juventus.yaml" in names
    assert "loadtests/py.typed" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_installed_wheel_lists_and_checks_its_scenarios_from_any_folder(
    wheel: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "fresh", with_pip=False, symlinks=True)
    python = tmp_path / "fresh" / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--quiet",
        wheel,
    ]
    subprocess.run([str(part) for part in install], check=True, capture_output=True)
    # Its dependencies are those of this environment: installing them would test the network.
    own = subprocess.run(
        [sys.executable, "-c", "import yaml; print(yaml.__path__[0])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    site = Path(own).parent
    (next((tmp_path / "fresh" / "lib").glob("python*/site-packages")) / "rest.pth").write_text(
        f"{site}\n"
    )
    command = tmp_path / "fresh" / "bin" / "matchnight"
    listed = subprocess.run(
        [command, "scenarios"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert "psg-juventus" in listed.stdout
    checked = subprocess.run(
        [command, "check", "smoke"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    where = [python, "-c", "import loadtests; print(loadtests.__file__)"]
    assert (
        str(tmp_path)
        in subprocess.run(
            [str(part) for part in where], capture_output=True, text=True, cwd=tmp_path, check=True
        ).stdout
    )
