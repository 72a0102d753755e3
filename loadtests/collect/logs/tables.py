"""Extended logs of the W3C: rows under a `#Fields:` line (IIS, CloudFront)."""

from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.objects import Object, Objects

_FIELDS = "#Fields:"


class Tables:
    """Reads rows by the last `#Fields:` line before them (W3C, Extended Log File Format, 1996)."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._names: list[str] = []

    def heading(self, line: str) -> None:
        """Take in a line that begins with `#`: most say nothing of requests."""
        if line.startswith(_FIELDS):
            self._names = line.removeprefix(_FIELDS).split()

    def read(self, line: str) -> Entry | None:
        """What a row says; None: there is no heading, or it does not fit."""
        values = line.split("\t") if "\t" in line else line.split(" ")
        if not self._names or len(values) != len(self._names):
            return None
        row = {name: value.strip('"') for name, value in zip(self._names, values, strict=True)}
        return self._objects.read(_dated(row))


def _dated(row: dict[str, str]) -> Object:
    """The row with date and time in one: the format's times are in GMT."""
    if "date" in row and "time" in row:
        return row | {"time": f"{row['date']}T{row['time']}+00:00"}
    return row
