"""Where target profiles are: those shipped, by name, and any file."""

import base64
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from loadtests.binding import bind
from loadtests.binding.scalars import quoted
from loadtests.errors import InvalidFile
from loadtests.scenario import library
from loadtests.scenario.profile import TargetProfile
from loadtests.scenario.profile_checks import RULES
from loadtests.scenario.read import load

TESTBED = "testbed"
"""The profile of the embedded stack: spoken unless another is asked for."""
BARE_STREAM = "bare-stream"
"""The profile of a playlist's URL alone."""
LARGEST_FILE = 1_000_000


def folder() -> Path:
    """The folder of shipped profiles."""
    return library.folder() / "targets"


def names() -> list[str]:
    """The shipped profiles, in alphabetical order."""
    return library.names_in(folder())


def find(name_or_path: str) -> Path:
    """The file of a shipped profile, or of a path; a shipped name wins over a file called so.

    MatchnightError: there is neither; the message says what there is.
    """
    return library.find_in(folder(), name_or_path, kind="target profile", flag="--profile: ")


def default(target: str | None) -> str:
    """The profile that suits a target's URL: a bare stream's if its path ends in .m3u8."""
    path = (target or "").partition("#")[0].partition("?")[0]
    return BARE_STREAM if path.endswith(".m3u8") else TESTBED


def parse_profile(text: str, *, file: str) -> TargetProfile:
    """The profile a text describes; InvalidFile has every problem of it."""
    return bind(text, file=file, into=TargetProfile, rules=RULES)


def base_of(name_or_path: str) -> str | None:
    """The base a profile names itself; None: it names none. Raises MatchnightError."""
    path = find(name_or_path)
    return parse_profile(load(path), file=str(path)).url


@lru_cache(maxsize=8)
def shipped(name: str) -> tuple[TargetProfile, Mapping[str, str]]:
    """A shipped profile, and the files of its bodies."""
    path = find(name)
    profile = parse_profile(load(path), file=str(path))
    return profile, read_files(profile, path)


def read_files(profile: TargetProfile, path: Path) -> Mapping[str, str]:
    """The files of a profile's bodies by their names in it, in base64 (RFC 4648).

    InvalidFile says which of them cannot be read.
    """
    found, problems = {}, []
    for name, where in profile.files:
        try:
            data = (path.parent / name).read_bytes()
        except OSError as error:
            problems.append(f"{where}.file: {quoted(name)}: {error.strerror}; write a file's path")
            continue
        if len(data) > LARGEST_FILE:
            problems.append(
                f"{where}.file: {quoted(name)} is larger than 1 MB; write a smaller one"
            )
        found[name] = base64.b64encode(data).decode()
    if problems:
        raise InvalidFile(problems)
    return found


def read_secrets(
    profile: TargetProfile, path: Path, environment: Callable[[str], str | None]
) -> Mapping[str, str]:
    """What a profile's secrets are, by name. InvalidFile names every one that is missing."""
    found, problems = {}, []
    for name, secret in profile.secrets.items():
        try:
            found[name] = _secret(path, secret.env, secret.file, environment)
        except ValueError as error:
            problems.append(f"{secret.where}: {error}")
    if problems:
        raise InvalidFile(problems)
    return found


def _secret(
    path: Path, env: str | None, file: str | None, environment: Callable[[str], str | None]
) -> str:
    if env is not None:
        value = environment(env)
        if not value:
            raise ValueError(f"the environment has no {env}; export {env}=...")
        return value
    try:
        lines = (path.parent / (file or "")).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ValueError(f"{quoted(file or '')}: {why}; write the secret into that file") from None
    if not lines or not lines[0].strip():
        raise ValueError(f"{quoted(file or '')} begins with an empty line; write the secret there")
    return lines[0].strip()
