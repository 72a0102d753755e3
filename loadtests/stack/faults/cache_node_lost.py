"""A node of the edge cache is lost: what it held is asked of the origin, again and again."""

from dataclasses import dataclass, field
from zlib import crc32

from loadtests.binding import Misfit, about
from loadtests.stack.exchange import Answer
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_times, is_on
from loadtests.units import Count, Offset, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheNodeLost:
    """Targets are dealt to nodes by a hash; those of a lost node are not cached."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    nodes: Count = field(default=4, metadata=about("nodes of the cache"))
    lost: Count = field(default=1, metadata=about("how many of them are lost"))

    def __post_init__(self) -> None:
        check_times(self)
        if self.lost > self.nodes:
            raise Misfit(f"there are only {self.nodes} nodes; write at most that", "lost")


def cache_node_lost(plan: CacheNodeLost, site: Site) -> Hinder:
    """Nothing a lost node held is there any more; requests during a fill still share it."""

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        if not is_on(plan, site.clock, now):
            return proceed(asked, now)
        target = asked.request.target
        # not `hash`: it deals texts anew in every process
        if crc32(site.edge.key(target).encode()) % plan.nodes >= plan.lost:
            return proceed(asked, now)
        site.edge.forget(target)  # what was held before
        answer = proceed(asked, now)
        site.edge.forget(target)  # what this one fetched: the node comes back empty
        return answer

    return hinder
