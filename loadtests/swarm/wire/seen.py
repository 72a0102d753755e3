"""Answers that begin like the last one to the same request: their head need not be parsed again.

Thousands of viewers fetch the same segment within seconds, and an edge answers them alike, byte for
byte, until the date changes. The same bytes mean the same: what the parser said once still holds.
"""

from loadtests.behavior.steps import Reply
from loadtests.swarm.wire.answer import REFUSAL

_END = b"\r\n\r\n"


class Seen:
    """The head of an answer that was read whole, kept the connection open and said its length."""

    __slots__ = ("_head", "_headers", "_length", "_status")

    def __init__(self, head: bytes, length: int, reply: Reply) -> None:
        self._head = head
        self._length = length
        self._status = reply.status
        self._headers = reply.headers

    def is_all_of(self, data: memoryview) -> bool:
        """Whether `data`, from the start of its buffer, is this head and its whole body."""
        raw: bytearray = data.obj  # type: ignore[assignment] # whatever it is, it has bytes' methods
        return len(data) == self._length and raw.startswith(self._head)

    def fill(self, reply: Reply, data: memoryview) -> None:
        """Read `data` into `reply`. Its headers are shared: nobody changes them."""
        head = len(self._head)
        reply.status = self._status
        reply.headers = self._headers
        reply.size = self._length - head
        if reply.fetch.keep or self._status >= REFUSAL:
            reply.body = bytes(data[head:])


def remember(data: memoryview, reply: Reply) -> Seen | None:
    """What to look for next time, if `data` was one sized answer and nothing else; else None."""
    length = reply.headers.get(b"content-length")
    if length is None or b"transfer-encoding" in reply.headers:
        return None
    raw: bytearray = data.obj  # type: ignore[assignment] # whatever it is, it has bytes' methods
    head = raw.find(_END, 0, len(data)) + len(_END)
    if head + int(length) != len(data):  # an informational answer came first, or no body at all
        return None
    return Seen(bytes(data[:head]), len(data), reply)
