"""Responses as bytes: whatever their framing, and however they are cut into pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import fetch_of

from loadtests.behavior.steps import Reply
from loadtests.swarm.wire.answer import MOST_KEPT, MOST_OVERHEAD, Answer, Answers

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Length: 5\r\nETag: a\r\n\r\nhello"
CHUNKED = (
    OK
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"2\r\nhe\r\n3;note=x\r\nllo\r\n0\r\nX-Trailer: late\r\n\r\n"
)
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
CASES = {
    "content-length": (SIZED, 200, b"hello", True),
    "chunked": (CHUNKED, 200, b"hello", True),
    "interim": (INTERIM + b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED, 200, b"hello", True),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    "not modified": (b"HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n", 304, b"", True),
    "empty": (OK + b"Content-Length: 0\r\n\r\n", 200, b"", True),
    "close": (OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", False),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", False),
    "1.0 kept": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
        200,
        b"hello",
        True,
    ),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "refusal": (b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", 503, b"busy", True),
}


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a < b]


def read(
    pieces: list[bytes], *, method: str = "GET", keep: bool = True, answer: Answer | None = None
) -> tuple[Answer, Reply]:
    reply = Reply(fetch_of("http://127.0.0.1/", method=method, keep=keep), 0.0)
    answer = answer or Answer()
    answer.begin(reply)
    for piece in pieces:
        assert not answer.garbage
        answer.feed(memoryview(piece))
    answer.close()
    return answer, reply


@pytest.mark.parametrize(("data", "status", "body", "persistent"), CASES.values(), ids=CASES)
def test_every_framing_is_read_whole_wherever_it_is_split(
    data: bytes, status: int, body: bytes, *, persistent: bool
) -> None:
    for cut in range(1, len(data)):
        answer, reply = read(pieces_of(data, [cut]))
        got = (answer.complete, answer.persistent, reply.status, reply.body, reply.size)
        assert got == (True, persistent, status, body, len(body)), f"cut at {cut}"


@given(st.sampled_from(list(CASES.values())), st.lists(st.integers(0, 200)))
def test_no_way_of_cutting_an_answer_changes_it(
    case: tuple[bytes, int, bytes, bool], cuts: list[int]
) -> None:
    data, status, body, persistent = case
    answer, reply = read(pieces_of(data, [cut % len(data) for cut in cuts]))

    assert (answer.complete, answer.persistent) == (True, persistent)
    assert (reply.status, reply.body, reply.size) == (status, body, len(body))


@given(st.lists(st.binary(min_size=1, max_size=40)), st.lists(st.integers(0, 2000)))
def test_chunks_of_any_size_add_up_to_the_body(chunks: list[bytes], cuts: list[int]) -> None:
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    data = OK + b"Transfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n\r\n"

    answer, reply = read(pieces_of(data, [cut % len(data) for cut in cuts]))

    assert answer.complete
    assert reply.body == b"".join(chunks)


def test_one_answer_after_another_is_read_by_the_same_parser() -> None:
    answer = Answer()
    for data, status, body, persistent in CASES.values():
        if persistent:
            _, reply = read([data], answer=answer)
            assert (reply.status, reply.body) == (status, body)
            assert answer.is_clean


def test_headers_are_found_in_lower_case_and_several_of_a_name_are_one_list() -> None:
    _, reply = read([OK + b"VARY: a\r\nVary: b\r\nContent-Length: 0\r\n\r\n"])

    assert reply.headers == {b"vary": b"a, b", b"content-length": b"0"}


def test_headers_of_informational_answers_are_not_those_of_the_answer() -> None:
    _, reply = read([INTERIM + SIZED])

    assert reply.headers == {b"content-length": b"5", b"etag": b"a"}


def test_an_answer_to_head_ends_with_its_headers() -> None:
    answer, reply = read([OK + b"Content-Length: 5000\r\n\r\n"], method="HEAD")

    assert (answer.complete, answer.persistent) == (True, True)
    assert (reply.size, reply.body) == (0, b"")
    assert not answer.is_clean, "its parser waits for a body"


def test_a_body_nobody_wants_is_counted_and_dropped() -> None:
    _, reply = read([SIZED], keep=False)

    assert (reply.size, reply.body) == (5, b"")


def test_the_body_of_a_refusal_is_kept_whoever_asked_because_it_says_why() -> None:
    _, reply = read([b"HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nwhy?"], keep=False)

    assert reply.body == b"why?"


@pytest.mark.parametrize(
    "surplus",
    [b"HTTP/1.1 200 OK\r\nETag: b\r\nContent-Length: 2\r\n\r\nno", b"garbage", SIZED[:20]],
)
def test_bytes_behind_a_complete_answer_change_nothing_but_end_the_connection(
    surplus: bytes,
) -> None:
    answer, reply = read([SIZED + surplus])

    assert (answer.complete, answer.garbage, answer.persistent) == (True, False, False)
    assert (reply.status, reply.body, reply.headers[b"etag"]) == (200, b"hello", b"a")
    assert not answer.is_clean


@pytest.mark.parametrize(
    "data",
    [
        b"220 smtp.example ready\r\n",
        b"<html>not even HTTP</html>",
        b"HTTP/1.1 abc OK\r\n",
        b"\x16\x03\x01\x02\x00",
        OK + b"Content-Length: five\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    ],
)
def test_what_is_not_http_is_garbage(data: bytes) -> None:
    answer, _ = read([data])

    assert (answer.garbage, answer.complete) == (True, False)


def endless(start: bytes, more: bytes) -> Answer:
    """Feed `more` for as long as it is taken, up to ten times what is allowed."""
    reply = Reply(fetch_of("http://127.0.0.1/"), 0.0)
    answer = Answer()
    answer.begin(reply)
    answer.feed(memoryview(start))
    fed = 0
    while not answer.garbage and fed < 10 * MOST_KEPT:
        answer.feed(memoryview(more))
        fed += len(more)
    return answer


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (OK, b"X-More: 1\r\n" * 90),
        (OK + b"X-Long: ", b"a" * 1000),
        (b"", INTERIM * 20),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: 1\r\n" * 90),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"a" * 1000),
    ],
    ids=["headers", "one header", "informational", "trailers", "chunk extension"],
)
def test_bytes_without_end_that_are_no_body_are_garbage_after_64_kilobytes(
    start: bytes, more: bytes
) -> None:
    answer = endless(start, more)

    assert answer.garbage
    assert MOST_OVERHEAD <= answer._overhead < MOST_OVERHEAD + len(more)


def test_a_body_somebody_wants_is_garbage_beyond_what_can_be_kept() -> None:
    answer = endless(OK + b"Content-Length: 999999999\r\n\r\n", b"x" * 100_000)

    assert answer.garbage
    assert MOST_KEPT < answer.size <= MOST_KEPT + 100_000


@pytest.mark.parametrize(
    ("head", "ends"),
    [
        (b"", True),
        (b"Transfer-Encoding: gzip\r\n", True),
        (b"Transfer-Encoding: chunked\r\n", False),
        (b"Content-Length: 5\r\n", False),
    ],
)
def test_a_body_without_length_ends_with_the_connection(head: bytes, *, ends: bool) -> None:
    answer, _ = read([OK + head + b"\r\n"])

    assert answer.ends_with_connection is ends
    assert not answer.complete


def test_an_answer_whose_head_is_not_there_yet_does_not_end_with_the_connection() -> None:
    answer, _ = read([OK])

    assert not answer.ends_with_connection


def test_what_is_left_of_a_body_nobody_wants_is_known_only_from_its_length() -> None:
    sized = OK + b"Content-Length: 500\r\n\r\n12345"
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n500\r\n12345"

    assert read([sized], keep=False)[0].left == 495
    assert read([sized], keep=True)[0].left == 0
    assert read([sized[:30]], keep=False)[0].left == 0
    assert read([chunked], keep=False)[0].left == 0
    assert read([SIZED], keep=False)[0].left == 0


def test_a_parser_is_used_again_only_if_it_stands_at_the_beginning_of_a_message() -> None:
    answers = Answers()
    reply = Reply(fetch_of("http://127.0.0.1/"), 0.0)
    clean, broken = answers.take(reply), answers.take(reply)
    clean.feed(memoryview(SIZED))
    broken.feed(memoryview(SIZED[:30]))

    answers.give_back(broken)
    answers.give_back(clean)

    assert answers.take(reply) is clean
    assert answers.take(reply) is not broken
