"""One request that has been worked on, and how the routes of the stack answer it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from loadtests.stack.accounts import Access
from loadtests.stack.device import Device
from loadtests.stack.exchange import JSON, Answer, Request, Stated, refusal
from loadtests.units import Seconds
from loadtests.vocabulary import Step


class Call(NamedTuple):
    """One request a server has worked on until `at`; `access` is None without a token of ours."""

    request: Request
    step: Step
    access: Access | None
    at: Seconds

    @property
    def account(self) -> str | None:
        """Whose token it carried."""
        return self.access.account if self.access else None

    @property
    def device(self) -> Device:
        """What the stack sees of the device it came from."""
        return self.request.device

    def ok(self, body: bytes = b"{}", *, status: int = 200, account: str | None = None) -> Answer:
        """Success, in JSON."""
        return Answer(self.at, status, JSON, body, self.step, Stated.OK, account or self.account)

    def tell(self, said: Mapping[str, object], *, status: int = 200) -> Answer:
        """Success, with these fields."""
        return self.ok(json.dumps(said).encode(), status=status)

    def no(self, stated: Stated, *, account: str | None = None) -> Answer:
        """Refusal."""
        return refusal(self.at, stated, step=self.step, account=account or self.account)

    def fields(self) -> dict[str, Any]:
        """The JSON object in its body; empty if there is none."""
        try:
            fields = json.loads(self.request.body)
        except (ValueError, RecursionError):
            return {}
        return fields if isinstance(fields, dict) else {}

    def strings(self, *names: str) -> list[str] | None:
        """The strings of these names in its body; None if it has not all of them."""
        fields = self.fields()
        values = [value for name in names if isinstance(value := fields.get(name), str)]
        return values if len(values) == len(names) else None


class Route(NamedTuple):
    """One path of the dialect: its method, its step and who answers."""

    method: str
    step: Step
    answer: Callable[[Call], Answer]


def known(answer: Callable[[Call, str], Answer]) -> Callable[[Call], Answer]:
    """Whoever comes without a good token is told so; the others are answered."""

    def check(call: Call) -> Answer:
        if call.access is None:
            return call.no(Stated.BAD_CREDENTIALS)
        if call.access.expiry <= call.at:
            return call.no(Stated.EXPIRED)
        return answer(call, call.access.account)

    return check
