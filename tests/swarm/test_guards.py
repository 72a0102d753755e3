"""Real users' figures by a Prometheus query: in bounds, out of bounds, or not to be heard."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from kit import respond, scripted

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.scenario.stopping import Guard
from loadtests.swarm import guards
from loadtests.swarm.guards import AGAIN, Sentry, check, one_number, posted
from loadtests.swarm.options import Options

SMOKE = Options(scenario="smoke")


def answered(kind: str, result: object) -> bytes:
    return json.dumps(
        {"status": "success", "data": {"resultType": kind, "result": result}}
    ).encode()


def vector(*values: str) -> bytes:
    return answered("vector", [{"metric": {}, "value": [1.5, value]} for value in values])


class Prometheus:
    """Answers with `body`, or as `status` says."""

    def __init__(self) -> None:
        self.body = vector("0.5")
        self.status = 200
        self.asked: list[str] = []
        self.url = ""

    def answer(self, connection: socket.socket, path: str) -> None:
        self.asked.append(path)
        respond(connection, (self.status, {}, self.body))

    def sentry(self, **bounds: float) -> Sentry:
        return Sentry(Guard(prometheus=self.url, query='sum(up{a="b c"})', **bounds))


@pytest.fixture
def prometheus() -> Iterator[Prometheus]:
    made = Prometheus()
    with ExitStack() as held:
        made.url = held.enter_context(scripted(made.answer)).url
        yield made


def test_the_query_is_asked_as_an_instant_query(prometheus: Prometheus) -> None:
    assert prometheus.sentry(at_most=1.0).ask() is None
    assert prometheus.asked == ["/api/v1/query?query=sum%28up%7Ba%3D%22b%20c%22%7D%29"]


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"at_most": 0.5, "at_least": 0.5}, None),
        ({"at_most": 0.4}, """the guard 'sum(up{a="b c"})' is at 0.5, above 0.4"""),
        ({"at_least": 0.6}, """the guard 'sum(up{a="b c"})' is at 0.5, below 0.6"""),
        ({}, None),
    ],
)
def test_out_of_bounds_is_said_and_at_the_bound_is_within(
    bounds: dict[str, float], said: str | None, prometheus: Prometheus
) -> None:
    sentry = prometheus.sentry(**bounds)
    assert sentry.ask() == said
    assert sentry.problem == ""
    assert sentry.pause == sentry.guard.every


@pytest.mark.parametrize(
    ("body", "value"),
    [(vector("-1e3"), -1000.0), (answered("scalar", [1.0, "0.25"]), 0.25)],
)
def test_a_scalar_or_a_vector_of_one_is_a_number(body: bytes, value: float) -> None:
    assert one_number(body) == value


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (vector(), "answered with 0 numbers instead of one"),
        (vector("1", "2"), "answered with 2 numbers instead of one"),
        (vector("NaN"), "answered with nan"),
        (vector("+Inf"), "answered with inf"),
        (
            answered("matrix", [{"metric": {}, "values": [[1, "2"]]}]),
            "something else than a number",
        ),
        (answered("string", [1.0, "hello"]), "something else than a number"),
        (b'{"status":"error","error":"parse error"}', "something else than a number"),
        (b"[]", "something else than a number"),
        (b"<html>", "something else than a number"),
        (b"", "something else than a number"),
    ],
)
def test_anything_else_is_no_answer(body: bytes, why: str, prometheus: Prometheus) -> None:
    prometheus.body = body
    sentry = prometheus.sentry(at_most=1.0)
    assert sentry.ask() is None
    assert why in sentry.problem
    assert sentry.pause == AGAIN


def test_an_error_status_is_no_answer(prometheus: Prometheus) -> None:
    prometheus.status = 503
    sentry = prometheus.sentry(at_most=1.0)
    assert sentry.ask() is None
    assert sentry.problem == "answered with status 503"


@pytest.mark.parametrize(("every", "after"), [(1.0, 2.0), (2.0, 3.0), (10.0, 15.0)])
def test_silence_counts_from_the_last_good_answer(
    every: float, after: float, prometheus: Prometheus
) -> None:
    sentry = Sentry(Guard(prometheus=prometheus.url, query="up", at_most=1.0, every=every))
    assert sentry.ask() is None
    assert sentry.silence(sentry.heard + after) is None
    prometheus.status = 500
    heard = sentry.heard
    sentry.ask()
    assert sentry.heard == heard
    assert sentry.silence(heard + after + 0.1) == (
        f"the guard 'up' is silent: no number for {after + 0.1:.1f} s (answered with status 500)"
    )


def test_with_the_default_interval_silence_stops_a_run_within_five_seconds() -> None:
    default = Sentry(Guard(prometheus="http://127.0.0.1", query="up"))
    assert default.silent_after + guards.AGAIN + 1.5 < 5.0


def guarded(url: str, **bounds: float) -> Scenario:
    scenario = read_scenario(find("smoke"))
    return replace(scenario, guards=(Guard(prometheus=url, query="up", **bounds),))


def test_before_a_run_every_guard_must_be_heard_and_within_its_bounds(
    prometheus: Prometheus,
) -> None:
    check(posted(guarded(prometheus.url, at_most=1.0), SMOKE))
    with pytest.raises(
        MatchnightError, match=r"'up' is at 0.5, above 0.1, before anything"
    ) as said:
        check(posted(guarded(prometheus.url, at_most=0.1), SMOKE))
    assert said.value.status is ExitStatus.MISSED
    prometheus.status = 404
    with pytest.raises(MatchnightError, match=r"cannot be heard at .* status 404") as said:
        check(posted(guarded(prometheus.url), SMOKE))
    assert said.value.status is ExitStatus.UNREACHABLE


def test_a_guard_beyond_this_machine_needs_the_consent_to_list_its_host(tmp_path: Path) -> None:
    far = guarded("http://prometheus.invalid:9090")
    with pytest.raises(MatchnightError, match=r"prometheus.invalid is not this machine") as said:
        posted(far, SMOKE)
    assert said.value.status is ExitStatus.UNREACHABLE
    consent = tmp_path / "consent.yaml"
    consent.write_text(
        "owner: night desk\n"
        "hosts: [{name: prometheus.invalid, approval: TEST-1}]\n"
        'window: {from: "2020-01-01T00:00:00+00:00", to: "2099-01-01T00:00:00+00:00"}\n'
        "ceilings: {viewers: 10, joins: 10/s, bit_rate: 1 Gbit/s}\n"
        "totals: {bytes: 1 GB, requests: 10, licenses: 10}\n",
        encoding="utf-8",
    )
    assert [s.host for s in posted(far, Options(scenario="smoke", consent=consent))] == [
        "prometheus.invalid"
    ]


def test_what_is_no_url_is_said() -> None:
    with pytest.raises(MatchnightError, match="guards: prometheus: 'prometheus:9090' is not"):
        posted(guarded("prometheus:9090"), SMOKE)
