"""Capacity that is not ours: nginx's own limits, of a rate and of requests in progress, found."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from case import Place
from kit import matchnight, record, write_evening
from origin import stream, www

from loadtests.audience.trial import Joins
from loadtests.diagnosis.signature import JoinKnee, read_signature
from loadtests.vocabulary import Step

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(
        shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") is None,
        reason="needs nginx (Debian package; .ci/run installs it)",
    ),
]

PROFILE = """\
title: nginx with an API of one step, and a live stream

stream: {master: "{target}/live.m3u8"}

steps:
  entitlement: {url: /api.json}
"""
"""Every other step is a blind spot: nobody signs in, no session, no license."""

PART = 4.0
"""Seconds of a segment: viewers who watch cost little beside those who join."""


@dataclass(frozen=True)
class Limit:
    """What nginx is told, for the whole server and for the API alone."""

    http: str
    api: str
    answer: int  # bytes


def of_rate(rate: int) -> Limit:
    """So many requests a second; a second's worth of them may come at once."""
    http = f"limit_req_zone $server_port zone=api:1m rate={rate}r/s; limit_req_log_level info;"
    return Limit(http, f"limit_req zone=api burst={rate} nodelay;", 100)


def in_progress(requests: int, *, seconds: int, pace: int = 4_000) -> Limit:
    """So many requests at once, for so many seconds each: nginx sends `pace` bytes in each."""
    http = "limit_conn_zone $server_port zone=api:1m; limit_conn_log_level info;"
    api = f"limit_conn api {requests}; limit_rate {pace};"
    return Limit(http, api, pace * (seconds + 1) - 1_000)  # the first `pace` bytes are sent at once


@contextmanager
def nginx(limit: Limit) -> Iterator[str]:
    """The stream and the API: their base URL."""
    server = f"    location = /api.json {{ {limit.api} }}\n"
    # nginx's worker may be another user, who may not enter a test's own folder
    with tempfile.TemporaryDirectory() as scratch:
        place = Place(folder=Path(scratch), core=0, server_core=1, seconds=0)
        (www(place) / "api.json").write_bytes(b"x" * limit.answer)
        with stream(part=PART, server=server, http=limit.http)(place) as url:
            yield url.removesuffix("/live.m3u8")


def found(limit: Limit, folder: Path, *, first: int, most: int, stay: int) -> JoinKnee:
    """What `matchnight capacity` finds, for viewers who come from one second to the next."""
    profile = folder / "nginx.yaml"
    profile.write_text(PROFILE, encoding="utf-8")
    out = folder / "found"
    with nginx(limit) as url:
        done = matchnight(
            *("capacity", write_evening(folder), "--target", url, "--profile", profile),
            *("--joins", "step", "--knee-only", "--stay", f"{stay}s"),
            *("--from", f"{first}/s", "--most", f"{most}/s", "--report-dir", out),
            timeout=1200,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return read_signature(out / "signature.json").joins[Joins.STEP]


@pytest.mark.prove
@pytest.mark.timeout(1500)
def test_a_limit_of_requests_a_second_is_found(tmp_path: Path) -> None:
    # a burst of a second's worth hides one in n for n seconds: the load is held for forty
    told = found(of_rate(40), tmp_path, first=25, most=100, stay=20)
    record("capacity-nginx-rate", {"rate": 40, "found": asdict(told)})
    assert told.first is Step.ENTITLEMENT
    assert told.knee.value == pytest.approx(40, rel=0.05)


@pytest.mark.prove
@pytest.mark.timeout(1500)
def test_a_limit_of_requests_in_progress_is_found(tmp_path: Path) -> None:
    told = found(in_progress(100, seconds=2), tmp_path, first=30, most=120, stay=5)
    record("capacity-nginx-in-progress", {"requests": 100, "found": asdict(told)})
    assert told.first is Step.ENTITLEMENT
    assert told.in_flight is not None
    assert told.in_flight.value == pytest.approx(100, rel=0.05)


@pytest.mark.prove
@pytest.mark.timeout(240)
def test_near_a_limit_of_requests_in_progress_the_knee_is_its_height(tmp_path: Path) -> None:
    # from so near that two minutes are enough
    told = found(in_progress(60, seconds=1), tmp_path, first=52, most=59, stay=3)
    assert told.first is Step.ENTITLEMENT
    assert told.in_flight is not None
    assert told.in_flight.value == pytest.approx(60, rel=0.05)
