"""Set-top boxes: what one is told when it starts, and its way to another platform."""

from loadtests.stack.call import Call
from loadtests.stack.event_clock import EventClock
from loadtests.stack.exchange import Answer, Stated
from loadtests.stack.memory import Memory
from loadtests.stack.policies import Migration
from loadtests.vocabulary import Trait

OLD = "a"
NEW = "b"
"""The platforms' names."""

_LONGEST_NAME = 64


class Boxes:
    """Remembers which boxes registered where.

    From the migration's start on the others are on the new platform without having noticed; those
    that were unplugged then are told to move, each time they start, until they have registered.
    """

    def __init__(self, migration: Migration | None, clock: EventClock) -> None:
        self._migration = migration
        self._clock = clock
        self._platforms: Memory[str, str] = Memory()

    def boot(self, call: Call) -> Answer:
        """Where this box belongs, and where it has to move, if it has to."""
        box = _box(call)
        if box is None:
            return call.no(Stated.CLIENT_ERROR)
        missed_it = Trait.UNPLUGGED in call.device.traits
        moved = self._is_over(call)
        platform = self._platforms.get(box) or (NEW if moved and not missed_it else OLD)
        move_to = NEW if moved and platform == OLD else None
        return call.tell({"platform": platform, "move_to": move_to})

    def register(self, call: Call) -> Answer:
        """From now on this box belongs to that platform."""
        box, asked = _box(call), call.strings("platform")
        if box is None or asked is None or asked[0] not in {OLD, NEW}:
            return call.no(Stated.CLIENT_ERROR)
        self._platforms.keep(box, asked[0])
        return call.tell({"platform": asked[0]})

    def _is_over(self, call: Call) -> bool:
        migration = self._migration
        return migration is not None and self._clock.offset(call.at) >= migration.start


def _box(call: Call) -> str | None:
    asked = call.strings("box")
    return asked[0] if asked and 0 < len(asked[0]) <= _LONGEST_NAME else None
