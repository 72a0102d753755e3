"""Where scenarios are: those shipped, by name, and any file."""

from pathlib import Path

from loadtests.binding.scalars import quoted, suggest
from loadtests.errors import MatchnightError

_PACKAGE = Path(__file__).resolve().parents[1]


def folder() -> Path:
    """The folder of shipped scenarios: in the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "_scenarios"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"


def names() -> list[str]:
    """The shipped scenarios, in alphabetical order."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def find(name_or_path: str) -> Path:
    """The file of a shipped scenario, or of a path; a shipped name wins over a file called so.

    MatchnightError: there is neither; the message says what there is.
    """
    if name_or_path in names():
        return folder() / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # a name too long, or with a NUL in it, is no file
        pass
    raise MatchnightError(_missing(name_or_path, path))


def _missing(name: str, path: Path) -> str:
    if len(path.parts) > 1 or path.suffix in {".yaml", ".yml"}:
        return f"no file {quoted(name)}; write the path of a scenario, or a name: {_shipped()}"
    advice = suggest(name, names())
    shipped = f" (there are {_shipped()})" if advice.startswith("did") else ""
    return f"no scenario {quoted(name)}; {advice}{shipped}, or write the path of a file"


def _shipped() -> str:
    return ", ".join(names())
