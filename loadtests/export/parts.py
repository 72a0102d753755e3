"""Folders of runs that are parts of another: a canary's in its run's, trials' in their search's."""

from pathlib import Path

CANARY = "canary"
TRIALS = "trials"  # and in it a folder for each


def whole(folder: Path, *, canary: object, trial: object) -> Path:
    """The folder of all that a run in `folder` is a part of; its own if it is none.

    `canary` and `trial` are None each if the run was neither.
    """
    if trial is not None:
        return folder.parent.parent
    return folder if canary is None else folder.parent


def parts(folder: Path) -> list[Path]:
    """Where parts of the run or the search in `folder` are, in the order they were played in."""
    found = (folder / CANARY, *sorted(folder.glob(f"{TRIALS}/*")))
    return [part for part in found if part.is_dir()]
