"""Which devices belong to an account's household, and the code by which others prove they do."""

from math import inf

from loadtests.stack import accounts
from loadtests.stack.call import Call
from loadtests.stack.device import Device
from loadtests.stack.event_clock import EventClock
from loadtests.stack.exchange import Answer, Stated
from loadtests.stack.memory import Memory
from loadtests.stack.policies import HouseholdRule
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import Trait


class Household:
    """Remembers by account and device who entered a good code, and whose device signed up."""

    def __init__(self, rule: HouseholdRule | None, clock: EventClock) -> None:
        self._rule = rule
        self._clock = clock
        self._let_in: Memory[tuple[str, int], Offset] = Memory()  # until then

    def found(self, account: str, device: Device) -> None:
        """A new account: wherever this device is, that is its household."""
        self._let_in.keep((account, device.number), inf)

    def admits(self, account: str, device: Device, now: Seconds) -> bool:
        """Whether this device may watch on that account."""
        rule = self._rule
        if rule is None or Trait.OUTSIDE not in device.traits:
            return True
        offset = self._clock.offset(now)
        until = self._let_in.get((account, device.number))
        return offset < rule.start or (until is not None and offset < until)

    def send_code(self, call: Call, account: str) -> Answer:
        """The code that would have been sent: there is no telephone to read it from."""
        return call.tell({"code": accounts.household_code(account)}, status=202)

    def verify(self, call: Call, account: str) -> Answer:
        """Lets this device in for a while if the code is the account's."""
        asked = call.strings("code")
        if asked is None:
            return call.no(Stated.CLIENT_ERROR)
        if asked[0] != accounts.household_code(account):
            return call.no(Stated.NOT_IN_HOUSEHOLD)
        if self._rule is not None:
            key = account, call.device.number
            until, before = (
                self._clock.offset(call.at) + self._rule.code_life,
                self._let_in.get(key),
            )
            # a code never shortens what its device had: the one that signed up stays in for good
            self._let_in.keep(key, until if before is None else max(until, before))
        return call.tell({"verified": True})
