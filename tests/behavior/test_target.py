"""From a URL to the system under test."""

import pytest

from loadtests.behavior.target import Target
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.vocabulary import Step


@pytest.mark.parametrize(
    "url", ["http://t.invalid/live/a.m3u8", "https://t.invalid:8443/a.m3u8?token=x"]
)
def test_a_url_whose_path_ends_in_m3u8_is_a_bare_stream(url: str) -> None:
    target = Target.parse(url)
    assert (target.url, target.is_bare) == (url, True)
    assert target.blind_spots == (
        Step.HOME,
        Step.SIGN_IN,
        Step.REFRESH,
        Step.ENTITLEMENT,
        Step.SESSION,
        Step.LICENSE,
        Step.HEARTBEAT,
        Step.LEAVE,
    )


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
