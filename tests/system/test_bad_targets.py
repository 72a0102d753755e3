"""Targets that misbehave, through the whole command: counted and ended, no traceback, no hang."""

import resource
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from kit import Answer, free_port, matchnight, respond, scripted, summary, write_evening

MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000\nmedia.m3u8\n"
ENDLESS_LINE = b"x" * 1000


def playlist(target_duration: int) -> bytes:
    segments = "".join(f"#EXTINF:2.0,\nsegment{i}.ts\n" for i in range(5))
    return (
        f"#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:{target_duration}\n#EXT-X-MEDIA-SEQUENCE:7\n{segments}"
    ).encode()


def run(
    folder: Path, target: str, *, viewers: int = 20, seconds: int = 6
) -> tuple[subprocess.CompletedProcess[str], Path]:
    out = folder / "run"
    done = matchnight(
        "rehearse",
        write_evening(folder, viewers=viewers, seconds=seconds),
        "--target",
        target,
        "--report-dir",
        out,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done, out


def outcomes(folder: Path, step: str) -> dict[str, int]:
    counts: dict[str, int] = summary(folder)["requests"]["by_step"][step]["outcomes"]
    return counts


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            (200, {"Content-Type": "text/html"}, b"<html><body>Please sign in</body></html>"),
            "garbage",
        ),
        ((200, {}, b""), "garbage"),
        ((302, {"Location": "/master.m3u8"}, b""), "bad_redirect"),
        ((302, {}, b""), "bad_redirect"),
        ((500, {}, b"oops"), "server_error"),
        ((404, {}, b""), "not_found"),
        ((503, {}, b""), "overload"),
        ((403, {}, b""), "denied"),
    ],
)
def test_a_wrong_answer_to_the_master_playlist_is_counted_as_what_it_is(
    answer: Answer, expected: str, tmp_path: Path
) -> None:
    with scripted(lambda connection, _: respond(connection, answer)) as target:
        done, folder = run(tmp_path, f"{target.url}/master.m3u8", seconds=4)
    counts = outcomes(folder, "master")
    assert counts.get(expected, 0) > 0
    assert set(counts) <= {expected, "ok", "canceled"}
    assert summary(folder)["viewers"]["in_time"] == 0
    assert done.returncode in {0, 99}


def test_bytes_that_are_no_http_are_garbage(tmp_path: Path) -> None:
    with scripted(
        lambda connection, _: connection.sendall(b"\x00\x01 SSH-2.0 hello\r\n\r\n")
    ) as target:
        _, folder = run(tmp_path, f"{target.url}/master.m3u8", seconds=4)
    assert outcomes(folder, "master").get("garbage", 0) > 0


def test_a_redirect_to_a_host_nobody_consented_to_is_not_followed(tmp_path: Path) -> None:
    elsewhere = {"Location": "http://elsewhere.invalid/master.m3u8"}
    with scripted(lambda connection, _: respond(connection, (302, elsewhere, b""))) as target:
        _, folder = run(tmp_path, f"{target.url}/master.m3u8", seconds=4)
    counts = outcomes(folder, "master")
    assert counts.get("forbidden_host", 0) + counts.get("unresolved", 0) > 0
    assert summary(folder)["viewers"]["in_time"] == 0


def test_a_target_duration_of_nought_does_not_become_a_flood(tmp_path: Path) -> None:
    def answer(connection: socket.socket, path: str) -> None:
        body = MASTER if "master" in path else playlist(0) if "media" in path else b"\0" * 2000
        respond(connection, (200, {}, body))

    with scripted(answer) as target:
        _, folder = run(tmp_path, f"{target.url}/master.m3u8", viewers=5, seconds=6)
    # Clamped to one second: an unchanged playlist may be asked for twice a second, not more.
    assert sum(outcomes(folder, "playlist").values()) <= 5 * 6 * 2 + 5


def test_a_body_that_never_ends_does_not_hang_the_run(tmp_path: Path) -> None:
    def answer(connection: socket.socket, _path: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _chunk in range(400):
            connection.sendall(b"%x\r\n" % len(ENDLESS_LINE) + ENDLESS_LINE + b"\r\n")
        while connection.recv(100):
            pass

    with scripted(answer) as target:
        done, folder = run(tmp_path, f"{target.url}/master.m3u8", seconds=4)
    assert done.returncode in {0, 99}
    figures = summary(folder)["requests"]
    ended = sum(sum(step["outcomes"].values()) for step in figures["by_step"].values())
    assert figures["sent"] == ended + figures["in_flight_at_end"]


def test_a_target_nobody_listens_at_is_said_before_the_run(tmp_path: Path) -> None:
    done, _ = run(tmp_path, f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 3
    assert "refused" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_plain_port_spoken_to_in_tls_is_said_before_the_run(tmp_path: Path) -> None:
    def answer_in_plain(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_in_plain, args=(listener,))
        thread.start()
        port = listener.getsockname()[1]
        done, _ = run(tmp_path, f"https://127.0.0.1:{port}/master.m3u8")
        thread.join(5)
    assert done.returncode == 3
    assert "TLS" in done.stderr


@pytest.mark.parametrize(
    "target", ["http://stack.invalid", "http://192.0.2.7/live.m3u8", "https://[2001:db8::7]/"]
)
def test_anything_beyond_loopback_is_refused_without_consent(target: str, tmp_path: Path) -> None:
    done, _ = run(tmp_path, target)
    assert done.returncode == 3
    assert "consent" in done.stderr


def test_too_few_file_descriptors_are_said_before_the_run(tmp_path: Path) -> None:
    limit = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64));"
        "from loadtests.cli import main; sys.exit(main())"
    )
    scenario = write_evening(tmp_path, viewers=500)
    done = subprocess.run(
        [sys.executable, "-c", limit, "rehearse", scenario, "--report-dir", tmp_path / "run"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 64
    assert done.returncode == 4
    assert "ulimit -n" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["--metrics-port"])
def test_a_port_in_use_is_said_before_the_run(option: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = matchnight(
            "rehearse", write_evening(tmp_path), option, str(port), "--report-dir", tmp_path / "run"
        )
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_testbed_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = matchnight("testbed", "--port", str(port), "--log", tmp_path)
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr
