"""The target profile a run was asked for, with all it needs: read before anything is sent."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loadtests.behavior.target import Target
from loadtests.scenario.profile import TargetProfile
from loadtests.scenario.read import load
from loadtests.scenario.targets import default, find, parse_profile, read_files, read_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A profile read: its text, and what it names outside itself."""

    path: Path
    text: str
    profile: TargetProfile
    files: Mapping[str, str]  # of bodies, in base64
    secrets: Mapping[str, str] = field(repr=False)

    def target(self, url: str) -> Target:
        """The target at a URL, spoken to by this profile; raises MatchnightError."""
        return Target.parse(url, self.profile, secrets=self.secrets, files=self.files)

    @property
    def name(self) -> str:
        """How reports call it."""
        return self.path.stem


def read_spoken(name_or_path: str | None, target: str | None) -> Spoken:
    """The profile of this name or file; without one, the one that suits the target.

    MatchnightError: there is none, it is wrong, or a secret or file it names is missing.
    """
    path = find(name_or_path or default(target))
    text = load(path)
    profile = parse_profile(text, file=str(path))
    return Spoken(
        path=path,
        text=text,
        profile=profile,
        files=read_files(profile, path),
        secrets=read_secrets(profile, path, os.environ.get),
    )
