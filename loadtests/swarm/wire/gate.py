"""Consent, enforced where it cannot be bypassed: nothing is dialed that the gate has not let through."""

from loadtests.swarm.wire.addresses import Address


class Gate:
    """Without a consent only this machine may be dialed."""

    def __init__(self) -> None:
        self.is_limited = False

    def allows_host(self, host: str, port: int) -> bool:
        return True

    def allows_address(self, address: Address) -> bool:
        return address.is_loopback

    def requests(self) -> bool:
        return True
