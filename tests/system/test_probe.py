"""A probe walks one viewer through a target, and says where a wrong profile goes wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit import free_port, matchnight, testbed

from loadtests.scenario.targets import folder

TESTBED = folder() / "testbed.yaml"


@pytest.fixture(scope="module")
def stack() -> Iterator[str]:
    with testbed() as (url, _):
        yield url


def broken(into: Path, old: str, new: str) -> tuple[Path, int]:
    """A copy of the testbed's profile with something wrong in it, and the line where that is."""
    text = TESTBED.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path = into / "profile.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    (into / "challenge.bin").write_bytes((folder() / "challenge.bin").read_bytes())
    return path, text[: text.index(old)].count("\n") + 1


def test_a_healthy_target_is_walked_through_from_home_to_leaving(stack: str) -> None:
    done = matchnight("check", "smoke", "--target", stack, "--probe")
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    steps = [line.split()[1] for line in said if line[:3].strip().isdigit() and line[3] == " "]
    for earlier, later in zip(
        ("home", "sign_in", "refresh", "entitlement", "session", "license", "master", "playlist"),
        ("sign_in", "refresh", "entitlement", "session", "license", "master", "playlist", "init"),
        strict=True,
    ):
        assert steps.index(earlier) < steps.index(later)
    assert steps.count("segment") >= 3
    assert steps[-4:] == ["heartbeat", "leave", "support", "cancel"]
    assert max(map(len, said)) <= 100
    assert any(line.startswith("Everything works: a first frame ") for line in said)


def test_nothing_secret_is_shown_in_full(stack: str) -> None:
    said = matchnight("check", "smoke", "--target", stack, "--probe").stdout
    assert '"password": "… (26 characters)"' in said
    assert "Authorization: Bearer acce… (32 characters)" in said
    assert "refresh_token = refr… (22 characters)" in said
    for secret in ("password-of-", "access.viewer", "refresh-viewer", "session.viewer"):
        assert secret not in said


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "entitlement:\n    url: /entitlement",
            "entitlement:\n    url: /entitled",
            (
                "It goes wrong at entitlement.",
                "expected  status 2xx; JSON with $.entitled = true",
                'came      404 Not Found: {"error": "not_found"}',
                "look at   there is no such path: correct `url`",
            ),
        ),
        (
            "\n  Authorization: Bearer {access_token}",
            "",
            (
                "It goes wrong at catalog.",
                "came      401 Unauthorized",
                "nothing in the request says who asks",
            ),
        ),
        (
            "expect: {json: {at: $.entitled, equals: true}}",
            "expect: {json: {at: $.allowed, equals: true}}",
            (
                "It goes wrong at entitlement.",
                'came      200 OK: {"entitled": true}',
                "$.allowed finds nothing: no 'allowed' in an object with entitled",
            ),
        ),
        (
            "home: {url: /home",
            "home: {url: /www",
            ("It goes wrong at home.", "the body is no JSON"),
        ),
        (
            "session: {json: $.session}",
            "session: {json: $.id}",
            ("It goes wrong at session.", "$.id finds nothing", "to be kept: session, master"),
        ),
        (
            "      master: {json: $.master, resolve: true}\n",
            "",
            (
                "It goes wrong at master.",
                "profile stream.master: {master}: no answer so far has left",
            ),
        ),
        (
            'json: {account: "{account}", password: "{password}"}',
            'json: {account: "{account}", password: "{account.pin}"}',
            ("It goes wrong at sign_in.", "came      it could not be sent", "account.pin"),
        ),
    ],
)
def test_a_wrong_profile_is_explained_with_its_line(
    old: str, new: str, told: tuple[str, ...], stack: str, tmp_path: Path
) -> None:
    profile, line = broken(tmp_path, old, new)
    done = matchnight("check", "smoke", "--target", stack, "--profile", profile, "--probe")
    said = " ".join(done.stdout.split())
    assert (done.returncode, done.stderr) == (99, "")
    for part in told:
        assert " ".join(part.split()) in said
    if new:
        assert f"profile {profile}:" in said
        place = int(said.partition(f"profile {profile}:")[2].partition(":")[0])
        assert abs(place - line) <= 2


def test_what_the_profile_does_not_have_is_a_blind_spot(stack: str) -> None:
    url = f"{stack}/live/master.m3u8"
    done = matchnight("check", "smoke", "--target", url, "--probe")
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    assert "Blind spots: website, boot," in said
    assert "sign_in" in said.partition("Blind spots:")[2]


def test_a_target_that_is_not_there_is_unreachable() -> None:
    done = matchnight("check", "smoke", "--probe", "--target", f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "cannot be reached: Connection refused" in done.stderr


def test_without_a_consent_no_other_machine_is_probed() -> None:
    done = matchnight("check", "smoke", "--probe", "--target", "http://stack.invalid")
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert "nothing is sent without --consent FILE" in done.stderr


def test_an_unknown_device_is_answered_with_the_nearest(stack: str) -> None:
    done = matchnight("check", "smoke", "--probe", "--target", stack, "--device", "smart_vt")
    assert done.returncode == 2
    assert "did you mean 'smart_tv'?" in done.stderr
