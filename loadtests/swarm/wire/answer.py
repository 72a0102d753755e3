"""One response as it is read; then its parser goes to the next: idle viewers cost none."""

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpResponseParser,
)

from loadtests.behavior.steps import Reply

MOST_OVERHEAD = 65_536  # bytes in a row without a byte of body: head, trailers, chunk extensions
MOST_KEPT = 8_000_000  # bytes of a body somebody wants: no playlist or token is larger
_SPARE = 256  # answers kept for the next response
REFUSAL = 300  # from here on the body may say why, and is small: it is kept whoever asked
_FINAL = 200  # first status that is not informational (RFC 9110, section 15.2)


class Answer:
    """Reads one response (RFC 9112) into a `Reply`, in pieces of any size.

    After each `feed` it is `complete`, or `garbage` (not HTTP, or beyond the limits above), or
    wants more. The methods named `on_...` are for the parser.
    """

    __slots__ = (
        "_bodiless",
        "_headers",
        "_keep",
        "_overhead",
        "_parser",
        "_parts",
        "_reply",
        "_spoiled",
        "complete",
        "garbage",
        "has_head",
        "persistent",
        "says_stop",
        "size",
    )

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []
        self._spoiled = False  # the parser has seen what it cannot recover from

    def begin(self, reply: Reply) -> None:
        """Read into `reply` from now on."""
        self._reply = reply
        reply.headers = self._headers = {}
        self._keep = reply.fetch.keep
        self._bodiless = reply.fetch.method == "HEAD"
        self._overhead = 0
        self.size = 0
        self.has_head = self.complete = self.garbage = self.persistent = self.says_stop = False

    def feed(self, data: memoryview) -> None:
        """Read on."""
        before = self.size
        try:
            self._parser.feed_data(data)
        except HttpParserCallbackError as wrapped:
            raise wrapped.__context__ or wrapped from None
        except (HttpParserError, HttpParserUpgrade):
            self._spoil()
        if self.size == before:
            self._overhead += len(data)
            self.garbage |= not self.complete and self._overhead >= MOST_OVERHEAD
        else:
            self._overhead = 0
            self.garbage |= self._keep and self.size > MOST_KEPT

    def _spoil(self) -> None:
        # an error behind a complete answer spoils the connection, not the answer
        self._spoiled = True
        self.persistent = False
        self.garbage = not self.complete

    @property
    def ends_with_connection(self) -> bool:
        """Whether the body has no length of its own (RFC 9112, section 6.3, rule 8)."""
        if not self.has_head:
            return False
        coding = self._reply.headers.get(b"transfer-encoding")
        if coding is not None:
            return not coding.lower().endswith(b"chunked")
        return b"content-length" not in self._reply.headers

    @property
    def left(self) -> int:
        """Body bytes still to come, where nobody wants them and their number is known; else 0."""
        if self._keep or not self.has_head or self.complete:
            return 0
        headers = self._reply.headers
        length = headers.get(b"content-length")
        if length is None or b"transfer-encoding" in headers:
            return 0
        return int(length) - self.size

    def skip(self, size: int) -> None:
        """Count body bytes that were dropped unread, after which the parser is of no use."""
        self._spoiled = True
        self.size += size

    def close(self) -> None:
        """Hand over what was read, complete or not."""
        reply, parts = self._reply, self._parts
        reply.size = self.size
        if parts:
            reply.body = parts[0] if len(parts) == 1 else b"".join(parts)
            parts.clear()

    @property
    def is_clean(self) -> bool:
        """Whether the parser stands at the beginning of a message and can read another response."""
        return self.complete and self.persistent and not self._spoiled

    def on_message_begin(self) -> None:
        """The first byte of a message."""
        if self.complete:  # nobody asked for a second answer
            self._spoiled = True
            self.persistent = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line, or a trailer."""
        if self.complete:
            return
        headers = self._headers
        name = name.lower()
        # several lines of one name are one list (RFC 9110, section 5.3)
        headers[name] = headers[name] + b", " + value if name in headers else value

    def on_headers_complete(self) -> None:
        """The status line and all headers are there."""
        if self.complete:
            return
        # `Matchnight-Stop: 1` in any answer stops the run, in an informational one, too
        self.says_stop |= self._reply.headers.get(b"matchnight-stop") == b"1"
        parser = self._parser
        status = self._reply.status = parser.get_status_code()
        if status >= _FINAL:
            self.has_head = True
            self.persistent = parser.should_keep_alive()
            self._keep |= status >= REFUSAL
            if self._bodiless:
                self.complete = self._spoiled = True  # the parser would wait for a body

    def on_body(self, data: bytes) -> None:
        """A piece of the body, without its framing."""
        if self.complete:
            return
        self.size += len(data)
        if self._keep:
            self._parts.append(data)

    def on_message_complete(self) -> None:
        """The message is over."""
        if self.has_head:
            self.complete = True
        else:  # informational: the answer is still to come
            self._headers.clear()


class Answers:
    """Answers waiting for their next response."""

    __slots__ = ("_spare",)

    def __init__(self) -> None:
        self._spare: list[Answer] = []

    def take(self, reply: Reply) -> Answer:
        """One that reads into `reply`."""
        answer = self._spare.pop() if self._spare else Answer()
        answer.begin(reply)
        return answer

    def give_back(self, answer: Answer) -> None:
        """Keep it for later, if its parser can be used again."""
        if answer.is_clean and len(self._spare) < _SPARE:
            self._spare.append(answer)
