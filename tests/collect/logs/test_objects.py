import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.sighting import Said
from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.field_map import FieldMap, parse_field_map
from loadtests.collect.logs.objects import Objects
from loadtests.collect.logs.told import Told, Unit
from loadtests.errors import InvalidFile

AT = 1795377600.0
ENTRY = Entry(
    AT, "198.51.100.7", method="POST", target="/login?a=1", status=401, size=27, duration=0.125
)
NGINX = {
    "time_iso8601": "2026-11-22T20:00:00+00:00",
    "remote_addr": "198.51.100.7",
    "remote_user": "",
    "request": "POST /login?a=1 HTTP/1.1",
    "status": "401",
    "body_bytes_sent": "27",
    "request_time": "0.125",
    "upstream_cache_status": "-",
    "http_user_agent": "curl",
}
CADDY = {
    "ts": AT,
    "request": {"remote_ip": "198.51.100.7", "method": "POST", "uri": "/login?a=1"},
    "status": 401,
    "size": 27,
    "duration": 0.125,
}
TRAEFIK = {
    "time": "2026-11-22T20:00:00Z",
    "ClientHost": "198.51.100.7",
    "RequestMethod": "POST",
    "RequestPath": "/login?a=1",
    "DownstreamStatus": 401,
    "DownstreamContentSize": 27,
    "Duration": 125_000_000,
}
CLOUDFLARE = {
    "EdgeEndTimestamp": 1795377600000000000,
    "ClientIP": "198.51.100.7",
    "ClientRequestMethod": "POST",
    "ClientRequestURI": "/login?a=1",
    "EdgeResponseStatus": 401,
    "EdgeResponseBytes": 27,
}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None, True, "", "-", "x", "GET /", "1e999", "\udc80", -1, 10**400, 1e308, math.nan, [], [1],
        {}, {"remote_ip": []}, AT, "2026-11-22T20:00:00Z",
    ]
)  # fmt: skip


def read(said: dict[str, Any], fields: FieldMap | None = None) -> Entry | None:
    return Objects(fields or FieldMap()).read(said)


@pytest.mark.parametrize("said", [NGINX, CADDY, TRAEFIK])
def test_usual_names_need_no_map(said: dict[str, Any]) -> None:
    assert read(said) == ENTRY


def test_what_an_object_does_not_say_is_none() -> None:
    assert read(CLOUDFLARE) == ENTRY._replace(duration=None)


def test_a_map_names_what_has_other_names() -> None:
    text = """
fields: {time: when, client: peer.address, path: what, duration: took, outcome: why}
duration_in: us
outcomes: {E_PASSWORD: bad_credentials}
first_attempt: 0
"""
    fields = parse_field_map(text, file="map.yaml")
    said = {
        "when": AT,
        "peer": {"address": "198.51.100.7"},
        "method": "POST",
        "what": "/login?a=1",
        "status": 401,
        "bytes": 27,
        "took": 125_000,
        "why": "E_PASSWORD",
    }
    assert read(said, fields) == ENTRY._replace(outcome="E_PASSWORD")
    assert (fields.outcomes, fields.first_attempt) == ({"E_PASSWORD": Said.BAD_CREDENTIALS}, 0)


def test_a_name_with_a_dot_of_its_own_is_found() -> None:
    said = {"time": AT, "url.path": "/", "http.status_code": 200}
    fields = FieldMap(fields={Told.PATH: "url.path"})
    assert read(said, fields) == Entry(AT, target="/", status=200)


def test_a_map_that_is_wrong_says_where_and_what_to_write() -> None:
    with pytest.raises(InvalidFile) as caught:
        parse_field_map("fields: {tme: when}\nduration_in: minutes\n", file="map.yaml")
    first, second = caught.value.problems
    assert first.startswith("map.yaml:1:10: fields.tme:")
    assert "did you mean 'time'?" in first
    assert second.startswith("map.yaml:2:14: duration_in:")


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        ("duration", 0.125, 0.125),
        ("duration", 125, 0.125),
        ("duration_ms", 125.0, 0.125),
        ("duration_us", "125000", 0.125),
        ("request_time", 2, 2.0),
        ("latency", "125ms", 0.125),
        ("duration", -1, None),
        ("duration", "-", None),
        ("duration", "soon", None),
    ],
)
def test_a_duration_is_in_seconds_whatever_it_was_counted_in(
    name: str, value: object, seconds: float | None
) -> None:
    found = read({"time": AT, "path": "/", "status": 200, name: value})
    assert found is not None
    assert found.duration == seconds


def test_a_stated_unit_wins() -> None:
    said = {"time": AT, "path": "/", "status": 200, "duration": 2}
    found = read(said, FieldMap(duration_in=Unit.SECONDS))
    assert found is not None
    assert found.duration == 2.0


def test_a_time_of_the_beginning_is_said_to_be_one() -> None:
    found = read({"start_time": AT, "path": "/", "status": 200, "duration": 0.5})
    assert found is not None
    assert found.is_start


def test_the_query_may_stand_by_itself() -> None:
    found = read({"time": AT, "uri": "/a", "args": "b=1", "status": 200})
    assert found is not None
    assert found.target == "/a?b=1"


@pytest.mark.parametrize(
    "change",
    [
        {"time_iso8601": None},
        {"time_iso8601": "tonight"},
        {"status": "none"},
        {"body_bytes_sent": "many"},
        {"time_iso8601": True},
    ],
)
def test_an_object_with_something_wrong_in_it_is_not_read(change: dict[str, Any]) -> None:
    assert read(NGINX | change) is None


@pytest.mark.parametrize("missing", ["time_iso8601", "request", "status"])
def test_an_object_that_tells_of_no_request_is_not_read(missing: str) -> None:
    assert read({name: value for name, value in NGINX.items() if name != missing}) is None


def test_what_objects_have_fields_for_is_counted_even_where_nothing_is_in_them() -> None:
    objects = Objects(FieldMap())
    for said in (NGINX, NGINX, CLOUDFLARE, {"level": "info"}):
        objects.read(said)
    told = objects.lines()
    assert (told[Told.STATUS], told[Told.DURATION], told[Told.CACHE]) == (3, 2, 2)


def test_nothing_that_marks_a_run_of_ours_is_taken() -> None:
    marks = {"http_user_agent": "matchnight/0.1", "request_id": "7", "x_matchnight_run": "r"}
    assert read(NGINX | marks) == ENTRY


@given(st.dictionaries(st.sampled_from([*NGINX, *CADDY]), ODD))
def test_whatever_is_in_an_object_it_is_read_or_it_is_not(change: dict[str, Any]) -> None:
    read(CADDY | change)
    read(NGINX | change)
