import string
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from loopback import fetch_of

from loadtests import __version__
from loadtests.behavior.steps import Fetch, Reply
from loadtests.swarm.wire.request import Origin, Requests, compose
from loadtests.swarm.wire.seen import Seen
from loadtests.url import split

ENCODED_ALREADY = "%!$&'()*+,;=:@/?-._~[]"


def written(fetch: Fetch, number: int = 7) -> bytes:
    prepared = Requests("run-1", 2).prepare(fetch.method, fetch.url)
    return compose(prepared.head, fetch, number)


COMMON = (
    b"Host: edge.test:8080\r\nUser-Agent: matchnight/%b\r\nAccept: */*\r\n"
    b"X-Matchnight-Run: run-1\r\nX-Request-Id: 2-7\r\n" % __version__.encode()
)


def test_a_plain_request_has_the_common_headers_and_nothing_else() -> None:
    fetch = fetch_of("http://edge.test:8080/live/master.m3u8?x=1")

    assert written(fetch) == b"GET /live/master.m3u8?x=1 HTTP/1.1\r\n" + COMMON + b"\r\n"


def test_headers_range_and_attempt_of_the_fetch_are_in_it() -> None:
    fetch = fetch_of(
        "http://edge.test:8080/", headers=b"Authorization: Bearer x\r\n", span=(0, 99), attempt=3
    )

    assert written(fetch) == (
        b"GET / HTTP/1.1\r\n" + COMMON + b"Authorization: Bearer x\r\n"
        b"X-Matchnight-Attempt: 3\r\nRange: bytes=0-99\r\n\r\n"
    )


@pytest.mark.parametrize("body", [b"", b"{}\r\n"])
def test_a_post_says_how_long_its_body_is_even_if_there_is_none(body: bytes) -> None:
    fetch = fetch_of("http://edge.test:8080/leave", method="POST", body=body)

    assert written(fetch) == (
        b"POST /leave HTTP/1.1\r\n" + COMMON + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )


@pytest.mark.parametrize(
    ("url", "line", "host"),
    [
        ("http://edge.test/a b", b"GET /a%20b HTTP/1.1", b"Host: edge.test"),
        ("http://edge.test/%20?q=ä", b"GET /%20?q=%C3%A4 HTTP/1.1", b"Host: edge.test"),
        ("https://edge.test:443?x", b"GET /?x HTTP/1.1", b"Host: edge.test"),
        ("http://[::1]:81/", b"GET / HTTP/1.1", b"Host: [::1]:81"),
        ("http://bücher.test/", b"GET / HTTP/1.1", b"Host: xn--bcher-kva.test"),
        ("http://edge.test/\r\nX-Evil: 1", b"GET /X-Evil:%201 HTTP/1.1", b"Host: edge.test"),
    ],
)
def test_nothing_a_url_contains_breaks_the_request_line(url: str, line: bytes, host: bytes) -> None:
    lines = written(fetch_of(url)).split(b"\r\n")

    assert lines[:2] == [line, host]
    assert len(lines) == 8


@pytest.mark.parametrize(
    "url", ["http://a b/", "http://", "file:///etc/passwd", "http://h:99999/", "http://a\x01b/"]
)
def test_what_names_no_usable_host_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"http|URL|host"):
        written(fetch_of(url))


def test_a_prepared_request_is_made_once_and_knows_its_origin() -> None:
    requests = Requests("run-1", 2)

    prepared = requests.prepare("GET", "https://EDGE.test/a")

    assert prepared.origin == Origin("https", "edge.test", 443)
    assert requests.prepare("GET", "https://EDGE.test/a") is prepared
    assert requests.prepare("HEAD", "https://EDGE.test/a") is not prepared


@given(
    target=st.text(
        string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%\"<>\\^`{|} é", max_size=30
    ),
    host=st.sampled_from(["http://edge.test", "https://edge.test:8443", "http://127.0.0.1:80"]),
)
def test_a_usual_url_is_asked_for_as_any_other(target: str, host: str) -> None:
    assume(not target.endswith("?"))  # an empty query is sent as browsers do, and split drops it
    url = f"{host}/{target}"
    parts = split(url)
    line, said, *_ = written(fetch_of(url)).decode().split("\r\n")

    assert line == f"GET {quote(parts.target, safe=ENCODED_ALREADY)} HTTP/1.1"
    assert said == f"Host: {parts.authority}"
    assert Requests("run-1", 2).prepare("GET", url).origin == Origin(*parts[:3])


def test_a_url_nobody_has_asked_for_is_expected_to_be_answered_as_what_ends_alike() -> None:
    requests, reply = Requests("run-1", 2), Reply(fetch_of("http://edge.test/"), 0.0)
    first = requests.prepare("GET", "http://edge.test/viewer/1/7.m4s?signature=a")
    seen = Seen(b"HTTP/1.1 200 OK", 99, reply)

    requests.remember(first, seen)

    assert first.seen is seen
    assert requests.prepare("GET", "http://edge.test/viewer/2/7.m4s?signature=b").seen is seen
    assert requests.prepare("GET", "http://edge.test/viewer/2/8.m4s?signature=b").seen is None


def test_requests_prepared_do_not_pile_up_over_a_long_run() -> None:
    requests = Requests("run-1", 2)

    for number in range(20_000):
        requests.prepare("GET", f"http://edge.test/{number}.m4s")

    assert len(requests._prepared) <= 8192
