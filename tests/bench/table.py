"""Results as tables: for a terminal, and for the README between its markers."""

from collections.abc import Sequence
from typing import NamedTuple

from results import Judged, Played


class Unit(NamedTuple):
    """How a figure in SI units is shown."""

    factor: float
    form: str

    def show(self, value: float) -> str:
        """Its number, without the unit."""
        return self.form.format(value * self.factor)


PLAIN = Unit(1.0, "{:,.4g}")
UNITS = {
    "": PLAIN,
    "sigma": Unit(1.0, "{:.1f}"),
    "µs": Unit(1e6, "{:.1f}"),
    "ms": Unit(1e3, "{:.1f}"),
    "s": Unit(1.0, "{:.2f}"),
    "kB": Unit(1e-3, "{:.1f}"),
    "MB": Unit(1e-6, "{:.2f}"),
    "Gbit/s": Unit(1e-9, "{:.2f}"),
    "bytes": Unit(1.0, "{:,.0f}"),
    "/s": Unit(1.0, "{:,.0f}"),
    "%": Unit(100.0, "{:.1f}"),
    "viewers": Unit(1.0, "{:,.0f}"),
}
"""By the name a bar or a column gives it."""

COLUMNS = {
    "viewers": ("viewers", "viewers"),
    "connections": ("connections", "viewers"),
    "rate": ("requests/s", "/s"),
    "cpu_per_request": ("CPU µs/request", "µs"),
    "lag_p99": ("lag p99 ms", "ms"),
    "lag_max": ("lag max ms", "ms"),
    "start_lag_p99": ("start p99 ms", "ms"),
    "gc_pause_max": ("GC pause ms", "ms"),
    "memory_per_viewer": ("kB/viewer", "kB"),
    "memory_first": ("MB at first", "MB"),
    "memory_last": ("MB at last", "MB"),
    "memory_growth": ("growth %", "%"),
    "memory_per_line": ("kB/connection", "kB"),
    "client_core": ("client core %", "%"),
    "server_core": ("server core %", "%"),
    "client_core_beyond": ("client beyond %", "%"),
    "server_core_beyond": ("server beyond %", "%"),
    "worst_bin": ("worst bin sigma", "sigma"),
    "fullest_bin": ("fullest bin %", "%"),
    "latency_p50": ("p50 ms", "ms"),
    "latency_p99": ("p99 ms", "ms"),
    "bit_rate": ("Gbit/s", "Gbit/s"),
    "bits_per_cpu": ("Gbit/s a core", "Gbit/s"),
    "core": ("core %", "%"),
    "cpu_per_window": ("CPU µs/window", "µs"),
    "written": ("kB/s written", "kB"),
    "growth": ("kB/s grown", "kB"),
    "wall": ("s", "s"),
    "cpu": ("CPU s", "s"),
    "memory": ("MB", "MB"),
    "page": ("page kB", "kB"),
    "summary": ("summary kB", "kB"),
    "metrics": ("metrics kB", "kB"),
    "windows": ("windows MB", "MB"),
    "requests": ("requests", "viewers"),
}
"""Heading and unit of the figures cases share; any other is shown as it is called."""


def terminal(case: Played) -> str:
    """A case's table and bars, for a terminal."""
    head, *body = _rows(case)
    widths = [max(len(line[i]) for line in (head, *body)) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *body)
    ]
    return "\n".join([case.title, *lines, *map(verdict, case.bars)])


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table; the first row is its head, the first column its rows' names."""
    head, *body = rows
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *body))


def verdict(bar: Judged) -> str:
    """A bar, and whether it is cleared."""
    unit = UNITS.get(bar.unit, PLAIN)
    asked = [
        f"{words} {unit.show(limit)}"
        for words, limit in (("at most", bar.most), ("at least", bar.least))
        if limit is not None
    ]
    name = f" {bar.unit}".rstrip()
    said = "cleared" if bar.cleared else "MISSED "
    return f"{said}  {bar.text}: {unit.show(bar.figure)}{name} ({', '.join(asked)})"


def _rows(case: Played) -> list[list[str]]:
    headings = [heading(column) for column in case.columns]
    return [
        ["", *headings],
        *([who, *(_cell(case, who, c) for c in case.columns)] for who in case.rounds),
    ]


def heading(column: str) -> str:
    """What stands above a figure."""
    return COLUMNS.get(column, (column.replace("_", " "), ""))[0]


def _cell(case: Played, who: str, column: str) -> str:
    """Median, least and most."""
    unit = UNITS[COLUMNS.get(column, ("", ""))[1]]
    middle, values = case.middle(who, column), case.values(who, column)
    if middle is None:
        return "-"
    low, median, high = (unit.show(value) for value in (min(values), middle, max(values)))
    return median if low == high else f"{median} ({low}-{high})"
