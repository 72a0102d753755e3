"""Titles kept for offline viewing: their licenses, and the one renewal a year."""

import re
from zlib import crc32

from loadtests.chance import Chance
from loadtests.stack.call import Call
from loadtests.stack.event_clock import EventClock
from loadtests.stack.exchange import Answer, Stated
from loadtests.stack.memory import Memory
from loadtests.stack.policies import DownloadRules
from loadtests.units import Offset, Ratio
from loadtests.vocabulary import Trait

_TITLE = re.compile(r"[\w.:-]{1,64}")
_TITLES = 0x5449544C  # one draw per title, the same in every run
_WARNING = "This title cannot be renewed again within a year of its first download."


class _Kept:
    """A title on an account: when its year began, and what was granted since."""

    __slots__ = ("first", "licenses", "renewals")

    def __init__(self, first: Offset) -> None:
        self.first = first
        self.licenses = 1  # ever
        self.renewals = 0  # within the year


class Downloads:
    """Remembers by account and title when the year began and how many renewals were granted.

    A year begins with the first download; once it is over, the next download or renewal begins
    another. Downloading again within it changes nothing: the license that stands is told once more.
    A renewal may name the `license` it is to replace: so a device that never heard the answer and
    asks again is told the same, and its one renewal is not spent on an answer that was lost.
    """

    def __init__(self, rules: DownloadRules, clock: EventClock) -> None:
        self._rules = rules
        self._clock = clock
        self._kept: Memory[tuple[str, str], _Kept] = Memory()

    def download(self, call: Call, account: str) -> Answer:
        """A title's license, unless the device or the title is excluded."""
        title = _title(call)
        if title is None:
            return call.no(Stated.CLIENT_ERROR)
        if Trait.ROOTED in call.device.traits:
            return call.no(Stated.RESTRICTED_DEVICE)
        if not is_downloadable(title, self._rules.not_downloadable):
            return call.no(Stated.NOT_DOWNLOADABLE)
        kept = self._kept.get((account, title))
        if kept is None:
            kept = _Kept(self._clock.offset(call.at))
            self._kept.keep((account, title), kept)
        elif self._begins_anew(kept, call):
            kept.licenses += 1
        return call.tell(self._license(account, title, kept))

    def renew(self, call: Call, account: str) -> Answer:
        """Another license for a title once downloaded; 404 for one that never was."""
        title = _title(call)
        if title is None:
            return call.no(Stated.CLIENT_ERROR)
        kept = self._kept.get((account, title))
        if kept is None:
            return call.no(Stated.NOT_FOUND)
        if not self._is_repeated(call, account, title, kept):
            self._begins_anew(kept, call)
            if kept.renewals >= self._rules.renewals:
                return call.no(Stated.DOWNLOAD_LIMIT_REACHED)
            kept.renewals += 1
            kept.licenses += 1
        told = self._license(account, title, kept)
        return call.tell(told | {"warning": None if told["renewals_left"] else _WARNING})

    def _begins_anew(self, kept: _Kept, call: Call) -> bool:
        """Whether the year was over; the next one has begun then."""
        now = self._clock.offset(call.at)
        # not a number when both are before the run began: the same year
        is_over = now - kept.first >= self._rules.per
        if is_over:
            kept.first, kept.renewals = now, 0
        return is_over

    def _is_repeated(self, call: Call, account: str, title: str, kept: _Kept) -> bool:
        """Whether it is the renewal granted last, asked for again."""
        replaced = call.fields().get("license")
        return kept.renewals > 0 and replaced == _name(account, title, kept.licenses - 1)

    def _license(self, account: str, title: str, kept: _Kept) -> dict[str, object]:
        left = max(0, self._rules.renewals - kept.renewals)
        return {"license": _name(account, title, kept.licenses), "renewals_left": left}


def is_downloadable(title: str, excluded: Ratio) -> bool:
    """Whether a title may be kept: those of a share `excluded`, always the same, may not."""
    return Chance(_TITLES, crc32(title.encode())).uniform() >= excluded


def _title(call: Call) -> str | None:
    asked = call.strings("title")
    return asked[0] if asked and _TITLE.fullmatch(asked[0]) else None


def _name(account: str, title: str, number: int) -> str:
    return f"license.{account}.{title}.{number}"
