"""A run folder's report: everything made of it, by a table of exporters."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from loadtests.export.archive import Run, nothing_is_garbage, read_run
from loadtests.export.junit import junit
from loadtests.export.page import page
from loadtests.export.prometheus import exposition
from loadtests.export.summarize import summarize
from loadtests.export.summary import Summary

Exporter = Callable[[Run, Summary], str]

EXPORTERS: dict[str, Exporter] = {
    "summary.json": lambda _, summary: json.dumps(summary.to_json(), indent=2) + "\n",
    "report.html": page,
    "junit.xml": lambda _, summary: junit(summary),
    "metrics.prom": lambda run, _: exposition(run.timeline),
}
"""What is written into the folder, and what makes it; an exporter is a function in this table."""


def write_report(folder: Path) -> Summary:
    """Summarize the run in `folder` and write every file of the report.

    Each file is replaced whole: whatever ends the process leaves the old one or the new one, never
    half. Raises MatchnightError when the folder holds no run.
    """
    with nothing_is_garbage():
        return _write(folder)


def _write(folder: Path) -> Summary:
    run = read_run(folder)
    summary = summarize(run)
    for name, export in EXPORTERS.items():
        replace_file(folder / name, export(run, summary))
    return summary


def replace_file(path: Path, text: str) -> None:
    """Write a file whole: whatever ends the process leaves the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
