"""A fault as a scenario writes it: one key, its kind, with what that kind needs."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from loadtests.binding import Misfit, about
from loadtests.stack.faults.cache_node_lost import CacheNodeLost
from loadtests.stack.faults.cut_off import CutOff
from loadtests.stack.faults.dependency import Dependency
from loadtests.stack.faults.gateway_rule import GatewayRule
from loadtests.stack.faults.resets import Resets
from loadtests.stack.faults.room_in_use import RoomInUse
from loadtests.stack.faults.servers_removed import ServersRemoved
from loadtests.stack.faults.sessions_invalidated import SessionsInvalidated
from loadtests.stack.faults.shedding import Shedding
from loadtests.stack.faults.stale_playlists import StalePlaylists
from loadtests.stack.faults.truncated import Truncated


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Exactly one kind of fault; times are offsets from kick-off."""

    dependency: Dependency | None = field(
        default=None, metadata=about("what steps depend on is down or slow")
    )
    cut_off: CutOff | None = field(default=None, metadata=about("some do not reach the stack"))
    servers_removed: ServersRemoved | None = field(
        default=None, metadata=about("a station has fewer servers")
    )
    cache_node_lost: CacheNodeLost | None = field(
        default=None, metadata=about("part of the edge cache is gone")
    )
    stale_playlists: StalePlaylists | None = field(
        default=None, metadata=about("old playlists are served with 200")
    )
    sessions_invalidated: SessionsInvalidated | None = field(
        default=None, metadata=about("everybody has to sign in again")
    )
    shedding: Shedding | None = field(
        default=None, metadata=about("requests are turned away with 503 and Retry-After")
    )
    room_in_use: RoomInUse | None = field(
        default=None, metadata=about("the waiting room is switched on and off")
    )
    resets: Resets | None = field(default=None, metadata=about("connections are reset"))
    truncated: Truncated | None = field(default=None, metadata=about("answers end early"))
    gateway_rule: GatewayRule | None = field(
        default=None, metadata=about("a rate limit hits many behind one address")
    )

    def __post_init__(self) -> None:
        given = [f.name for f in fields(self) if getattr(self, f.name) is not None]
        if len(given) != 1:
            kinds = ", ".join(f.name for f in fields(self))
            raise Misfit(f"found {len(given)} kinds of fault; write exactly one of {kinds}")

    @property
    def kind(self) -> str:
        """The key it was written with."""
        return next(f.name for f in fields(self) if getattr(self, f.name) is not None)

    def sized(self, factor: Callable[..., float]) -> "Fault":
        """For another crowd: only a rate depends on how many come; `factor` says it of steps."""
        rule = self.gateway_rule
        if rule is None:
            return self
        return replace(self, gateway_rule=replace(rule, rate=rule.rate * factor(*rule.steps)))

    @property
    def plan(self) -> Any:  # noqa: ANN401 - one of the records above
        """What that kind needs."""
        return getattr(self, self.kind)
