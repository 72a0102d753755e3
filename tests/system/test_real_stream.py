"""Real input: a live HLS stream made by ffmpeg and served by nginx, played by a bare stream URL."""

import threading
from pathlib import Path

import pytest
from kit import matchnight, summary, until, write_evening
from live_stream import LiveStream, live_stream

pytestmark = pytest.mark.alone

EVERYBODY_STAYS = "viewing: {until: +2h}\n"


def play(
    stream: LiveStream, folder: Path, *, viewers: int, seconds: int, arriving: float = 0.5
) -> Path:
    """So many viewers arrive in the first part and watch to the end: the run's folder."""
    scenario = write_evening(
        folder, viewers=viewers, seconds=seconds, arriving=arriving, more=EVERYBODY_STAYS
    )
    out = folder / "run"
    done = matchnight(
        "rehearse", scenario, "--target", stream.url, "--report-dir", out, timeout=seconds + 60
    )
    # 4: with so few viewers one hiccup of a busy machine is the tester's p99; counts stand
    assert done.returncode in {0, 4}, done.stdout + done.stderr
    return out


def check_played_well(stream: LiveStream, folder: Path, viewers: int) -> None:
    figures = summary(folder)
    assert figures["viewers"]["arrived"] == figures["viewers"]["in_time"] == viewers
    assert (figures["viewers"]["stalled"], figures["stalled_ratio"]["max"]) == (0, 0.0)
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


def switched_down(stream: LiveStream) -> set[str]:
    """Clients that asked for the high rendition and after that for the low one."""
    on_high: set[str] = set()
    down: set[str] = set()
    for line in stream.log():
        if "/high/" in line["path"]:
            on_high.add(line["client"])
        elif "/low/" in line["path"] and line["client"] in on_high:
            down.add(line["client"])
    return down


def cut_when_all_play_high(stream: LiveStream, viewers: int) -> None:
    """Cut the rate once so many requests for segments of the high rendition were answered."""
    until(
        lambda: sum("/high/media" in line["path"] for line in stream.log()) >= 4 * viewers,
        within=40,
    )
    stream.cut_the_rate()


def switched_when_cut(
    stream: LiveStream, folder: Path, *, viewers: int, seconds: int
) -> tuple[int, int]:
    """Everybody comes at once and gets to the high rendition; then the rate is cut.

    How many clients switched down, of how many.
    """
    cut = threading.Thread(target=cut_when_all_play_high, args=(stream, viewers))
    cut.start()
    play(stream, folder, viewers=viewers, seconds=seconds, arriving=0.05)
    cut.join()
    # Distinct loopback addresses tell viewers apart, where the system has them.
    clients = {line["client"] for line in stream.log() if line["id"]}
    return len(switched_down(stream)), len(clients)


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_fifty_viewers_play_two_minutes_without_a_stall(
    tmp_path: Path,
) -> None:
    with live_stream(tmp_path / "stream") as stream:
        folder = play(stream, tmp_path, viewers=50, seconds=120)
        check_played_well(stream, folder, 50)


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_fifty_viewers_switch_down_when_the_rate_is_cut(tmp_path: Path) -> None:
    # An estimate of loopback's throughput takes a while to forget: no short run can show this.
    with live_stream(tmp_path / "stream") as stream:
        switched, clients = switched_when_cut(stream, tmp_path, viewers=50, seconds=45)
    assert switched >= clients / 2
