"""Which step a path is by a target profile: its templates read backwards."""

import re
from collections.abc import Callable, Iterator

from loadtests.collect.logs.guesses import guess
from loadtests.scenario.profile import OF_THE_STREAM, Exchange, Method, TargetProfile
from loadtests.scenario.template import Hole, Template
from loadtests.vocabulary import Step

StepOf = Callable[[str, bool], Step | None]
"""The step of a target (path and query) and whether it submits something."""

_ORIGIN = re.compile(r"^[a-z]+://[^/]*", re.IGNORECASE)
_SUBMITTING = frozenset({Method.POST, Method.PUT, Method.PATCH, Method.DELETE})
_DEEPEST = 8


def step_of(profile: TargetProfile | None = None) -> StepOf:
    """Tells steps by a profile, and by guesses (`guesses.guess`) without one.

    With a profile, a path it does not have is no step, but for the stream's, told by their endings.
    Where two steps of a profile send alike (OAuth's token endpoint), the earlier one is taken.
    """
    return _guessed if profile is None else _routed(profile)


def _guessed(target: str, is_post: bool) -> Step | None:  # noqa: FBT001 - a `StepOf`
    return guess(target, is_post=is_post)


def _routed(profile: TargetProfile) -> StepOf:
    routes = [*_routes(profile)]

    def find(target: str, is_post: bool) -> Step | None:  # noqa: FBT001 - a `StepOf`
        path = target.partition("?")[0]
        for pattern, submits, step in routes:
            if submits is is_post and pattern.fullmatch(path):
                return step
        streamed = guess(target, is_post=is_post)
        return streamed if streamed in OF_THE_STREAM else None

    return find


def _routes(profile: TargetProfile) -> Iterator[tuple[re.Pattern[str], bool, Step]]:
    for step in Step:
        for exchange in profile.exchanges(step):
            pattern = re.compile(_pattern(exchange.url, profile))
            yield pattern, _submits(exchange), step


def _submits(exchange: Exchange) -> bool:
    if exchange.method is not None:
        return exchange.method in _SUBMITTING
    return exchange.has_body


def _pattern(url: Template, profile: TargetProfile) -> str:
    """What paths a template can have become; whatever a hole stands for has no slash in it."""
    text = _ORIGIN.sub("", _spelled(url, profile)).partition("?")[0]
    pieces = text.split("\0")
    if not pieces[0]:  # it begins with the target's base, or another of a viewer's own
        pieces = pieces[1:] or [""]
    path = "[^/?]+".join(re.escape(piece) for piece in pieces)
    return path if path.startswith("/") else f"/{path}"


def _spelled(url: Template, profile: TargetProfile, depth: int = 0) -> str:
    """The template with the profile's own names spelled out, and NUL for any other."""
    parts = []
    for part in url.parts:
        if not isinstance(part, Hole):
            parts.append(part)
        elif part.name in profile.names and depth < _DEEPEST:
            parts.append(_spelled(profile.names[part.name], profile, depth + 1))
        else:
            parts.append("\0")
    return "".join(parts)
