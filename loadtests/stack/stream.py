"""Synthetic live HLS (RFC 8216): what there is at any moment follows from the time alone.

Segment n is the media of [n, n + 1) target durations since the epoch and exists once that time is
over; its media sequence number is n. Tracks share their playlists' texts, whose URIs are relative.
In a break ads take the place of segments, number for number: nothing is delayed or renumbered.
"""

import math
import struct
from datetime import UTC, datetime

from loadtests.stack.ad_breaks import Breaks
from loadtests.stack.event_clock import EventClock
from loadtests.stack.model import Stream
from loadtests.units import BytesPerSecond, Seconds

_KEPT_TEXTS = 16  # of each deal
_QUERY = "\0"  # where it goes in a text
_HEIGHTS = (234, 360, 432, 540, 720, 1080, 1440, 2160)


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def _padded(start: bytes, kind: bytes, size: int) -> bytes:
    return start + _box(kind, bytes(max(0, size - len(start) - 8)))


def _init(extra: bytes = b"") -> bytes:
    return _padded(_box(b"ftyp", b"iso6\0\0\0\0iso6cmfc") + extra, b"moov", 640)


class Live:
    """The live stream: playlists, init sections, segments at any moment (epoch seconds)."""

    def __init__(self, stream: Stream, clock: EventClock) -> None:
        self._stream = stream
        self._clock = clock
        plan = stream.ad_breaks
        self._breaks = Breaks(plan, stream.target_duration, clock) if plan else None
        self._creatives = plan.creatives if plan else 1
        self._texts: dict[tuple[int, int, Seconds | None], tuple[bytes, ...]] = {}
        tracks = {f"v{k}": rate for k, rate in enumerate(stream.bit_rates)}
        if stream.demuxed:
            tracks["audio"] = stream.audio_bit_rate
        self._segments = {track: self._media(rate) for track, rate in tracks.items()}
        self.master = self._master().encode()
        """The master playlist: a rendition per bit rate, audio in a group of its own if demuxed."""
        self.init = _init()
        """The init section of every track: boxes of the right kind, nothing to decode."""

    def has_track(self, track: str) -> bool:
        """Whether there is a track of this name: `v0`, `v1` ... and, if demuxed, `audio`."""
        return track in self._segments

    def newest(self, now: Seconds) -> int:
        """Media sequence number of the last segment complete at `now`."""
        return math.floor(now / self._stream.target_duration) - 1

    def playlist(self, now: Seconds, *, deal: int = 0, query: bytes = b"") -> bytes:
        """The media playlist at `now`, the same for every track.

        `deal` says which ads its viewer sees: as many are different as there are creatives. `query`
        stands behind every URL where they are signed.
        """
        newest = self.newest(now)
        key = newest, deal, self._clock.began
        pieces = self._texts.get(key)
        if pieces is None:
            if len(self._texts) >= _KEPT_TEXTS * self._creatives:
                self._texts.clear()
            text = self._playlist(newest, deal).encode()
            pieces = self._texts[key] = tuple(text.split(_QUERY.encode()))
        return query.join(pieces)  # of a text in one piece, that piece itself

    def segment(self, track: str, sequence: int, now: Seconds) -> bytes | None:
        """The segment; None if it is not made yet or gone.

        It outlives its last playlist by that playlist's length and its own (RFC 8216, 6.2.2).
        """
        newest = self.newest(now)
        oldest = newest - 2 * self._stream.segments
        return self._segments[track] if oldest <= sequence <= newest else None

    def ad_init(self, creative: int) -> bytes | None:
        """The init section of an ad; None if there is no such ad."""
        return _init(_box(b"free", b"ad %d" % creative)) if self._has_ad(creative, 0) else None

    def ad_segment(self, track: str, creative: int, part: int) -> bytes | None:
        """A segment of an ad, as large as one of the track's; None if there is none."""
        return self._segments[track] if self._has_ad(creative, part) else None

    def _has_ad(self, creative: int, part: int) -> bool:
        plan = self._stream.ad_breaks
        if plan is None:
            return False
        return creative < plan.creatives and part < plan.length(self._stream.target_duration)

    def _media(self, rate: BytesPerSecond) -> bytes:
        head = _box(b"styp", b"msdh\0\0\0\0msdhcmfs") + _box(b"moof", bytes(96))
        return _padded(head, b"mdat", round(rate * self._stream.target_duration))

    def _playlist(self, newest: int, deal: int) -> str:
        stream, breaks = self._stream, self._breaks
        first = newest - stream.segments + 1
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{max(1, math.floor(stream.target_duration + 0.5))}",
            f"#EXT-X-MEDIA-SEQUENCE:{first}",
        ]
        if breaks is not None:
            lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{breaks.discontinuities(first)}")
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
        query = _QUERY if stream.signed_urls else ""
        section = None
        for sequence in range(first, newest + 1):
            if breaks is not None and breaks.is_discontinuity(sequence):
                lines.append("#EXT-X-DISCONTINUITY")
            folder, number = self._where(sequence, deal)
            if section != folder:
                section = folder
                lines.append(f'#EXT-X-MAP:URI="{folder}init.mp4{query}"')
            if stream.program_date_time:
                lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{self._date(sequence)}")
            lines.append(f"#EXTINF:{stream.target_duration:.3f},")
            lines.append(f"{folder}{number}.m4s{query}")
        return "\n".join(lines) + "\n"

    def _where(self, sequence: int, deal: int) -> tuple[str, int]:
        """Folder and number of what a playlist lists in the place of a segment."""
        spot = self._breaks.spot(sequence) if self._breaks else None
        if spot is None:
            return "", sequence
        return f"ads/{(deal + spot.number) % self._creatives}/", spot.part

    def _date(self, sequence: int) -> str:
        moment = datetime.fromtimestamp(sequence * self._stream.target_duration, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _master(self) -> str:
        stream = self._stream
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        group, extra = "", 0.0
        if stream.demuxed:
            lines.append(
                '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="main",DEFAULT=YES,AUTOSELECT=YES,'
                'URI="audio/playlist.m3u8"'
            )
            group, extra = ',AUDIO="audio"', stream.audio_bit_rate
        for k, rate in enumerate(stream.bit_rates):
            height = _HEIGHTS[min(k, len(_HEIGHTS) - 1)]
            lines.append(
                f"#EXT-X-STREAM-INF:BANDWIDTH={round((rate + extra) * 8)},"
                f"RESOLUTION={round(height * 16 / 9)}x{height},"
                f'CODECS="avc1.64001f,mp4a.40.2"{group}'
            )
            lines.append(f"v{k}/playlist.m3u8")
        return "\n".join(lines) + "\n"
