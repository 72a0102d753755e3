"""`matchnight stop RUN`: ask a run under way to end in order, and wait until it has."""

import time
from pathlib import Path

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import EVENTS, RUN, STOP
from loadtests.export.parts import parts
from loadtests.units import Seconds, write_duration

WITHIN: Seconds = 15.0  # it takes two or three to end; plain Locust writes its report meanwhile
LOOK_EVERY: Seconds = 0.1


def stop(folder: Path) -> str:
    """Stop the run in `folder`; what there is to say about it.

    MatchnightError if it is none, is over, or nobody plays it any more.
    """
    if not _is_under_way(folder):
        raise MatchnightError(f"{folder}: is over already")
    wish = folder / STOP
    try:
        wish.touch()
    except OSError as error:
        raise MatchnightError(f"{wish}: cannot be written: {error.strerror}") from None
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        time.sleep(LOOK_EVERY)
        if not _is_under_way(folder):
            return f"{folder}: has stopped"
    wish.unlink(missing_ok=True)
    raise MatchnightError(
        f"{folder}: did not stop within {write_duration(WITHIN)}: is anybody still playing it?",
        ExitStatus.INVALID_RUN,
    )


def _is_under_way(folder: Path) -> bool:
    """Whether the run has no last word yet.

    Before it begins, its canary may be flying; a search is known by its trials.
    """
    if not any((part / RUN).exists() for part in (folder, *parts(folder))):
        raise MatchnightError(f"{folder}: not the folder of a run: no {RUN} in it")
    events = folder / EVENTS
    return not events.exists() or b'"kind":"stopped"' not in events.read_bytes()
