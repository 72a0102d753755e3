"""A stack asked in event time, by viewers whose tokens are always good."""

import json
from typing import Any, NamedTuple

from loadtests.stack.accounts import access_token
from loadtests.stack.device import UNKNOWN_DEVICE, Device
from loadtests.stack.event_clock import Calendar
from loadtests.stack.exchange import Answer, Request
from loadtests.stack.model import Stack
from loadtests.stack.service import Service
from loadtests.units import Offset
from loadtests.vocabulary import Trait

NOW = 1.8e9
HOUR = 3600.0
DAY = 24 * HOUR


class Asker(NamedTuple):
    """Who asks, on what; without an account, nobody in particular."""

    account: str | None = "viewer-0000123"
    device: Device = UNKNOWN_DEVICE


NOBODY = Asker(None)


def device(number: int, *traits: Trait) -> Device:
    """A device with these traits."""
    return Device(number, "smart_tv", "brussels", frozenset(traits))


class Evening:
    """A stack, without stations unless given, whose run began at kick-off.

    Offsets must not run backwards.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        begun: bool = True,
        **parts: Any,  # noqa: ANN401 - fields of Stack
    ) -> None:
        calendar = Calendar(start=0.0, speed=speed)
        self.service = Service(Stack(**{"stations": {}, **parts}, calendar=calendar))
        self._speed = speed
        if begun:
            self.service.begin(NOW)

    def answer(
        self, method: str, target: str, fields: object = None, *, by: Asker = NOBODY, at: Offset = 0
    ) -> Answer:
        """What a request at that time of the evening is answered."""
        now = NOW + at / self._speed
        token = access_token(by.account, now + DAY) if by.account else None
        body = b"" if fields is None else json.dumps(fields).encode()
        return self.service.answer(
            Request(method, target, token=token, body=body, device=by.device), now
        )

    def post(self, target: str, *, by: Asker = NOBODY, at: Offset = 0, **fields: object) -> Answer:
        """The same, posted."""
        return self.answer("POST", target, fields, by=by, at=at)

    def get(self, target: str, *, by: Asker = NOBODY, at: Offset = 0) -> Answer:
        """The same, plainly asked for."""
        return self.answer("GET", target, by=by, at=at)


def told(answer: Answer) -> dict[str, Any]:
    """The JSON of an answer."""
    fields: dict[str, Any] = json.loads(answer.body)
    return fields
