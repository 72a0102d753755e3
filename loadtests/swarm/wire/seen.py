"""Answers that begin like the last one to the same request: their head need not be parsed again.

Thousands of viewers fetch the same segment within seconds, and an edge answers them alike, byte for
byte, until the date changes. The same bytes mean the same: what the parser said once still holds.
Who reads the same body gets the same object: what was made of it is found again without a look.
"""

from loadtests.behavior.steps import Reply
from loadtests.swarm.wire.answer import REFUSAL

_END = b"\r\n\r\n"


class Seen:
    """The head of an answer that was read whole, kept the connection open and said its length."""

    __slots__ = ("_body", "_head", "_headers", "_length", "_status")

    def __init__(self, head: bytes, length: int, reply: Reply) -> None:
        self._head = head
        self._length = length
        self._status = reply.status
        self._headers = reply.headers
        self._body = reply.body  # the last one that was kept

    def answers(self, reply: Reply, raw: bytearray, size: int) -> bool:
        """Whether the first `size` bytes of `raw` are this head and its whole body.

        If so they are read into `reply`. Its headers are shared: nobody changes them.
        """
        head = self._head
        if size != self._length or not raw.startswith(head):
            return False
        begin = len(head)
        status = reply.status = self._status
        reply.headers = self._headers
        reply.size = size - begin
        if reply.fetch.keep or status >= REFUSAL:
            body = self._body
            if len(body) != size - begin or not raw.startswith(body, begin):
                body = self._body = bytes(raw[begin:size])
            reply.body = body
        return True


def remember(raw: bytearray, size: int, reply: Reply) -> Seen | None:
    """What to look for next time, if `raw` up to `size` is one sized answer; else None."""
    length = reply.headers.get(b"content-length")
    if length is None or b"transfer-encoding" in reply.headers:
        return None
    head = raw.find(_END, 0, size) + len(_END)
    if head + int(length) != size:  # an informational answer came first, or no body at all
        return None
    return Seen(bytes(raw[:head]), size, reply)
