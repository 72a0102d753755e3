"""A real live stream on loopback: ffmpeg loops a clip into HLS, nginx serves and logs it."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kit import free_port, until

CLIP_SECONDS = 16
RENDITIONS = (("high", "640x360", 900), ("low", "320x180", 250))  # name, size, kbit/s of video
CUT = "60k"  # bytes per second and connection: above the low rendition, far below the high one

NGINX = """\
{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  log_format lines escape=json
    '{{"id":"$http_x_request_id","client":"$remote_addr","path":"$uri","status":$status}}';
  access_log {folder}/access.log lines;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {folder}/www;
    keepalive_requests 100000;
    location / {{
      add_header Cache-Control no-cache;
      if (-f {folder}/cut) {{ limit_rate {cut}; }}
    }}
  }}
}}
"""


def require(*commands: str) -> None:
    """Skip, with the reason, where a system package is missing."""
    missing = [command for command in commands if shutil.which(command) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (Debian packages; .ci/run installs them)")


def is_listening(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def encode(clip: Path, size: str, rate: int) -> None:
    """A clip of CLIP_SECONDS whose sound is a whole number of AAC frames: it loops cleanly."""
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25"),
            *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", str(CLIP_SECONDS)),
            *(
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-b:v",
                f"{rate}k",
                "-minrate",
                f"{rate}k",
            ),
            *(
                "-maxrate",
                f"{rate}k",
                "-bufsize",
                f"{rate}k",
                "-nal-hrd",
                "cbr",
                "-g",
                "50",
                "-sc_threshold",
                "0",
            ),
            *(
                "-c:a",
                "aac",
                "-b:a",
                "48k",
                "-frames:a",
                str(CLIP_SECONDS * 48000 // 1024),
                str(clip),
            ),
        ],
        check=True,
    )


@dataclass(frozen=True)
class LiveStream:
    """Where it is, and what nginx logged of it."""

    url: str
    folder: Path

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "access.log").read_text().splitlines()]

    def cut_the_rate(self) -> None:
        (self.folder / "cut").touch()


def publisher(folder: Path, clips: list[Path]) -> list[str]:
    """The ffmpeg command that loops the clips into one live HLS stream with a rendition each."""
    inputs = [
        argument for clip in clips for argument in ("-re", "-stream_loop", "-1", "-i", str(clip))
    ]
    maps = [
        argument for i in range(len(clips)) for argument in ("-map", f"{i}:v", "-map", f"{i}:a")
    ]
    rates = [
        argument
        for i, (_, _, rate) in enumerate(RENDITIONS)
        for argument in (f"-b:v:{i}", f"{rate}k")
    ]
    names = " ".join(f"v:{i},a:{i},name:{name}" for i, (name, _, _) in enumerate(RENDITIONS))
    return [
        *(
            "ffmpeg",
            "-v",
            "error",
            *inputs,
            *maps,
            "-c",
            "copy",
            *rates,
            "-f",
            "hls",
            "-hls_time",
            "2",
        ),
        *("-hls_list_size", "8", "-hls_flags", "program_date_time+delete_segments+temp_file"),
        *(
            "-master_pl_name",
            "master.m3u8",
            "-var_stream_map",
            names,
            f"{folder}/www/%v/media.m3u8",
        ),
    ]


def wait_until_playable(folder: Path) -> None:
    """The master and three segments of each rendition are there."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        playlists = [folder / "www" / name / "media.m3u8" for name, _, _ in RENDITIONS]
        master = folder / "www" / "master.m3u8"
        if master.exists() and all(
            p.exists() and p.read_text().count("#EXTINF") >= 3 for p in playlists
        ):
            return
        time.sleep(0.1)
    pytest.fail("ffmpeg made no playable stream within 20 s")


@contextmanager
def live_stream(folder: Path) -> Iterator[LiveStream]:
    """Ffmpeg and nginx for the length of a `with`."""
    require("ffmpeg", "nginx")
    (folder / "www").mkdir(parents=True)
    folder.chmod(0o755)
    clips = []
    for name, size, rate in RENDITIONS:
        clips.append(folder / f"{name}.mp4")
        encode(clips[-1], size, rate)
    port = free_port()
    # started by root, nginx would serve as somebody who may not read a test's folder
    user = "user root; " if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(user=user, folder=folder, port=port, cut=CUT))
    processes = [
        subprocess.Popen(publisher(folder, clips), stdin=subprocess.DEVNULL),
        subprocess.Popen(
            ["nginx", "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL
        ),
    ]
    try:
        wait_until_playable(folder)
        until(lambda: is_listening(port), within=10)
        yield LiveStream(f"http://127.0.0.1:{port}/master.m3u8", folder)
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(10)
