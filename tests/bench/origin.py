"""A live stream from nginx on loopback: a playlist that moves on every two seconds, 20 kB parts."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

TARGET_DURATION = 2
SEGMENTS = 6
SEGMENT_BYTES = 20_000

CONFIG = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log stderr error;
worker_rlimit_nofile 20000;
events {{ worker_connections 19000; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 300; keepalive_requests 100000000;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  types {{ application/vnd.apple.mpegurl m3u8; video/mp4 m4s mp4; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096; root {folder}/www;
    location ~ [.]m4s$ {{ rewrite ^ /segment.mp4 break; }}
  }}
}}
"""


def nginx() -> str | None:
    """The command, or None where nginx is not installed."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@contextmanager
def serving(folder: Path, port: int, core: int) -> Iterator[str]:
    """Serve the stream from one nginx worker pinned to `core`; gives the playlist's URL."""
    command = nginx()
    if command is None:
        raise FileNotFoundError("nginx")
    folder.chmod(0o755)  # nginx's worker may be another user
    (folder / "www").mkdir()
    (folder / "www" / "segment.mp4").write_bytes(os.urandom(SEGMENT_BYTES))
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port))
    _publish(folder / "www")
    stop = threading.Event()
    moving = threading.Thread(target=_move_on, args=(folder / "www", stop), daemon=True)
    server = subprocess.Popen([command, "-c", str(folder / "nginx.conf")])
    pin(core, server.pid)
    try:
        moving.start()
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}/live.m3u8"
    finally:
        stop.set()
        server.terminate()
        server.wait()


def pin(core: int, process: int = 0) -> None:
    """Keep a process (this one), and those it starts, on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process, {core})


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    import socket  # noqa: PLC0415 - only here

    for _ in range(100):
        if server.poll() is not None:
            raise RuntimeError(f"nginx ended with status {server.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("nginx does not answer")


def _move_on(www: Path, stop: threading.Event) -> None:
    while not stop.wait(TARGET_DURATION - time.time() % TARGET_DURATION):
        _publish(www)


def _publish(www: Path) -> None:
    newest = int(time.time() // TARGET_DURATION)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{TARGET_DURATION}",
        f"#EXT-X-MEDIA-SEQUENCE:{newest - SEGMENTS + 1}",
        '#EXT-X-MAP:URI="segment.mp4"',
    ]
    for number in range(newest - SEGMENTS + 1, newest + 1):
        date = datetime.fromtimestamp(number * TARGET_DURATION, UTC).isoformat()
        lines += [
            f"#EXT-X-PROGRAM-DATE-TIME:{date}",
            f"#EXTINF:{TARGET_DURATION:.3f},",
            f"{number}.m4s",
        ]
    fresh = www / "fresh"
    fresh.write_text("\n".join(lines) + "\n")
    fresh.replace(www / "live.m3u8")
