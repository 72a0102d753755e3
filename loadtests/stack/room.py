"""The waiting room: admits viewers at a rate, tells the others when to come back."""

import json
import math
from collections import deque

from loadtests.stack.cell_rate import CellRate
from loadtests.stack.model import Admission, WaitingRoom
from loadtests.units import Seconds


class Room:
    """A waiting room's schedule: over any span it admits `admit` per second and a burst."""

    def __init__(self, room: WaitingRoom) -> None:
        self._room = room
        self._rate = CellRate(room.admit)
        self._told: deque[Seconds] = deque()
        self._used_until = math.inf

    def use_until(self, moment: Seconds) -> None:
        """In use before `moment`; from then on everybody is let in, until this is called again."""
        self._used_until = moment

    def admits(self, now: Seconds) -> bool:
        """Whether a viewer who comes at `now` is let in. `now` must not run backwards."""
        if now >= self._used_until or self._rate.admits(now):
            return True
        self._told.append(now)
        return False

    def waiting(self, now: Seconds) -> int:
        """Viewers told to come back and not due yet: the length of the line if everybody obeys."""
        while self._told and self._told[0] <= now - self._room.retry_after:
            self._told.popleft()
        return len(self._told)

    def refusal(self, now: Seconds) -> tuple[int, bytes, bytes]:
        """Status, Retry-After (empty: none) and JSON body for those not let in."""
        if self._room.answer is Admission.QUEUE:
            line = {"position": self.waiting(now), "retry_after": self._room.retry_after}
            return 200, b"", json.dumps({"queue": line}).encode()
        # whole seconds (RFC 9110, 10.2.3)
        retry_after = str(math.ceil(self._room.retry_after)).encode()
        return int(self._room.answer), retry_after, b'{"error": "busy"}'
