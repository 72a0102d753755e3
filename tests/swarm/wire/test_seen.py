from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import Server, World, fetch_of

from loadtests.behavior.steps import Reply
from loadtests.swarm.wire.answer import Answer
from loadtests.swarm.wire.seen import Seen, remember
from loadtests.vocabulary import Outcome

Serve = Callable[..., Server]

OK = b"HTTP/1.1 200 OK\r\n"


def answer_of(body: bytes, etag: bytes = b"a", status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nETag: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        status,
        etag,
        len(body),
        body,
    )


def parsed(data: bytes, *, keep: bool = True) -> Reply:
    reply = Reply(fetch_of("http://127.0.0.1/", keep=keep), 0.0)
    answer = Answer()
    answer.begin(reply)
    answer.feed(memoryview(data))
    answer.close()
    return reply


def seen_from(data: bytes) -> Seen | None:
    return remember(bytearray(data), len(data), parsed(data))


def blank(*, keep: bool = True) -> Reply:
    return Reply(fetch_of("http://127.0.0.1/", keep=keep), 0.0)


def recognizes(seen: Seen, data: bytes) -> bool:
    return seen.answers(blank(), bytearray(data), len(data))


@given(
    first=st.binary(max_size=50),
    second=st.binary(max_size=50),
    keep=st.booleans(),
    refused=st.booleans(),
)
def test_what_is_recognized_reads_exactly_as_the_parser_would(
    first: bytes, second: bytes, *, keep: bool, refused: bool
) -> None:
    status = b"403 No" if refused else b"200 OK"
    seen = seen_from(answer_of(first, status=status))
    data = answer_of(second, status=status)
    reply = blank(keep=keep)

    assert seen is not None
    assert seen.answers(reply, bytearray(data), len(data)) == (len(first) == len(second))
    if len(first) != len(second):
        return
    by_parser = parsed(data, keep=keep)
    assert (reply.status, reply.headers, reply.body, reply.size) == (
        by_parser.status,
        by_parser.headers,
        by_parser.body,
        by_parser.size,
    )


@pytest.mark.parametrize(
    "data",
    [
        answer_of(b"hello", etag=b"b"),
        answer_of(b"hello", status=b"404 No"),
        answer_of(b"hello") + b"H",
        answer_of(b"hello")[:-1],
        answer_of(b"hello")[:20],
    ],
    ids=["another head", "another status", "surplus", "a byte missing", "half a head"],
)
def test_anything_else_is_left_to_the_parser(data: bytes) -> None:
    seen = seen_from(answer_of(b"hello"))

    assert seen is not None
    assert not recognizes(seen, data)


def test_bytes_left_behind_in_the_buffer_by_another_answer_are_not_looked_at() -> None:
    seen = seen_from(answer_of(b"hello"))
    buffer = bytearray(answer_of(b"hello") + answer_of(b"other"))

    assert seen is not None
    reply = blank()
    assert seen.answers(reply, buffer, len(answer_of(b"hello")))
    assert reply.body == b"hello"
    assert not seen.answers(blank(), buffer, 30)


def test_who_reads_the_same_body_gets_the_same_object_and_another_body_its_own() -> None:
    seen = seen_from(answer_of(b"hello"))
    replies = [blank() for _ in range(4)]

    assert seen is not None
    for reply, body in zip(replies, [b"hello", b"other", b"other", b"hello"], strict=True):
        data = bytearray(answer_of(body))
        assert seen.answers(reply, data, len(data))
    assert [reply.body for reply in replies] == [b"hello", b"other", b"other", b"hello"]
    assert replies[1].body is replies[2].body


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer_of(b"hello"),
    ],
    ids=["chunked", "no content", "not modified", "informational first"],
)
def test_only_sized_answers_are_remembered(data: bytes) -> None:
    assert seen_from(data) is None


def test_over_the_wire_answers_that_begin_alike_are_told_apart_where_they_differ(
    world: World, serve: Serve
) -> None:
    said = [answer_of(b"one"), answer_of(b"two"), answer_of(b"two", etag=b"b"), answer_of(b"three")]
    server = serve(lambda peer: [peer.answer(data) for data in said] and None)
    line = world.wire.line(0)

    replies = [world.fetch(server.url, line=line) for _ in said]

    assert [reply.body for reply in replies] == [b"one", b"two", b"two", b"three"]
    assert [reply.headers[b"etag"] for reply in replies] == [b"a", b"a", b"b", b"a"]
    assert {reply.outcome for reply in replies} == {Outcome.OK}


def test_an_answer_that_closes_its_connection_is_not_remembered_as_one_that_does_not(
    world: World, serve: Serve
) -> None:
    farewell = OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello"
    server = serve(lambda peer: peer.answer(farewell))
    line = world.wire.line(0)

    for _ in range(3):
        assert world.fetch(server.url, line=line).outcome is Outcome.OK
    assert len(server.peers) == 3
