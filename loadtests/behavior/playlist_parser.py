"""Text to playlist, by line (RFC 8216); identical playlists are parsed once, for all viewers."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from loadtests.behavior.playlist import (
    SHORTEST_TARGET,
    Master,
    Media,
    Rendition,
    Section,
    Segment,
    Variant,
)
from loadtests.behavior.steps import Reply
from loadtests.units import Seconds
from loadtests.url import resolve, split
from loadtests.vocabulary import Outcome

LONGEST: Seconds = 3600.0
"""A longer target duration or segment is taken for garbage. [A]"""

_OK = Outcome.OK
_MOST = 2**64 - 1  # decimal-integer, RFC 8216, 4.2
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",\s]*)')
# what usual segment URIs look like: they join to their folder, or to their host, without RFC 3986's
# whole procedure. Signed ones are another for each viewer: no cache has them.
_NAME = r"[\w~%+=@&-][\w.~%+=@&-]*"
_QUERY = r"\?[\w.~%+=@&:,;!$'()*/?-]+"
_PLAIN = re.compile(rf"(/?){_NAME}(?:/{_NAME})*(?:{_QUERY})?", re.ASCII)
_BASE = re.compile(
    r"((https?://[^/?#\s]+)(?:/[^/?#.][^/?#]*)*/)(?:[^/?#.][^/?#]*)?(?:[?#].*)?", re.DOTALL
)


class Garbage(ValueError):  # noqa: N818 - reads as what it says: the body is garbage
    """The body is no playlist a player could use; the message says why."""


@lru_cache(maxsize=128)
def parse(body: bytes, url: str) -> Master | Media:
    """The playlist in `body`, found at `url` (after redirects); same bytes, same object.

    Raises Garbage for anything else: a page, an error in JSON, an empty or truncated body.
    """
    if not body.startswith(b"#EXTM3U"):
        raise Garbage("does not begin with #EXTM3U")
    try:
        lines = body.decode("utf-8").split("\n")
        if b"#EXT-X-STREAM-INF" in body:
            return _MasterReader(url).read(lines)
        return _MediaReader(url).read(lines)
    except (ValueError, OverflowError) as problem:
        raise Garbage(str(problem)) from None


def read_playlist(reply: Reply) -> Outcome:
    """`Fetch.read` of playlists of either kind: leaves the parsed one in `reply.value`."""
    try:
        reply.value = parse(reply.body, reply.fetch.url)
    except Garbage:
        return Outcome.GARBAGE
    return _OK


def read_media_playlist(reply: Reply) -> Outcome:
    """`Fetch.read` of reloads: a master playlist where media was is garbage."""
    outcome = read_playlist(reply)
    return outcome if isinstance(reply.value, Media) else Outcome.GARBAGE


def _attributes(text: str) -> Mapping[str, str]:
    """An attribute list (RFC 8216, 4.2), quotes removed."""
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}


def _integer(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _MOST:
        raise Garbage(f"{text} is out of range")
    return number


def _length(text: str) -> Seconds:
    seconds = float(text)
    if not 0 <= seconds <= LONGEST:
        raise Garbage(f"{text} is no duration")
    return seconds


@lru_cache(maxsize=256)
def _segment_length(text: str) -> Seconds:
    return _length(text.partition(",")[0])


@lru_cache(maxsize=256)
def _date(text: str) -> Seconds | None:
    """None if it is none: dates are measured by, not played by, and players go on without."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _range(text: str, start: int | None) -> tuple[int, int]:
    """Inclusive byte range of `length[@offset]`; without offset it begins at `start`."""
    length, _, offset = text.partition("@")
    first = _integer(offset) if offset else start
    if first is None or not _integer(length):
        raise Garbage(f"byte range {text} begins nowhere or is empty")
    return first, first + int(length) - 1


class _Reader:
    """What both kinds share: lines go to the tag's method, URIs to `uri`. One is made per parse."""

    TAGS: Mapping[str, str] = {}

    def __init__(self, url: str) -> None:
        self.url = url
        base = _BASE.fullmatch(url)  # a usual URL: no segment of its path begins with a dot
        self.folder: str | None = base[1] if base else None
        self.host: str | None = base[2] if base else None

    def feed(self, lines: list[str]) -> None:
        tags = {tag: getattr(self, method) for tag, method in self.TAGS.items()}
        uri = self.uri
        for raw in lines:
            line = raw.rstrip()  # CR, and blanks some packagers leave
            if line.startswith("#"):
                tag, _, value = line.partition(":")
                if read := tags.get(tag):
                    read(value)
            elif line:
                uri(line)

    def uri(self, line: str) -> None:
        raise NotImplementedError

    def absolute(self, reference: str) -> str:
        if self.folder and self.host and (plain := _PLAIN.fullmatch(reference)):
            return (self.host if plain[1] else self.folder) + reference
        url = resolve(self.url, reference)
        split(url)  # refuses what no request can be sent to
        return url


class _MasterReader(_Reader):
    TAGS: Mapping[str, str] = {
        "#EXT-X-STREAM-INF": "stream",
        "#EXT-X-MEDIA": "media",
        "#EXTINF": "foreign",
        "#EXT-X-TARGETDURATION": "foreign",
    }

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.variants: list[Variant] = []
        self.audio: list[Rendition] = []
        self.pending: Mapping[str, str] | None = None

    def read(self, lines: list[str]) -> Master:
        self.feed(lines)
        if self.pending is not None or not self.variants:
            raise Garbage("EXT-X-STREAM-INF without its URI")
        return Master(variants=tuple(self.variants), audio=tuple(self.audio))

    def foreign(self, _value: str) -> None:
        raise Garbage("both a master and a media playlist (RFC 8216, 4.3)")

    def stream(self, value: str) -> None:
        if self.pending is not None:
            raise Garbage("EXT-X-STREAM-INF without its URI")
        self.pending = _attributes(value)

    def media(self, value: str) -> None:
        said = _attributes(value)
        if said.get("TYPE") == "AUDIO":
            url = self.absolute(said["URI"]) if "URI" in said else None
            self.audio.append(
                Rendition(said.get("GROUP-ID", ""), url, said.get("DEFAULT") == "YES")
            )

    def uri(self, line: str) -> None:
        said, self.pending = self.pending, None
        if said is None:
            raise Garbage(f"{line} without EXT-X-STREAM-INF")
        rate = _integer(said.get("BANDWIDTH", "")) / 8
        self.variants.append(
            Variant(rate, self.absolute(line), said.get("AUDIO"), "RESOLUTION" in said)
        )


class _MediaReader(_Reader):
    TAGS: Mapping[str, str] = {
        "#EXTINF": "segment",
        "#EXT-X-PROGRAM-DATE-TIME": "program_date_time",
        "#EXT-X-BYTERANGE": "byte_range",
        "#EXT-X-MAP": "map",
        "#EXT-X-DISCONTINUITY": "discontinuity",
        "#EXT-X-GAP": "gap",
        "#EXT-X-TARGETDURATION": "target",
        "#EXT-X-MEDIA-SEQUENCE": "media_sequence",
        "#EXT-X-ENDLIST": "end",
        "#EXT-X-SERVER-CONTROL": "server_control",
    }

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.target_duration: Seconds | None = None
        self.sequence = 0
        self.segments: list[Segment] = []
        self.ended = False
        self.hold_back: Seconds | None = None
        self.section: Section | None = None
        self.date: Seconds | None = None  # of what comes next
        self.range_end: tuple[str, int] | None = (
            None  # where the last byte range ended, and of what
        )
        self._next()

    def _next(self) -> None:
        self.duration: Seconds | None = None
        self.byte_range_text = ""
        self.is_discontinuity = False
        self.is_gap = False

    def read(self, lines: list[str]) -> Media:
        self.feed(lines)
        if self.target_duration is None:
            raise Garbage("no EXT-X-TARGETDURATION")
        if self.duration is not None:
            raise Garbage("EXTINF without its URI")
        return Media(
            target_duration=max(self.target_duration, SHORTEST_TARGET),
            sequence=self.sequence,
            segments=tuple(self.segments),
            ended=self.ended,
            hold_back=self.hold_back,
            end_date=self.date,
        )

    def uri(self, line: str) -> None:
        duration = self.duration
        if duration is None:
            raise Garbage(f"{line} without EXTINF")
        url = self.absolute(line)
        span = self._span(url) if self.byte_range_text else None
        self.segments.append(
            Segment(
                self.sequence + len(self.segments),
                url,
                duration,
                span,
                self.section,
                self.date,
                self.is_discontinuity,
                self.is_gap,
            )
        )
        if self.date is not None:
            self.date += duration
        self._next()

    def _span(self, url: str) -> tuple[int, int]:
        last = self.range_end
        span = _range(self.byte_range_text, last[1] if last and last[0] == url else None)
        self.range_end = (url, span[1] + 1)
        return span

    def segment(self, value: str) -> None:
        self.duration = _segment_length(value)

    def program_date_time(self, value: str) -> None:
        self.date = _date(value)

    def byte_range(self, value: str) -> None:
        self.byte_range_text = value

    def map(self, value: str) -> None:
        said = _attributes(value)
        if "URI" not in said:
            raise Garbage("EXT-X-MAP without URI")
        span = _range(said["BYTERANGE"], 0) if "BYTERANGE" in said else None
        self.section = Section(self.absolute(said["URI"]), span)

    def discontinuity(self, _value: str) -> None:
        self.is_discontinuity = True

    def gap(self, _value: str) -> None:
        self.is_gap = True

    def target(self, value: str) -> None:
        self.target_duration = _length(value)

    def media_sequence(self, value: str) -> None:
        if self.segments:
            raise Garbage("EXT-X-MEDIA-SEQUENCE after a segment (RFC 8216, 4.3.3.2)")
        self.sequence = _integer(value)

    def end(self, _value: str) -> None:
        self.ended = True

    def server_control(self, value: str) -> None:
        if hold_back := _attributes(value).get("HOLD-BACK"):
            self.hold_back = _length(hold_back)
