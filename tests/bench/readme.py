"""The README's table, made of the newest results and kept between two markers."""

from pathlib import Path
from typing import NamedTuple

from results import Bench
from table import UNITS, markdown

README = Path(__file__).parent.parent.parent / "README.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


class Column(NamedTuple):
    """A column of the table: which figure of which case."""

    heading: str
    case: str
    figure: str
    unit: str


COLUMNS = (
    Column("viewers a core on time", "knee", "viewers", "viewers"),
    Column("CPU µs/request", "viewers", "cpu_per_request", "µs"),
    Column("keep-alive GET µs", "keep-alive", "cpu_per_request", "µs"),
    Column("new TCP µs", "new-tcp", "cpu_per_request", "µs"),
    Column("TLS handshake µs", "handshakes", "cpu_per_request", "µs"),
    Column("kB a viewer", "memory", "memory_per_viewer", "kB"),
)
CONTENDERS = {
    "C epoll loop": {},
    "wrk": {},
    "matchnight": {"memory": "15,000, muxed"},
    "Locust FastHttpUser": {},
}
"""Rows, and what they are called in cases that call them otherwise."""


def section(bench: Bench) -> str:
    """One row a contender, with machine, date and commit; a dash is what was not measured."""
    rows = [["", *(column.heading for column in COLUMNS)]]
    rows += [[who, *(_cell(bench, who, column) for column in COLUMNS)] for who in CONTENDERS]
    about = bench.machine
    state = f"{str(bench.commit.get('commit', 'unknown'))[:7]}"
    changed = ", with changes" if bench.commit.get("is_dirty") else ""
    return (
        f"{markdown(rows)}\n\n"
        f"One core of {about['cores']} ({about['processor']}), nginx {about['nginx']} on another, "
        f"Python {about['python']}; {bench.at:%Y-%m-%d}, commit {state}{changed}. A viewer asks "
        "for one playlist and one 20 kB part every 2 s; on time: 99 % of what was due began "
        "within 100 ms."
    )


def _cell(bench: Bench, who: str, column: Column) -> str:
    for case in bench.cases:
        if case.name == column.case:
            name = CONTENDERS[who].get(column.case, who)
            value = case.middle(name, column.figure)
            return "-" if value is None else UNITS[column.unit].show(value)
    return "-"


def renewed(readme: str, bench: Bench) -> str:
    """The README's text with its table made anew. ValueError without the two markers, in order."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README has no {BEGIN} followed by {END}")
    return f"{before}{BEGIN}\n{section(bench)}\n{END}{after}"
