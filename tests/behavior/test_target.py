"""From a URL to the system under test."""

import pytest

from loadtests.behavior.target import Target
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.profile import OF_THE_STREAM
from loadtests.scenario.targets import parse_profile
from loadtests.vocabulary import Step


@pytest.mark.parametrize(
    "url", ["http://t.invalid/live/a.m3u8", "https://t.invalid:8443/a.m3u8?token=x"]
)
def test_a_url_whose_path_ends_in_m3u8_is_a_bare_stream(url: str) -> None:
    target = Target.parse(url)
    assert (target.url, target.is_bare) == (url, True)
    assert target.blind_spots == tuple(step for step in Step if step not in OF_THE_STREAM)


def test_steps_that_a_profile_does_not_say_are_its_blind_spots() -> None:
    said = ", ".join(f"{step}: {{url: /}}" for step in Step if step not in OF_THE_STREAM)
    everything = parse_profile(f"title: t\nsteps: {{{said}}}", file="p.yaml")
    some = parse_profile("title: t\nsteps: {home: {url: /}, sign_up: {url: /}}", file="p.yaml")
    target = Target.parse("http://t.invalid", some)
    assert Target.parse("http://t.invalid", everything).blind_spots == ()
    assert {*target.blind_spots, Step.HOME, Step.SIGN_UP} == {*Step} - OF_THE_STREAM
    assert target.side_effects == {Step.SIGN_UP}


def test_a_playlist_may_be_the_target_of_a_profile_that_says_more() -> None:
    profile = parse_profile(
        "title: t\nstream: {master: '{target}'}\nsteps: {home: {url: https://api.invalid/}}",
        file="p.yaml",
    )
    target = Target.parse("http://t.invalid/a.m3u8?b", profile)
    assert (target.url, target.is_bare) == ("http://t.invalid/a.m3u8?b", False)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://t.invalid/", "http://t.invalid"),
        ("http://t.invalid/api/#top", "http://t.invalid/api"),
    ],
)
def test_any_other_url_is_the_base_of_a_stack(url: str, base: str) -> None:
    target = Target.parse(url)
    assert (target.url, target.is_bare, target.blind_spots) == (base, False, ())


@pytest.mark.parametrize(
    "url",
    ["", "t.invalid", "ftp://t.invalid/", "http://", "http://[::1", "http://t:x/", "http://t/?a"],
)
def test_what_is_no_target_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(MatchnightError, match=r"target: .*(write)") as refusal:
        Target.parse(url)
    assert refusal.value.status is ExitStatus.USAGE
