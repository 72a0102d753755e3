from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.field_map import FieldMap
from loadtests.collect.logs.objects import Objects
from loadtests.collect.logs.tables import Tables

AT = 1795377600.0
IIS = (
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) "
    "sc-status time-taken"
)
CLOUDFRONT = (
    "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
    "cs(User-Agent) cs-uri-query x-edge-result-type time-taken"
)


def read(heading: str, row: str) -> Entry | None:
    tables = Tables(Objects(FieldMap()))
    tables.heading(heading)
    return tables.read(row)


def test_a_row_of_iis_is_read_by_its_heading() -> None:
    row = "2026-11-22 20:00:00 10.0.0.1 GET /a b=1 - 198.51.100.7 Mozilla/5.0 200 125"
    assert read(IIS, row) == Entry(
        AT, "198.51.100.7", method="GET", target="/a?b=1", status=200, duration=0.125
    )


def test_a_row_of_cloudfront_is_read_by_its_heading() -> None:
    cells = "2026-11-22 20:00:00 CDG50 512 198.51.100.7 GET tv.example /a 200 curl - Hit 0.125"
    assert read(CLOUDFRONT, cells.replace(" ", "\t")) == Entry(
        AT, "198.51.100.7", method="GET", target="/a", status=200, size=512, duration=0.125,
        cache="Hit", region="CDG50",
    )  # fmt: skip


def test_a_row_that_does_not_fit_its_heading_is_not_read() -> None:
    assert read(IIS, "2026-11-22 20:00:00 10.0.0.1 GET") is None


def test_without_a_heading_nothing_is_read() -> None:
    assert read("#Version: 1.0", "2026-11-22 20:00:00 /a 200") is None


def test_a_new_heading_counts_from_its_line_on() -> None:
    tables = Tables(Objects(FieldMap()))
    tables.heading(IIS)
    tables.heading("#Fields: date time cs-uri-stem sc-status")
    assert tables.read("2026-11-22 20:00:00 /a 404") == Entry(AT, target="/a", status=404)
