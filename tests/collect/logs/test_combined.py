import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.logs.combined import Combined, split_request
from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.told import Told

AT = 1431857103.0
TIME = "[17/May/2015:10:05:03 +0000]"
COMMON = f'192.0.2.7 - - {TIME} "GET /home?a=1 HTTP/1.1" 200 512'
COMBINED = f'{COMMON} "https://tv.example/" "Mozilla/5.0 (SmartTV)"'
ENTRY = Entry(AT, "192.0.2.7", method="GET", target="/home?a=1", status=200, size=512)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=60)


def read(line: str) -> Entry | None:
    return Combined().read(line)


@pytest.mark.parametrize("line", [COMMON, COMBINED])
def test_common_and_combined_lines_say_the_same(line: str) -> None:
    assert read(line) == ENTRY


@pytest.mark.parametrize(
    "before",
    [
        "tv.example:443 ",
        "<134>Nov 22 20:00:00 edge-1 nginx: ",
        "2026-11-22T20:00:00.1Z stdout F ",
    ],
)
def test_a_virtual_host_or_a_header_of_syslogs_before_it_makes_no_difference(before: str) -> None:
    assert read(before + COMBINED) == ENTRY


def test_an_address_of_ipv6_is_not_taken_for_a_virtual_host() -> None:
    line = COMMON.replace("192.0.2.7", "2001:db8::1")
    assert read(line) == ENTRY._replace(client="2001:db8::1")


def test_a_user_who_signed_in_by_basic_authentication_is_the_account() -> None:
    assert read(COMMON.replace("- - [", "- frank smith [")) == ENTRY._replace(account="frank smith")


@pytest.mark.parametrize(
    ("extras", "said"),
    [
        (' "203.0.113.9, 10.0.0.1"', {"forwarded": "203.0.113.9, 10.0.0.1"}),
        (" 0.123 0.120", {"duration": 0.123}),
        (' rt=0.123 uct="0.001" urt="0.120" cs=HIT', {"duration": 0.123, "cache": "HIT"}),
        (' "-" "MISS"', {"cache": "MISS"}),
        (" 443 TLSv1.3 4711", {}),
        (" **0/12345**", {}),
    ],
)
def test_what_servers_append_is_taken_where_it_is_plain_what_it_is(
    extras: str, said: dict[str, Any]
) -> None:
    assert read(COMBINED + extras) == ENTRY._replace(**said)


def test_no_byte_is_a_size_and_no_status_is_none() -> None:
    assert read(f'192.0.2.7 - - {TIME} "-" 408 -') == Entry(AT, "192.0.2.7", status=408, size=0)
    assert read(f'192.0.2.7 - - {TIME} "GET / HTTP/1.1" - 0') == Entry(
        AT, "192.0.2.7", method="GET", target="/", size=0
    )


def test_a_quotation_mark_nobody_escaped_does_not_hide_the_request() -> None:
    line = f'piweba1y.example - - {TIME} "GET /cgi?"some" HTTP/1.0" 200 7'
    found = read(line)
    assert found is not None
    assert (found.client, found.target, found.status) == ("piweba1y.example", '/cgi?"some"', 200)


def test_an_escaped_quotation_mark_ends_nothing() -> None:
    found = read(f'192.0.2.7 - - {TIME} "GET /\\"x 200 9 HTTP/1.1" 404 5 "-" "a \\"b\\" c"')
    assert found is not None
    assert (found.target, found.status) == ('/\\"x 200 9', 404)


@pytest.mark.parametrize(
    ("request_line", "said"),
    [
        ("GET /a HTTP/1.1", ("GET", "/a")),
        ("GET /a b HTTP/1.1", ("GET", "/a b")),
        ("GET /a", ("GET", "/a")),
        ("POST https://tv.example/a HTTP/1.1", ("POST", "https://tv.example/a")),
        ("", ("", "")),
        ("-", ("", "")),
        ("\\x16\\x03\\x01", ("", "")),
        ("get / HTTP/1.1", ("", "")),
    ],
)
def test_a_request_line_has_a_method_and_a_target_or_neither(
    request_line: str, said: tuple[str, str]
) -> None:
    assert split_request(request_line) == said


@pytest.mark.parametrize(
    "line",
    [
        "",
        "192.0.2.7",
        COMMON[:40],
        COMMON.replace("17/May/2015", "17/Mai/2015"),
        COMMON.replace("10:05:03", "25:05:03"),
        COMMON.replace(" 200 ", " twohundred "),
        "Nov 22 20:00:00 edge-1 sshd[1]: Failed password for root",
    ],
)
def test_a_line_of_another_kind_is_not_read(line: str) -> None:
    assert read(line) is None


def test_what_lines_said_is_counted() -> None:
    reader = Combined()
    for line in (COMMON, COMBINED + " 0.123", COMMON.replace("- - [", "- frank ["), "no line"):
        reader.read(line)
    told = reader.lines()
    assert {told[each] for each in (Told.TIME, Told.CLIENT, Told.PATH, Told.STATUS)} == {3}
    assert (told[Told.DURATION], told[Told.ACCOUNT], told[Told.CACHE]) == (1, 1, 0)


def test_neither_user_agent_nor_referrer_is_taken() -> None:
    ours = COMMON + ' "https://matchnight.invalid/" "matchnight/0.1 run-4711"'
    assert read(ours) == read(COMBINED)


@given(line=TEXTS)
def test_whatever_a_line_is_it_is_read_or_it_is_not(line: str) -> None:
    Combined().read(line)


@given(agent=TEXTS, referrer=TEXTS)
def test_a_client_cannot_change_what_is_read_by_what_it_calls_itself(
    agent: str, referrer: str
) -> None:
    def escaped(text: str) -> str:  # as Apache and nginx do
        return re.sub(r'["\\]', lambda found: f"\\x{ord(found[0]):02x}", text)

    assert read(f'{COMMON} "{escaped(referrer)}" "{escaped(agent)}"') == ENTRY
