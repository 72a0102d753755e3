"""A probe in words, a hundred columns wide: what was sent, what came, what was kept of it."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus

from loadtests.behavior.speech import UNSAID
from loadtests.behavior.steps import Fetch, Reply
from loadtests.swarm.redact import Redactor, is_secret_name, outline
from loadtests.units import Seconds
from loadtests.vocabulary import Step

WIDTH = 100
MOST_LINES = 6  # of a body
MOST_OF_A_LINE = 300  # characters
QUIET = frozenset({Step.INIT, Step.SEGMENT})
"""Steps whose bodies say nothing to a person."""

_TOLD = (
    "content-type", "location", "retry-after", "www-authenticate", "set-cookie", "cache-control",
    "age", "x-cache", "matchnight-stop",
)  # fmt: skip
_TEXTS = ("json", "text", "xml", "mpegurl", "x-www-form-urlencoded")
_KILO = 1000
_LEAD = "      "


class Transcript:
    """Writes the lines of one probe."""

    def __init__(self, write: Callable[[str], object], base: str, redactor: Redactor) -> None:
        """`base`: the target's URL, which is not repeated."""
        self._write = write
        self._base = base
        self._redactor = redactor
        self._number = 0
        self._headers: set[str] = set()  # already shown

    def line(self, text: str = "") -> None:
        """A line of its own."""
        self._write(f"{text}\n")

    def paragraph(self, text: str, *, lead: str = "") -> None:
        """A text that may take several lines, all but the first under the end of `lead`."""
        indent = " " * len(lead)
        for line in textwrap.wrap(
            text,
            WIDTH,
            initial_indent=lead,
            subsequent_indent=indent,
            break_on_hyphens=False,
        ):
            self.line(line)

    def request(self, reply: Reply) -> None:
        """One request, as it ended."""
        self._number += 1
        fetch = reply.fetch
        self.line(self._headline(reply))
        if fetch.url == UNSAID or (reply.ok and fetch.step in QUIET):
            return
        self._part("sent", self._sent(fetch))
        self._part("came", self._came(reply))
        if reply.ok and type(reply.value) is dict:
            self._part("kept", self._kept(reply.value))

    def body(self, body: bytes, content_type: str) -> list[str]:
        """The first lines of a body, or what it is if it is no text; nothing without one."""
        if not body:
            return []
        text = _text(body, content_type)
        if text is None:
            return [f"{size(len(body))} of {content_type or 'no content type'}"]
        # first all of it, then its beginning: half a token does not look like one
        lines = [_begin(line, MOST_OF_A_LINE) for line in self.clean(text).splitlines() if line]
        more = len(lines) - MOST_LINES
        return lines if more <= 0 else [*lines[:MOST_LINES], f"… and {more} more lines"]

    def clean(self, text: str) -> str:
        """A text without secrets."""
        return self._redactor.redacted(text)

    def answer(self, reply: Reply) -> str:
        """An answer in a line: `404 Not Found: {"error": "not_found"}`, or that there was none."""
        if not reply.status:
            return f"no answer: {reply.outcome}" if reply.id else "it could not be sent"
        body = self.body(reply.body, reply.headers.get(b"content-type", b"").decode("latin-1"))
        return f"{_status(reply.status)}: {body[0]}" if body else _status(reply.status)

    def _headline(self, reply: Reply) -> str:
        fetch = reply.fetch
        right = f"{reply.status or NONE:>4} {_took(reply.done - reply.due):>7}  {reply.outcome}"
        if fetch.step in QUIET:
            right = f"{size(reply.size):>8} {right}"
        left = f"{self._number:>3} {fetch.step:<14} {fetch.method} "
        url = self.clean(fetch.url.removeprefix(self._base)) or "/"
        url = "(not sent)" if fetch.url == UNSAID else url
        room = WIDTH - len(left) - len(right) - 2
        return f"{left}{_shortened(url, room):<{room}}  {right}"

    def _part(self, name: str, lines: Iterable[str]) -> None:
        lead = f"{_LEAD}{name}  "
        for line in lines:
            self.paragraph(line, lead=lead)
            lead = " " * len(lead)

    def _sent(self, fetch: Fetch) -> Iterator[str]:
        again = []
        lines = fetch.headers.decode("latin-1").splitlines()
        for name, _, value in (line.partition(": ") for line in lines):
            if (shown := f"{name}: {self._redactor.header(name, value)}") in self._headers:
                again.append(name)
            else:
                self._headers.add(shown)
                yield shown
        if again:
            yield f"{', '.join(again)} as before"
        yield from self.body(fetch.body, _content_type(fetch))

    def _came(self, reply: Reply) -> Iterator[str]:
        headers = {name.decode(): value.decode("latin-1") for name, value in reply.headers.items()}
        for name in _TOLD:
            if name in headers:
                yield f"{name}: {self._redactor.header(name, headers[name])}"
        nothing = [size(reply.size) if reply.status else "nothing"]
        yield from self.body(reply.body, headers.get("content-type", "")) or nothing

    def _kept(self, kept: Mapping[str, str]) -> Iterator[str]:
        for name, value in kept.items():
            shown = outline(value) if is_secret_name(name) and value else self.clean(value)
            yield f"{name} = {shown or '(empty)'}"


NONE = "\N{EN DASH}"


def size(number: float) -> str:
    """`748 B`, `12.3 kB`."""
    return f"{number:.0f} B" if number < _KILO else f"{number / _KILO:,.1f} kB"


def _begin(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _took(duration: Seconds) -> str:
    return f"{duration * 1000:,.0f} ms"


def _shortened(text: str, room: int) -> str:
    """A text that fits, its end kept: files are told apart by their ends."""
    if len(text) <= room:
        return text
    head = room // 3
    return f"{text[:head]}…{text[head + 1 - room :]}"


def _content_type(fetch: Fetch) -> str:
    for line in fetch.headers.decode("latin-1").splitlines():
        name, _, value = line.partition(": ")
        if name.lower() == "content-type":
            return value
    return ""


def _text(body: bytes, content_type: str) -> str | None:
    """A body as text; None if it is none."""
    if content_type and not any(kind in content_type.lower() for kind in _TEXTS):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
