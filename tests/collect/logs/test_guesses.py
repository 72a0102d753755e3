import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.logs.guesses import guess
from loadtests.vocabulary import Step


@pytest.mark.parametrize(
    ("target", "step"),
    [
        ("/", Step.HOME),
        ("/index.php", Step.HOME),
        ("/?utm_source=mail", Step.HOME),
        ("/blog/2015/05/kick-off", Step.WEBSITE),
        ("/login", Step.WEBSITE),
        ("/wp-login.php", Step.WEBSITE),
        ("/api/v2/titles", Step.CATALOG),
        ("/my-account/orders/7", Step.ACCOUNT),
        ("/checkout", Step.ACCOUNT),
        ("/api/entitlements", Step.ENTITLEMENT),
        ("/live/master.m3u8", Step.MASTER),
        ("/live/v2/chunklist.m3u8?hdnts=1", Step.PLAYLIST),
        ("/live/manifest.mpd", Step.PLAYLIST),
        ("/live/v2/init.mp4", Step.INIT),
        ("/live/v2/4711.m4s", Step.SEGMENT),
        ("/live/v2/4711.TS", Step.SEGMENT),
    ],
)
def test_what_is_asked_for_is_told_by_its_path(target: str, step: Step) -> None:
    assert guess(target, is_post=False) is step


@pytest.mark.parametrize(
    ("target", "step"),
    [
        ("/login", Step.SIGN_IN),
        ("/wp-login.php", Step.SIGN_IN),
        ("/users/sign_in", Step.SIGN_IN),
        ("/api/auth/login?next=%2F", Step.SIGN_IN),
        ("/j_security_check", Step.SIGN_IN),
        ("/xmlrpc.php", Step.SIGN_IN),
        ("/administrator/index.php", Step.SIGN_IN),
        ("/join_form", Step.SIGN_UP),
        ("/registration", Step.SIGN_UP),
        ("/sign-up", Step.SIGN_UP),
        ("/wp-login.php?action=register", Step.SIGN_UP),
        ("/wp-login.php?action=lostpassword", Step.ACCOUNT),
        ("/oauth/token", Step.REFRESH),
        ("/auth/refresh", Step.REFRESH),
        ("/drm/widevine/license", Step.LICENSE),
        ("/playback", Step.SESSION),
        ("/sessions/7/heartbeat", Step.HEARTBEAT),
        ("/search", Step.WEBSITE),
    ],
)
def test_what_is_submitted_is_told_by_its_path(target: str, step: Step) -> None:
    assert guess(target, is_post=True) is step


@pytest.mark.parametrize(
    "target",
    [
        "/style.css",
        "/img/logo.png?v=3",
        "/robots.txt",
        "/favicon.ico",
        "/feed/",
        "/blog/tags/puppet?flav=rss20",
        "/healthz",
        "/server-status",
        "/.well-known/security.txt",
        "*",
        "",
        "example.com:443",
    ],
)
def test_parts_of_pages_feeds_and_health_checks_are_no_step(target: str) -> None:
    assert guess(target, is_post=False) is None


def test_a_form_that_is_shown_is_a_page_and_one_that_is_submitted_signs_in() -> None:
    assert guess("/login_form", is_post=False) is Step.WEBSITE
    assert guess("/login_form", is_post=True) is Step.SIGN_IN


@given(st.text(max_size=80), st.booleans())
def test_any_target_is_a_step_or_none(target: str, is_post: bool) -> None:  # noqa: FBT001 - drawn
    assert guess(target, is_post=is_post) in {None, *Step}
