"""The system under test as a journey sees it: where it is, and how it is spoken to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loadtests.behavior.credentials import INVENTED, Credentials
from loadtests.behavior.language import NOTHING, Language
from loadtests.errors import MatchnightError
from loadtests.scenario.profile import OF_THE_STREAM, TargetProfile
from loadtests.scenario.targets import default, shipped
from loadtests.url import split
from loadtests.vocabulary import Step

PLAYBACK_STEPS = OF_THE_STREAM
"""All that a bare stream has."""


def anything(_step: Step) -> bool:
    """No step is forbidden: this machine's own stacks."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A whole stack, or a bare stream: playback only."""

    url: str  # of a stack its base, without a slash at the end; of a stream its playlist
    language: Language
    credentials: Credentials = INVENTED
    permits: Callable[[Step], bool] = anything  # now; what a consent counts runs out

    @classmethod
    def parse(
        cls,
        url: str,
        profile: TargetProfile | None = None,
        *,
        secrets: Mapping[str, str] = NOTHING,
        files: Mapping[str, str] = NOTHING,
    ) -> "Target":
        """The target at a URL, which is a playlist's if its path ends in .m3u8, else a base.

        Without a `profile` that is a bare stream, or a stack that speaks as the testbed does.
        Raises MatchnightError for what is not an absolute http or https URL.
        """
        base = _base(url)
        if profile is None:
            profile, files = shipped(default(base))
        return cls(url=base, language=Language(profile, base, secrets=secrets, files=files))

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing but the stream."""
        return not self.language.phrases

    @property
    def blind_spots(self) -> tuple[Step, ...]:
        """The steps a rehearsal against this target says nothing about, in a viewer's order."""
        said = self.language.phrases.keys() | OF_THE_STREAM
        return tuple(step for step in Step if step not in said)

    @property
    def side_effects(self) -> frozenset[Step]:
        """Its steps that create, cancel, text or call: a consent counts each."""
        return self.language.profile.side_effects


def _base(url: str) -> str:
    try:
        path, _, query = split(url).target.partition("?")
    except ValueError as problem:
        raise MatchnightError(
            f"target: {problem}; write something like http://127.0.0.1:8080"
        ) from None
    if path.endswith(".m3u8"):
        return url
    if query:
        raise MatchnightError(
            f"target: {url!r} has a query; "
            "write the base URL of a stack, or a URL whose path ends in .m3u8"
        )
    return url.partition("#")[0].rstrip("/")
