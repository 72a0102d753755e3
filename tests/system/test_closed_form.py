"""Startup and stall figures on the wire against what arithmetic says they must be."""

import socket
import threading
import time
from pathlib import Path

import pytest
from kit import matchnight, respond, scripted, summary, write_evening

pytestmark = pytest.mark.alone

TARGET = 2.0  # seconds: target duration, and how long each segment is
LISTED = 6  # segments a playlist lists
MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=80000\nmedia.m3u8\n"
STAYS = "viewing: {until: +2h}\n"


class Origin:
    """A live stream of one muxed rendition, made from the clock; it can be slow and freeze."""

    def __init__(self, *, delay: float = 0.0, freeze: tuple[float, float] | None = None) -> None:
        """Each segment is answered `delay` late; nothing is answered between the two moments."""
        self._delay = delay
        self._freeze = freeze
        self._first: float | None = None  # when the first request came: the freeze counts from it
        self._lock = threading.Lock()

    def answer(self, connection: socket.socket, path: str) -> None:
        self._hold()
        if "segment" in path:
            time.sleep(self._delay)
        body = MASTER if "master" in path else self._playlist() if "media" in path else b"\0" * 5000
        respond(connection, (200, {}, body))

    def _hold(self) -> None:
        with self._lock:
            self._first = self._first or time.monotonic()
        if self._freeze is not None:
            begin, end = self._freeze
            if begin <= time.monotonic() - self._first < end:
                time.sleep(self._first + end - time.monotonic())

    def _playlist(self) -> bytes:
        first = int(time.monotonic() / TARGET) - LISTED
        segments = "".join(f"#EXTINF:{TARGET},\nsegment{first + i}.ts\n" for i in range(LISTED))
        head = f"#EXTM3U\n#EXT-X-TARGETDURATION:{TARGET:.0f}\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
        return (head + segments).encode()


def test_each_segment_delayed_by_d_delays_the_first_frame_by_d_and_stalls_nobody(
    tmp_path: Path,
) -> None:
    delay, out = 0.8, tmp_path / "run"
    scenario = write_evening(tmp_path, viewers=8, seconds=9, more=STAYS)
    with scripted(Origin(delay=delay).answer) as target:
        matchnight(
            "rehearse", scenario, "--target", f"{target.url}/master.m3u8", "--report-dir", out
        )
    figures = summary(out)
    assert figures["viewers"]["in_time"] == figures["viewers"]["arrived"] == 8
    # The first frame needs one segment; a busy machine may add to it, but not a segment's length.
    assert delay <= figures["startup_time"]["p50"] < delay + 0.4
    assert figures["viewers"]["stalled"] == 0


def test_an_origin_frozen_for_t_stalls_a_viewer_for_t_less_what_was_buffered(
    tmp_path: Path,
) -> None:
    begin, end, out = 4.0, 13.0, tmp_path / "run"
    scenario = write_evening(tmp_path, viewers=1, seconds=16, more=STAYS)
    with scripted(Origin(freeze=(begin, end)).answer) as target:
        matchnight(
            "rehearse", scenario, "--target", f"{target.url}/master.m3u8", "--report-dir", out
        )
    figures = summary(out)
    assert figures["viewers"]["stalled"] == 1
    # What is buffered when the freeze begins is three segments, less up to the one being made.
    stalled = figures["stalled_ratio"]["overall"] * figures["duration"]
    expected = end - begin - 3 * TARGET
    assert expected - 0.5 <= stalled <= expected + TARGET + 0.5
