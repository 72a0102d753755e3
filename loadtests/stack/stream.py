"""Synthetic live HLS (RFC 8216): what there is at any moment follows from the time alone.

Segment n is the media of [n, n + 1) target durations since the epoch and exists once that time is
over; its media sequence number is n. Tracks share their playlists' texts, whose URIs are relative.
"""

import math
import struct
from datetime import UTC, datetime

from loadtests.stack.model import Stream
from loadtests.units import BytesPerSecond, Seconds

_KEPT_TEXTS = 16
_HEIGHTS = (234, 360, 432, 540, 720, 1080, 1440, 2160)


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def _padded(start: bytes, kind: bytes, size: int) -> bytes:
    return start + _box(kind, bytes(max(0, size - len(start) - 8)))


class Live:
    """The live stream: playlists, init sections, segments at any moment (epoch seconds)."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._texts: dict[int, bytes] = {}
        tracks = {f"v{k}": rate for k, rate in enumerate(stream.bit_rates)}
        if stream.demuxed:
            tracks["audio"] = stream.audio_bit_rate
        self._segments = {track: self._media(rate) for track, rate in tracks.items()}
        self.master = self._master().encode()
        """The master playlist: a rendition per bit rate, audio in a group of its own if demuxed."""
        self.init = _padded(_box(b"ftyp", b"iso6\0\0\0\0iso6cmfc"), b"moov", 640)
        """The init section of every track: boxes of the right kind, nothing to decode."""

    def has_track(self, track: str) -> bool:
        """Whether there is a track of this name: `v0`, `v1` ... and, if demuxed, `audio`."""
        return track in self._segments

    def newest(self, now: Seconds) -> int:
        """Media sequence number of the last segment complete at `now`."""
        return math.floor(now / self._stream.target_duration) - 1

    def playlist(self, now: Seconds) -> bytes:
        """The media playlist at `now`, the same for every track."""
        newest = self.newest(now)
        text = self._texts.get(newest)
        if text is None:
            if len(self._texts) >= _KEPT_TEXTS:
                self._texts.clear()
            text = self._texts[newest] = self._playlist(newest).encode()
        return text

    def segment(self, track: str, sequence: int, now: Seconds) -> bytes | None:
        """The segment; None if it is not made yet or gone.

        It outlives its last playlist by that playlist's length and its own (RFC 8216, 6.2.2).
        """
        newest = self.newest(now)
        oldest = newest - 2 * self._stream.segments
        return self._segments[track] if oldest <= sequence <= newest else None

    def _media(self, rate: BytesPerSecond) -> bytes:
        head = _box(b"styp", b"msdh\0\0\0\0msdhcmfs") + _box(b"moof", bytes(96))
        return _padded(head, b"mdat", round(rate * self._stream.target_duration))

    def _playlist(self, newest: int) -> str:
        stream = self._stream
        first = newest - stream.segments + 1
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{max(1, math.floor(stream.target_duration + 0.5))}",
            f"#EXT-X-MEDIA-SEQUENCE:{first}",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            '#EXT-X-MAP:URI="init.mp4"',
        ]
        for sequence in range(first, newest + 1):
            if stream.program_date_time:
                lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{self._date(sequence)}")
            lines.append(f"#EXTINF:{stream.target_duration:.3f},")
            lines.append(f"{sequence}.m4s")
        return "\n".join(lines) + "\n"

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
