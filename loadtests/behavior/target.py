"""The system under test as a journey sees it: where it is, and which of a viewer's steps it has."""

from dataclasses import dataclass

from loadtests.errors import MatchnightError
from loadtests.url import split
from loadtests.vocabulary import Step

PLAYBACK_STEPS = frozenset({Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT})
"""All that a bare stream has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A whole stack that speaks the testbed's dialect, or a bare stream: playback only."""

    url: str  # of a stack its base, without a slash at the end; of a bare stream its playlist
    is_bare: bool

    @classmethod
    def parse(cls, url: str) -> "Target":
        """The target at a URL: a bare stream if its path ends in .m3u8, else the base of a stack.

        Raises MatchnightError for what is not an absolute http or https URL.
        """
        try:
            path, _, query = split(url).target.partition("?")
        except ValueError as problem:
            raise MatchnightError(
                f"target: {problem}; write something like http://127.0.0.1:8080"
            ) from None
        if path.endswith(".m3u8"):
            return cls(url=url, is_bare=True)
        if query:
            raise MatchnightError(
                f"target: {url!r} has a query; "
                "write the base URL of a stack, or a URL whose path ends in .m3u8"
            )
        return cls(url=url.partition("#")[0].rstrip("/"), is_bare=False)

    @property
    def blind_spots(self) -> tuple[Step, ...]:
        """The steps a rehearsal against this target says nothing about, in a viewer's order."""
        return tuple(s for s in Step if s not in PLAYBACK_STEPS) if self.is_bare else ()
