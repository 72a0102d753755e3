"""A run folder's report: everything made of it, by a table of exporters."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from loadtests.export.archive import Run, nothing_is_garbage, read_run
from loadtests.export.junit import junit
from loadtests.export.page import page
from loadtests.export.prometheus import exposition
from loadtests.export.summarize import summarize
from loadtests.export.summary import Summary
from loadtests.export.verdict_record import VERDICT, Case
from loadtests.export.verdict_report import brief, verdict_json, verdict_of_run
from loadtests.export.verdict_text import verdict_text

Exporter = Callable[[Run, Summary, Case | None], str | None]
"""The text of a file, given what the run says of its own cause; None: there is no such file."""

EXPORTERS: dict[str, Exporter] = {
    "summary.json": lambda _, summary, __: json.dumps(summary.to_json(), indent=2) + "\n",
    "report.html": page,
    "junit.xml": lambda _, summary, __: junit(summary),
    "metrics.prom": lambda run, _, __: exposition(run.timeline),
    VERDICT: lambda _, __, case: None if case is None else verdict_json(case),
    "verdict.txt": lambda _, __, case: None if case is None else verdict_text(case),
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
    case = verdict_of_run(run, summary)
    summary = replace(summary, verdict=None if case is None else brief(case))
    for name, export in EXPORTERS.items():
        made = export(run, summary, case)
        if made is not None:
            replace_file(folder / name, made)
    return summary


def replace_file(path: Path, text: str) -> None:
    """Write a file whole: whatever ends the process leaves the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
