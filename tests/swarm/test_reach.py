"""What may not be touched, or does not answer, is said before anything is sent."""

import socket
from dataclasses import replace

import pytest

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.swarm.children import free_port
from loadtests.swarm.options import Options
from loadtests.swarm.reach import check_target

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
