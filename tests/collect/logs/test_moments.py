from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.logs.moments import epoch, moment

KICK_OFF = datetime(2026, 11, 22, 20, 0, 0, tzinfo=UTC).timestamp()
MOMENTS = st.integers(800_000_000, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))
ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))


@pytest.mark.parametrize(
    "text",
    [
        "22/Nov/2026:20:00:00 +0000",
        "22/Nov/2026:21:00:00 +0100",
        "22/nov/2026:12:00:00.000 -08:00",
        "2026-11-22T20:00:00Z",
        "2026-11-22T20:00:00.000000000Z",
        "2026-11-22 21:00:00,000+01:00",
        "1795377600",
        "1795377600.000",
        "1795377600000",
        "1795377600000000",
        "1795377600000000000",
    ],
)
def test_a_moment_is_read_however_servers_write_it(text: str) -> None:
    assert moment(text) == (KICK_OFF, True)


@pytest.mark.parametrize("text", ["22/Nov/2026:20:00:00", "2026-11-22T20:00:00"])
def test_a_time_without_a_zone_is_taken_for_utc_and_said_to_have_none(text: str) -> None:
    assert moment(text) == (KICK_OFF, False)


@pytest.mark.parametrize(
    "text", ["-", "yesterday", "22/Nab/2026:20:00:00 +0000", "31/Feb/2026:20:00:00 +0000", "17"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(text)


def test_a_leap_second_is_the_one_after_the_last() -> None:
    assert moment("30/Jun/2015:23:59:60 +0000") == moment("01/Jul/2015:00:00:00 +0000")


@given(when=MOMENTS, ahead=ZONES)
def test_the_zone_of_a_common_log_makes_no_difference(when: datetime, ahead: timedelta) -> None:
    local = when.astimezone(timezone(ahead))
    assert moment(f"{local:%d/%b/%Y:%H:%M:%S %z}") == (local.timestamp(), True)


@given(when=MOMENTS)
def test_a_number_tells_its_own_unit(when: datetime) -> None:
    seconds = when.timestamp()
    for factor in (1, 10**3, 10**6, 10**9):
        assert epoch(seconds * factor) == pytest.approx(seconds)


@pytest.mark.parametrize("number", [0.0, -1.0, float("nan"), float("inf")])
def test_a_number_that_is_no_moment_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match=r"."):
        epoch(number)
