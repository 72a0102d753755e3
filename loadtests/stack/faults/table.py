"""All kinds of fault, and a stack behind some of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from loadtests.stack.exchange import Answer
from loadtests.stack.faults.cache_node_lost import cache_node_lost
from loadtests.stack.faults.cut_off import cut_off
from loadtests.stack.faults.dependency import dependency
from loadtests.stack.faults.gateway_rule import gateway_rule
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.resets import resets
from loadtests.stack.faults.room_in_use import room_in_use
from loadtests.stack.faults.servers_removed import servers_removed
from loadtests.stack.faults.sessions_invalidated import sessions_invalidated
from loadtests.stack.faults.shedding import shedding
from loadtests.stack.faults.stale_playlists import stale_playlists
from loadtests.stack.faults.truncated import truncated
from loadtests.units import Seconds

# each maker takes the record of its own kind
MAKERS: Mapping[str, Callable[[Any, Site], Hinder]] = {
    "dependency": dependency,
    "cut_off": cut_off,
    "servers_removed": servers_removed,
    "cache_node_lost": cache_node_lost,
    "stale_playlists": stale_playlists,
    "sessions_invalidated": sessions_invalidated,
    "shedding": shedding,
    "room_in_use": room_in_use,
    "resets": resets,
    "truncated": truncated,
    "gateway_rule": gateway_rule,
}
"""What makes each kind of fault, by the key it is written with."""


def behind(faults: Iterable[Fault], site: Site, answer: Proceed) -> Proceed:
    """`answer` behind all these faults: a request meets the first of the list first."""
    for fault in reversed(tuple(faults)):
        answer = _behind(MAKERS[fault.kind](fault.plan, site), answer)
    return answer


def _behind(hinder: Hinder, proceed: Proceed) -> Proceed:
    def answer(asked: Asked, now: Seconds) -> Answer:
        return hinder(asked, now, proceed)

    return answer
