"""With a consent file the tool keeps to it, and to the target's own agreement, until the end."""

import subprocess
from pathlib import Path
from socket import SHUT_WR, socket

import pytest
from kit import lines, matchnight, respond, scripted, summary, testbed, write_evening

from loadtests.scenario.consent import read_consent

CONSENT = """\
owner: night desk, 555-0100
hosts:
  - {{name: {host}, approval: TEST-1}}
window: {{from: "2020-01-01T00:00:00+00:00", to: "2099-01-01T00:00:00+00:00"}}
ceilings: {{viewers: 1000, joins: 1000/s, bit_rate: 1 Gbit/s}}
totals: {{bytes: 1 GB, requests: {requests}, licenses: 1000}}
"""


def write_consent(folder: Path, *, host: str = "127.0.0.1", requests: int = 100_000) -> Path:
    path = folder / "consent.yaml"
    path.write_text(CONSENT.format(host=host, requests=requests), encoding="utf-8")
    return path


def rehearse(
    folder: Path, target: str, consent: Path, *, viewers: int = 60, seconds: int = 4
) -> subprocess.CompletedProcess[str]:
    return matchnight(
        *("rehearse", write_evening(folder, viewers=viewers, seconds=seconds), "--quiet"),
        *("--target", target, "--consent", consent, "--report-dir", folder / "run"),
    )


def test_a_host_the_consent_does_not_list_is_not_touched(tmp_path: Path) -> None:
    with scripted(lambda connection, _: respond(connection, (200, {}, b""))) as target:
        done = rehearse(tmp_path, target.url, write_consent(tmp_path, host="stage.example"))
        assert target.paths == []
    assert done.returncode == 3
    assert done.stderr == "matchnight: --target: refused: the consent does not list 127.0.0.1\n"


def test_a_target_that_does_not_agree_gets_no_more_than_the_question(tmp_path: Path) -> None:
    with scripted(lambda connection, _: say(connection, 404)) as target:
        done = rehearse(tmp_path, target.url, write_consent(tmp_path))
        assert target.paths == ["/.well-known/matchnight"]
    assert done.returncode == 3
    assert "does not serve the consent's digest" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_target_that_agrees_is_rehearsed(workers: str, tmp_path: Path) -> None:
    consent = write_consent(tmp_path)
    scenario = write_evening(tmp_path, viewers=60, seconds=4)
    with testbed("--agreement", read_consent(consent).digest()) as (url, _):
        done = matchnight(
            *("rehearse", scenario, "--target", url, "--consent", consent),
            *("--report-dir", tmp_path / "run", "--workers", workers, "--quiet"),
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert summary(tmp_path / "run")["viewers"]["in_time"] > 0


def say(connection: socket, status: int, body: bytes = b"") -> None:
    """Answer a request of HTTP/1.0: the connection ends with the answer."""
    respond(connection, (status, {}, body))
    connection.shutdown(SHUT_WR)


class Stream:
    """A bare stream of a target that agrees, until it does not."""

    def __init__(self, digest: str, *, agrees: int, header: dict[str, str]) -> None:
        self._digest = digest.encode()
        self._agrees = agrees  # how often
        self._header = header

    def answer(self, connection: socket, path: str) -> None:
        if path == "/.well-known/matchnight":
            self._agrees -= 1
            status = 200 if self._agrees >= 0 else 404
            say(connection, status, self._digest if status == 200 else b"")
        else:
            respond(connection, (404, self._header, b""))


@pytest.mark.parametrize(
    ("agrees", "header", "why"),
    [
        (1, {}, "does not serve the consent's digest any more"),
        (99, {"Matchnight-Stop": "1"}, "answered with Matchnight-Stop: 1"),
    ],
    ids=["agreement withdrawn", "stop in an answer"],
)
def test_when_the_target_says_stop_the_run_stops_at_once_with_status_3(
    agrees: int, header: dict[str, str], why: str, tmp_path: Path
) -> None:
    consent = write_consent(tmp_path)
    stream = Stream(read_consent(consent).digest(), agrees=agrees, header=header)
    with scripted(stream.answer) as target:
        done = rehearse(tmp_path, f"{target.url}/live.m3u8", consent, viewers=300, seconds=30)
    assert done.returncode == 3
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1
    events = {event["kind"]: event for event in lines(tmp_path / "run" / "events.jsonl")}
    assert events["stopped"]["reason"] == "withdrawn"
    assert events["stopped"]["at"] - events["started"]["at"] <= 5.0


def test_what_the_consent_allows_in_all_is_not_exceeded(tmp_path: Path) -> None:
    consent = write_consent(tmp_path, requests=40)
    with testbed("--agreement", read_consent(consent).digest()) as (url, _):
        done = rehearse(tmp_path, url, consent, viewers=60, seconds=6)
    assert done.returncode == 3
    assert "the consent allows 40 requests in all" in done.stderr
    sent = summary(tmp_path / "run")["requests"]["by_step"]
    forbidden = sum(step["outcomes"].get("forbidden_host", 0) for step in sent.values())
    assert sum(step["count"] for step in sent.values()) - forbidden <= 40
