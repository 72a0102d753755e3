"""A capacity search's folder: everything made of what it found, by a table of exporters."""

import json
from collections.abc import Callable
from pathlib import Path

from loadtests.diagnosis.signature import write_signature
from loadtests.export.capacity_metrics import capacity_metrics
from loadtests.export.capacity_page import capacity_page
from loadtests.export.capacity_record import CAPACITY, SIGNATURE, Search, read_search
from loadtests.export.report import replace_file

EXPORTERS: dict[str, Callable[[Search], str]] = {
    CAPACITY: lambda search: json.dumps(search.to_json(), indent=1, allow_nan=False) + "\n",
    "capacity.html": capacity_page,
    "capacity.prom": capacity_metrics,
}
"""What is written into the folder, and what makes it; an exporter is a function in this table."""


def write_capacity(folder: Path, search: Search) -> None:
    """Write every file of the report of a capacity search into its folder.

    May be called as often as there is more to tell: each file is replaced whole. Without a
    signature, which only a valid search has, there is no `signature.json`.
    """
    if search.signature is not None:
        replace_file(folder / SIGNATURE, write_signature(search.signature))
    for name, export in EXPORTERS.items():
        replace_file(folder / name, export(search))


def redraw_capacity(folder: Path) -> Search:
    """Make the report of the search in `folder` again of what it holds, and what it shows.

    MatchnightError if the folder holds no search.
    """
    search = read_search(folder)
    write_capacity(folder, search)
    return search


def is_of_a_search(folder: Path) -> bool:
    """Whether a folder is a capacity search's, rather than a run's."""
    return (folder / CAPACITY).exists()
