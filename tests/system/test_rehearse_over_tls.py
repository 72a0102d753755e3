"""A whole rehearsal over TLS: nginx in front of the embedded stack, with a certificate of ours."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit import free_port, matchnight, summary, testbed, until, write_evening
from live_stream import is_listening, require

from loadtests.audience.crowd import share
from loadtests.scenario.read import read_scenario
from loadtests.swarm.share import resumes

NGINX = """\
{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location / {{ proxy_pass {target}; }}
  }}
}}
"""


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[str]:
    """The embedded stack behind TLS: its URL."""
    require("nginx", "openssl")
    folder, port = tmp_path / "nginx", free_port()
    folder.mkdir()
    request = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", folder / "key.pem", "-out", folder / "cert.pem")
    subprocess.run([*request, *names, *files], check=True, capture_output=True)
    user = "user root; " if os.getuid() == 0 else ""
    with testbed() as (target, _):
        config = NGINX.format(user=user, folder=folder, port=port, target=target)
        (folder / "nginx.conf").write_text(config, encoding="utf-8")
        server = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf"])
        try:
            until(lambda: is_listening(port), within=10)
            yield f"https://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def test_a_certificate_nobody_vouches_for_is_said_before_the_run(
    secure: str, tmp_path: Path
) -> None:
    done = matchnight("rehearse", write_evening(tmp_path), "--target", secure)
    assert done.returncode == 3
    assert "certificate is not trusted" in done.stderr


def test_a_rehearsal_over_tls_counts_its_handshakes(secure: str, tmp_path: Path) -> None:
    scenario, out = write_evening(tmp_path, viewers=20, seconds=4), tmp_path / "run"
    matchnight("rehearse", scenario, "--target", secure, "--insecure", "--report-dir", out)
    figures = summary(out)
    assert figures["viewers"]["in_time"] == figures["viewers"]["arrived"] == 20
    opened = figures["connections"]["opened"]
    handshakes = figures["connections"]["full_handshakes"]
    assert opened >= 20
    assert handshakes + figures["connections"]["resumed_handshakes"] == opened


def test_the_stated_share_of_devices_resumes_tls_sessions_of_another_day(
    secure: str, tmp_path: Path
) -> None:
    file, out = write_evening(tmp_path, viewers=40, seconds=4), tmp_path / "run"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("signs_in: 30 %", "signs_in: 30 %, resumed_tls: 50 %"))
    come_back = sum(resumes(arrival) for arrival in share(read_scenario(file)))

    matchnight("rehearse", file, "--target", secure, "--insecure", "--report-dir", out)

    connections = summary(out)["connections"]
    assert 10 < come_back < 30
    # until the first session has been given out there is nothing to resume
    assert come_back - 2 <= connections["resumed_handshakes"]
    assert connections["full_handshakes"] >= 40 - come_back
