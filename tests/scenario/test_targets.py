"""Where profiles, their files and their secrets come from."""

import base64
from pathlib import Path

import pytest

from loadtests.errors import InvalidFile, MatchnightError
from loadtests.scenario.targets import (
    base_of,
    default,
    find,
    folder,
    names,
    parse_profile,
    read_files,
    read_secrets,
    shipped,
)

SECRETS = (
    "title: t\nsecrets:\n  a: {env: A}\n  b: {file: b.txt}\n  c: {env: C}\n  d: {file: d.txt}\n"
)


def test_the_shipped_profiles_are_all_right() -> None:
    assert names() == ["bare-stream", "oauth", "testbed"]
    for name in names():
        profile, _ = shipped(name)
        assert profile.title


def test_a_profile_is_found_by_name_or_path(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("title: mine\nurl: https://api.example\n", encoding="utf-8")
    assert find("testbed") == folder() / "testbed.yaml"
    assert find(str(mine)) == mine
    assert base_of(str(mine)) == "https://api.example"
    assert base_of("testbed") is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("testbad", ("--profile: no target profile 'testbad'; did you mean 'testbed'? "
         "(there are bare-stream, oauth, testbed), or write the path of a file")),
        ("a/b.yaml", ("--profile: no file 'a/b.yaml'; write the path of a target profile, "
         "or a name: bare-stream, oauth, testbed")),
    ],
)  # fmt: skip
def test_a_profile_that_is_not_there_is_told_with_what_there_is(name: str, said: str) -> None:
    with pytest.raises(MatchnightError) as refusal:
        find(name)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (None, "testbed"),
        ("https://t.invalid", "testbed"),
        ("https://t.invalid/a.m3u8?t=1", "bare-stream"),
        ("https://t.invalid/?a.m3u8", "testbed"),
    ],
)
def test_a_target_without_a_profile_has_the_one_that_suits_it(url: str | None, name: str) -> None:
    assert default(url) == name


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    profile = parse_profile(SECRETS, file="p.yaml")
    (tmp_path / "b.txt").write_text("of a file \n", encoding="utf-8")
    (tmp_path / "d.txt").write_text("another\nline\n", encoding="utf-8")
    environment = {"A": "of the environment", "C": "c"}
    assert read_secrets(profile, tmp_path / "p.yaml", environment.get) == {
        "a": "of the environment",
        "b": "of a file",
        "c": "c",
        "d": "another",
    }


def test_every_missing_secret_is_named(tmp_path: Path) -> None:
    profile = parse_profile(SECRETS, file="p.yaml")
    (tmp_path / "d.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(InvalidFile) as refusal:
        read_secrets(profile, tmp_path / "p.yaml", {"C": ""}.get)
    assert refusal.value.problems == [
        "p.yaml:3:6: secrets.a: the environment has no A; export A=...",
        (
            "p.yaml:4:6: secrets.b: 'b.txt': No such file or directory; "
            "write the secret into that file"
        ),
        "p.yaml:5:6: secrets.c: the environment has no C; export C=...",
        "p.yaml:6:6: secrets.d: 'd.txt' begins with an empty line; write the secret there",
    ]


def test_files_of_bodies_are_read_beside_the_profile(tmp_path: Path) -> None:
    text = "title: t\nsteps:\n  license: {url: /, file: c.bin}\n"
    profile = parse_profile(text, file="p.yaml")
    (tmp_path / "c.bin").write_bytes(b"\0\xff")
    found = read_files(profile, tmp_path / "p.yaml")
    assert {name: base64.b64decode(data) for name, data in found.items()} == {"c.bin": b"\0\xff"}


def test_a_missing_file_is_told_with_its_line(tmp_path: Path) -> None:
    text = "title: t\nsteps:\n  license: {url: /, file: c.bin}\n"
    with pytest.raises(InvalidFile) as refusal:
        read_files(parse_profile(text, file="p.yaml"), tmp_path / "p.yaml")
    assert refusal.value.problems == [
        "p.yaml:3:12: steps.license.file: 'c.bin': No such file or directory; write a file's path"
    ]
