"""What may not be touched, or does not answer, is said before anything is sent."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from kit import EVENING

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import parse_scenario
from loadtests.swarm.children import free_port
from loadtests.swarm.options import Options
from loadtests.swarm.reach import check_hostile, check_target

SMOKE = Options(scenario="smoke")


def refusal(target: str, options: Options = SMOKE) -> tuple[str, ExitStatus]:
    with pytest.raises(MatchnightError) as caught:
        check_target(target, options, viewers=10)
    return str(caught.value), caught.value.status


def test_a_target_on_this_machine_that_listens_is_fine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_target(f"http://127.0.0.1:{server.getsockname()[1]}", SMOKE, viewers=10)


def test_a_name_that_resolves_to_this_machine_needs_no_consent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        options = replace(SMOKE, resolve={f"stack.invalid:{port}": "127.0.0.1"})
        check_target(f"http://stack.invalid:{port}", options, viewers=10)


def test_a_target_nobody_listens_at_is_unreachable() -> None:
    target = f"http://127.0.0.1:{free_port()}"
    said, status = refusal(target)
    assert said == f"--target: {target} cannot be reached: Connection refused"
    assert status is ExitStatus.UNREACHABLE


@pytest.mark.parametrize(
    "target", ["http://stack.invalid", "http://192.0.2.7", "https://[2001:db8::7]/live.m3u8"]
)
def test_without_a_consent_nothing_beyond_this_machine_is_even_asked(
    target: str,
) -> None:
    said, status = refusal(target)
    assert said.endswith("is not this machine: nothing is sent without --consent FILE")
    assert status is ExitStatus.UNREACHABLE


def test_what_is_no_url_is_said() -> None:
    said, status = refusal("127.0.0.1:8080")
    assert "is not an absolute http or https URL" in said
    assert status is ExitStatus.USAGE


HOSTILE = """\
hostile:
  - {{pattern: {pattern}, from: 0s, lasts: 5s, rate: 1/s}}
"""


def hostile(pattern: str = "credential_stuffing") -> Scenario:
    text = EVENING.format(viewers=1, event_seconds=10, arrivals_until=1, player="hls_js")
    more = HOSTILE.format(pattern=pattern)
    return parse_scenario(text + more, file="evening.yaml", name="evening")


def refused(target: str | None, options: Options = SMOKE, pattern: str = "scanner") -> str:
    with pytest.raises(MatchnightError) as caught:
        check_hostile(target, hostile(pattern), options)
    assert caught.value.status is ExitStatus.UNREACHABLE
    return str(caught.value)


@pytest.mark.parametrize("target", [None, "http://127.0.0.1:1", "http://[::1]:1"])
def test_hostile_traffic_may_meet_this_machine(target: str | None) -> None:
    check_hostile(target, hostile(), SMOKE)


@pytest.mark.parametrize("target", ["http://192.0.2.7", "http://stack.invalid", "http://0.0.0.0"])
def test_hostile_traffic_meets_nothing_beyond_this_machine(target: str) -> None:
    assert refused(target).endswith(
        "is not this machine, which hostile traffic stays on; "
        "leave it out, or play a scenario without `hostile`"
    )


@pytest.mark.parametrize("target", [None, "http://127.0.0.1:1", "http://192.0.2.7"])
def test_no_consent_allows_hostile_traffic(target: str | None) -> None:
    said = refused(target, replace(SMOKE, consent=Path("consent.yaml")))
    assert said.startswith("--consent: does not allow hostile traffic")


def test_what_leads_here_under_another_name_is_this_machine() -> None:
    check_hostile(
        "http://stack.invalid:8080",
        hostile(),
        replace(SMOKE, resolve={"stack.invalid:8080": "127.0.0.1"}),
    )


@pytest.mark.parametrize("pattern", ["slow_request", "slow_read"])
def test_slow_clients_speak_plain_http(pattern: str) -> None:
    check_hostile("https://127.0.0.1:1", hostile(), SMOKE)
    assert refused("https://127.0.0.1:1", pattern=pattern).startswith("--target: slow requests")


def test_a_scenario_without_hostile_traffic_is_not_asked() -> None:
    text = EVENING.format(viewers=1, event_seconds=10, arrivals_until=1, player="hls_js")
    check_hostile("http://192.0.2.7", parse_scenario(text, file="e.yaml", name="e"), SMOKE)
