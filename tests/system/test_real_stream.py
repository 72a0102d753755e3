"""Real input: a live HLS stream made by ffmpeg and served by nginx, played by a bare stream URL."""

import os
from pathlib import Path

import pytest
from kit import lines, matchnight, summary, write_evening
from live_stream import LiveStream, live_stream

EVERYBODY_STAYS = "viewing: {until: +2h}\n"


def play(stream: LiveStream, folder: Path, *, viewers: int, seconds: int) -> Path:
    """So many viewers arrive in the first half and watch to the end; the tool itself is fine."""
    scenario = write_evening(folder, viewers=viewers, seconds=seconds, more=EVERYBODY_STAYS)
    out = folder / "run"
    done = matchnight(
        "rehearse", scenario, "--target", stream.url, "--report-dir", out, timeout=seconds + 60
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return out


def check_played_well(stream: LiveStream, folder: Path, viewers: int) -> None:
    figures = summary(folder)
    assert figures["viewers"]["arrived"] == figures["viewers"]["in_time"] == viewers
    assert (figures["viewers"]["stalled"], figures["stalled_ratio"]) == (0, 0.0)
    # Three segments of two seconds behind the end, one being made, and the reload's half.
    assert 4.0 <= figures["live_latency"]["p50"] <= 12.0
    assert figures["playlist_age"]["max"] <= 6.0
    # No cut: everybody ends on the high rendition, about 1 Mbit/s.
    assert 300_000 <= figures["bit_rate"] <= 1_300_000
    requested = [line for line in stream.log() if line["id"]]
    assert figures["requests"]["sent"] == len(requested)
    assert len({line["id"] for line in requested}) == len(requested)
    assert set(figures["blind_spots"]) >= {"sign_in", "entitlement", "session", "license"}


def test_viewers_of_a_real_stream_play_it_and_nginx_counts_what_we_count(tmp_path: Path) -> None:
    with live_stream(tmp_path / "stream") as stream:
        check_played_well(stream, play(stream, tmp_path, viewers=10, seconds=8), 10)


def test_a_cut_rate_makes_viewers_switch_down(tmp_path: Path) -> None:
    with live_stream(tmp_path / "stream") as stream:
        stream.cut_the_rate()
        folder = play(stream, tmp_path, viewers=6, seconds=9)
        assert summary(folder)["switches"] >= 1
        assert any("/low/" in line["path"] for line in stream.log())


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_fifty_viewers_play_two_minutes_without_a_stall_and_switch_when_the_rate_is_cut(
    tmp_path: Path,
) -> None:
    with live_stream(tmp_path / "stream") as stream:
        folder = play(stream, tmp_path, viewers=50, seconds=120)
        check_played_well(stream, folder, 50)
    (tmp_path / "cut").mkdir()
    with live_stream(tmp_path / "cut" / "stream") as stream:
        stream.cut_the_rate()
        folder = play(stream, tmp_path / "cut", viewers=50, seconds=30)
        windows = lines(folder / "windows.jsonl")
        assert summary(folder)["switches"] >= 25, f"{len(windows)} windows, {os.uname().release}"
