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
    return names_in(folder())


def find(name_or_path: str) -> Path:
    """The file of a shipped scenario, or of a path; a shipped name wins over a file called so.

    MatchnightError: there is neither; the message says what there is.
    """
    return find_in(folder(), name_or_path, kind="scenario")


def names_in(shelf: Path) -> list[str]:
    """The files of a folder by their stems, in alphabetical order."""
    return sorted(path.stem for path in shelf.glob("*.yaml"))


def find_in(shelf: Path, name_or_path: str, *, kind: str, flag: str = "") -> Path:
    """The same for what is shipped in another folder; messages begin with `flag`."""
    if name_or_path in names_in(shelf):
        return shelf / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # a name too long, or with a NUL in it, is no file
        pass
    raise MatchnightError(flag + _missing(name_or_path, path, names_in(shelf), kind))


def _missing(name: str, path: Path, there_are: list[str], kind: str) -> str:
    shipped = ", ".join(there_are)
    if len(path.parts) > 1 or path.suffix in {".yaml", ".yml"}:
        return f"no file {quoted(name)}; write the path of a {kind}, or a name: {shipped}"
    advice = suggest(name, there_are)
    listed = f" (there are {shipped})" if advice.startswith("did") else ""
    return f"no {kind} {quoted(name)}; {advice}{listed}, or write the path of a file"
