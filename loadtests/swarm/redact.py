"""What a person may see of a request: secrets by their first characters and their length.

Three nets, one behind the other: the values known to be secret, wherever they stand; what stands
under a name that promises a secret; and whatever looks like a token.
"""

import re
from collections.abc import Iterable

_NAMED = (
    r"[\w.-]*(?:token|secret|passw|pwd|authorization|cookie|api[-_]?key|signature|assertion"
    r"|verifier|credential|session|license|jwt|otp)[\w.-]*|(?:\w+_)?code|sid|pin"
)
_NAME = re.compile(_NAMED, re.IGNORECASE)
_JSON = re.compile(rf'("(?:{_NAMED})"\s*:\s*")((?:[^"\\]|\\.)*)', re.IGNORECASE)
_PAIR = re.compile(rf"((?:^|[?&;\s])(?:{_NAMED})=)([^&;\s\"]*)", re.IGNORECASE)
_SCHEME = re.compile(r"((?:Bearer|Basic|DPoP|Token) +)(\S+)", re.IGNORECASE)
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_.-]+|[A-Za-z0-9_=-]{32,}")
_REASON = re.compile(r"[a-z]+(?:_[a-z]+)*")  # `"code": "not_in_plan"`: a refusal, no secret
_SHOWN = 4
_LONG = 16  # what is shorter would be half shown
_LEAST = 4  # characters of a value that is looked for anywhere


def outline(text: str) -> str:
    """A secret as it may be shown: `eyJh… (612 characters)`; of a short one only the length."""
    return f"{text[:_SHOWN] if len(text) >= _LONG else ''}… ({len(text)} characters)"


def is_secret_name(name: str) -> bool:
    """Whether what has this name is better not shown."""
    return _NAME.fullmatch(name) is not None


class Redactor:
    """Knows what is secret in one viewer's conversation with a target."""

    def __init__(self, hidden: Iterable[str] = ()) -> None:
        """`hidden`: passwords and keys, of which not even the first characters are shown."""
        self._hidden = {value for value in hidden if len(value) >= _LEAST}
        self._tokens: set[str] = set()

    def learn(self, tokens: Iterable[str]) -> None:
        """These have come up and are secret, too."""
        self._tokens.update(value for value in tokens if len(value) >= _LONG)

    def redacted(self, text: str) -> str:
        """A text of which nothing secret is left."""
        for value in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(value, f"… ({len(value)} characters)")
        for value in sorted(self._tokens, key=len, reverse=True):
            text = text.replace(value, outline(value))
        text = _JSON.sub(_told, text)
        text = _PAIR.sub(_told, text)
        text = _SCHEME.sub(_told, text)
        return _TOKEN.sub(lambda found: outline(found[0]), text)

    def header(self, name: str, value: str) -> str:
        """A header's value; of one that promises a secret, nothing but an outline."""
        text = self.redacted(value)
        return outline(value) if is_secret_name(name) and text == value else text


def _told(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    is_reason = '"code"' in name and _REASON.fullmatch(value)
    return name + (value if not value or "…" in value or is_reason else outline(value))
