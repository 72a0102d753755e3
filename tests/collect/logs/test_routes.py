import pytest

from loadtests.collect.logs.routes import step_of
from loadtests.scenario.targets import parse_profile, shipped
from loadtests.vocabulary import Step

PROFILE = """
title: A stack
names: {api: "https://api.example/v2", event: final}
steps:
  home: {url: "{api}/config"}
  sign_in: {url: "https://id.example/login?client={device}", form: {user: "{account}"}}
  entitlement: {url: "/events/{event}/entitlement"}
  session: {url: /playback, json: {}}
  heartbeat: {url: "/playback/{session}/beat", method: PUT}
  leave: {url: "/playback/{session}", method: DELETE}
"""
OWN = step_of(parse_profile(PROFILE, file="own.yaml"))


@pytest.mark.parametrize(
    ("target", "is_post", "step"),
    [
        ("/v2/config?x=1", False, Step.HOME),
        ("/login?client=tv", True, Step.SIGN_IN),
        ("/events/final/entitlement", False, Step.ENTITLEMENT),
        ("/playback", True, Step.SESSION),
        ("/playback/4711/beat", True, Step.HEARTBEAT),
        ("/playback/4711", True, Step.LEAVE),
        ("/any/where/4711.m4s", False, Step.SEGMENT),
    ],
)
def test_a_profiles_templates_tell_the_step(target: str, is_post: bool, step: Step) -> None:  # noqa: FBT001 - a case
    assert OWN(target, is_post) is step


@pytest.mark.parametrize(
    ("target", "is_post"),
    [
        ("/login", False),
        ("/events/other/entitlement", False),
        ("/playback/a/b/beat", True),
        ("/", False),
    ],
)
def test_what_a_profile_does_not_send_is_no_step(target: str, is_post: bool) -> None:  # noqa: FBT001 - a case
    assert OWN(target, is_post) is None


def test_every_path_of_the_shipped_profile_tells_its_own_step() -> None:
    profile, _ = shipped("testbed")
    tell = step_of(profile)
    for step in profile.steps:
        for exchange in profile.exchanges(step):
            is_post = exchange.has_body or exchange.method is not None
            assert tell(exchange.url.text, is_post) is step


def test_of_two_steps_that_send_alike_the_earlier_one_is_told() -> None:
    tell = step_of(shipped("oauth")[0])
    assert tell("/token", True) is Step.SIGN_IN


def test_without_a_profile_steps_are_guessed() -> None:
    assert step_of()("/wp-login.php", True) is Step.SIGN_IN
