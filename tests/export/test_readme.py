"""reports/README.md is held to the code: fields, files, statuses, ends."""

import re
from pathlib import Path

from loadtests.errors import ExitStatus
from loadtests.export import archive
from loadtests.export.report import EXPORTERS
from loadtests.export.summary import summary_schema
from loadtests.export.verdict_record import verdict_schema
from loadtests.scenario.model import Scenario
from loadtests.vocabulary import End

README = (Path(__file__).parents[2] / "reports" / "README.md").read_text(encoding="utf-8")


def _section(title: str) -> str:
    found = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL
    )
    assert found, title
    return found[1]


def _rows(section: str) -> list[str]:
    """First cells of the section's tables, in their order, their code marks taken off."""
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def _spelled_out(path: str) -> list[str]:
    """`viewers.{arrived,planned}` as the two paths it stands for."""
    before, brace, inside = path.partition("{")
    return [before + name for name in inside.rstrip("}").split(",")] if brace else [path]


def _fields() -> list[str]:
    """Every field of `summary.json` as a path: `viewers.arrived`, `objectives[].name`."""
    records = summary_schema()["$defs"]

    def walk(name: str, path: str) -> list[str]:
        found = []
        for field, kind in records[name]["properties"].items():
            options = [kind, *kind.get("anyOf", [])]
            inner = [(option, "") for option in options]
            inner += [(o["items"], "[]") for o in options if "items" in o]
            inner += [
                (o["additionalProperties"], ".*")
                for o in options
                if isinstance(o.get("additionalProperties"), dict)
            ]
            nested = [(k["$ref"].rsplit("/", 1)[1], mark) for k, mark in inner if "$ref" in k]
            if nested:
                for record, mark in nested:
                    found += walk(record, f"{path}{field}{mark}.")
            else:
                found.append(f"{path}{field}")
        return found

    return walk("Summary", "")


def test_every_field_of_the_summary_is_documented_in_its_order() -> None:
    rows = _rows(_section("`summary.json`, version 1"))
    assert [path for row in rows for path in _spelled_out(row)] == _fields()


def test_every_field_of_a_verdict_is_documented_in_its_order() -> None:
    rows = _rows(_section("`verdict.json`, version 1"))
    assert rows == list(verdict_schema()["$defs"]["Verdict"]["properties"])


def test_every_file_of_a_run_folder_is_documented() -> None:
    files = set(_rows(_section("The run folder")))
    written = {archive.RUN, archive.SCENARIO, archive.WINDOWS, archive.EVENTS, archive.HEALTH}
    assert files >= written | set(EXPORTERS)


def test_every_exit_status_is_documented() -> None:
    assert _rows(_section("Exit statuses")) == [str(int(status)) for status in ExitStatus]


def test_the_default_black_screens_are_the_documented_ones() -> None:
    section = _section("Which ends are black screens")
    rows = re.findall(r"^\| `([^`]+)` \| (yes|no) \|", section, re.MULTILINE)
    default = Scenario.__dataclass_fields__["black_screens"].default
    assert isinstance(default, tuple)
    assert rows == [(end, "yes" if end in default else "no") for end in End]
