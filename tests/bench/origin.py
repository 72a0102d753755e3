"""nginx on loopback, and the live streams it serves: 20 kB parts, playlists that move on."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

from case import Origin, Place
from certificate import certify

SEGMENTS = 6  # a playlist lists
SEGMENT_BYTES = 20_000
DESCRIPTORS = 20_000  # of one nginx worker: on some systems the most a process may have

CONFIG = """
worker_processes {workers}; {affinity} daemon off; pid {folder}/nginx.pid; error_log stderr error;
worker_rlimit_nofile {descriptors};
events {{ worker_connections {connections}; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 300; keepalive_requests 100000000;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  types {{ application/vnd.apple.mpegurl m3u8; video/mp4 m4s mp4; }}
  {http}
  server {{
    listen 127.0.0.1:{port} backlog=4096 {listen}; root {folder}/www;
    {server}
  }}
}}
"""

TLS = """
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;  # before 1.23.4 nginx leaves the latter out
"""

STREAM = """
    location ~ [.](m4s|mp4)$ {
      rewrite ^ /segment.mp4 break; open_file_cache max=10; open_file_cache_valid 300s;
    }
    location = /own.m3u8 { sub_filter_types *; sub_filter WHOSE $connection; }
    location ~ ^/session/(?<session>[0-9]+)/live[.]m3u8$ {
      rewrite ^ /live.m3u8 break;
      sub_filter_types *; sub_filter_once off; sub_filter .m4s .m4s?session=$session;
    }
"""

MASTERS = {
    "own.m3u8": (
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=80000,RESOLUTION=640x360\nsession/WHOSE/live.m3u8\n"
    ),
    "demuxed.m3u8": (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="audio.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=80000,RESOLUTION=640x360,AUDIO="a"\nlive.m3u8\n'
    ),
}
"""`own.m3u8` names everyone who loads it a playlist, and segments, that nobody else has."""


def nginx() -> str | None:
    """The command, or None where nginx is not installed."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@contextmanager
def nginx_serving(
    place: Place, server: str, *, http: str = "", tls: bool = False, workers: int = 1
) -> Iterator[str]:
    """Serve `place.folder / "www"` on loopback, pinned to the server's core; gives the base URL.

    `server` is what the configuration's server block says beyond that: locations and the like.
    `http` is what its block around that says: zones of limits.
    With `tls` the certificate is that of `certificate`, ECDSA P-256 as most CDNs have, for
    127.0.0.1 and localhost. RuntimeError if nginx does not come up.
    """
    command = nginx()
    if command is None:
        raise RuntimeError("nginx is not installed")
    www(place)
    if tls:
        certify(place.folder)
    port = free_port()
    config = place.folder / "nginx.conf"
    config.write_text(_config(place, server, http=http, port=port, tls=tls, workers=workers))
    process = subprocess.Popen([command, "-c", str(config)])
    try:
        _wait_for(port, process)
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def www(place: Place) -> Path:
    """The folder whose files nginx serves."""
    folder = place.folder / "www"
    folder.mkdir(exist_ok=True)
    place.folder.chmod(0o755)  # nginx's worker may be another user
    return folder


def stream(
    playlist: str = "live.m3u8",
    *,
    part: float = 2.0,
    tls: bool = False,
    workers: int = 1,
    server: str = "",
    http: str = "",
) -> Origin:
    """A live stream of one rendition, with a new part every `part` seconds.

    `playlist`: live.m3u8 is a media playlist, the same for all; `MASTERS` are the others. `server`
    and `http` are what nginx is told beside (see `nginx_serving`).
    """

    @contextmanager
    def serving(place: Place) -> Iterator[str]:
        with (
            _live(www(place), part),
            nginx_serving(place, STREAM + server, http=http, tls=tls, workers=workers) as base,
        ):
            yield f"{base}/{playlist}"

    return serving


def free_port() -> int:
    """One to listen on, below the range the kernel takes outgoing ports from."""
    for port in range(18_080, 18_480):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 18080 and 18480")


def _config(place: Place, server: str, *, http: str, port: int, tls: bool, workers: int) -> str:
    can_pin = hasattr(os, "sched_setaffinity")
    listen = ("ssl " if tls else "") + ("reuseport" if workers > 1 else "")
    return CONFIG.format(
        folder=place.folder,
        workers=workers,
        affinity=f"worker_cpu_affinity {1 << place.server_core:b};" if can_pin else "",
        descriptors=DESCRIPTORS,
        # with less than a sixteenth of them free nginx closes connections that are kept alive
        connections=DESCRIPTORS * 9 // 8,
        http=http,
        port=port,
        listen=listen,
        server=(TLS.format(folder=place.folder) if tls else "") + server,
    )


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
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


@contextmanager
def _live(folder: Path, part: float) -> Iterator[None]:
    """Keep the playlists moving."""
    (folder / "segment.mp4").write_bytes(os.urandom(SEGMENT_BYTES))
    for name, text in MASTERS.items():
        (folder / name).write_text(text)
    stop = threading.Event()

    def move_on() -> None:
        while not stop.wait(part - time.time() % part):
            _publish(folder, part)

    _publish(folder, part)
    moving = threading.Thread(target=move_on, daemon=True)
    moving.start()
    try:
        yield
    finally:
        stop.set()
        moving.join()


def _publish(folder: Path, part: float) -> None:
    fresh = folder / "fresh"
    for name in ("live.m3u8", "audio.m3u8"):
        fresh.write_text(_playlist(int(time.time() // part), part))
        fresh.replace(folder / name)


def _playlist(newest: int, part: float) -> str:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{ceil(part)}",
        f"#EXT-X-MEDIA-SEQUENCE:{newest - SEGMENTS + 1}",
        '#EXT-X-MAP:URI="segment.mp4"',
    ]
    for number in range(newest - SEGMENTS + 1, newest + 1):
        date = datetime.fromtimestamp(number * part, UTC).isoformat()
        lines += [
            f"#EXT-X-PROGRAM-DATE-TIME:{date}",
            f"#EXTINF:{part:.3f},",
            f"{number}.m4s",
        ]
    return "\n".join(lines) + "\n"
