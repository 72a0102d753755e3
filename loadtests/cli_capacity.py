"""The command that finds a target's capacity: what it needs is imported when it runs."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from loadtests.errors import ExitStatus

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Parser = TypeVar("Parser", bound=ArgumentParser)


def add_capacity(commands: "_SubParsersAction[Parser]") -> None:
    """`matchnight capacity`."""
    from loadtests.swarm.options import FLAGS
    from loadtests.swarm.wishes import OF_SEARCH

    parser = commands.add_parser(
        "capacity",
        help="find what a target carries: load after load, until it breaks",
        description="Plays one load after the other, each held until it is clear whether the "
        "target carries it, and narrows down the highest that it does; for each way a crowd comes. "
        "Never exceeds what the consent allows. Writes the target's signature. "
        "Exit status: 0 found, or carried all it was asked; otherwise as for a rehearsal.",
    )
    parser.set_defaults(run=_capacity)
    parser.add_argument("scenario", metavar="SCENARIO", help="a shipped name or a file")
    for flag in (*OF_SEARCH, *FLAGS):
        flag.add_to(parser)
    parser.add_argument(
        "--workers", metavar="N", default="1", help="processes that play the crowd; default: 1"
    )
    parser.add_argument("--quiet", action="store_true", help="only what was found, at the end")


def _capacity(given: Namespace) -> ExitStatus:
    from loadtests.swarm.capacity import capacity
    from loadtests.swarm.options import whole_number

    workers = whole_number("--workers", given.workers, least=1)
    return capacity(vars(given), workers=workers, quiet=given.quiet)


def redraw(folder: Path) -> ExitStatus:
    """The report of a search, drawn and printed again; the search's exit status."""
    from loadtests.export.capacity_report import redraw_capacity
    from loadtests.export.capacity_text import capacity_text

    search = redraw_capacity(folder)
    print(capacity_text(search, folder=str(folder), color=sys.stdout.isatty()), end="")
    return ExitStatus(search.exit_status)
