"""A lost node of the cache: its targets are asked of the origin again and again."""

import pytest
from evening import NOW, Evening

from loadtests.binding import Misfit
from loadtests.stack.exchange import Answer
from loadtests.stack.faults.cache_node_lost import CacheNodeLost
from loadtests.stack.faults.model import Fault
from loadtests.stack.model import EdgeCache, Station

ORIGIN = Station(servers=9, service_time=0.5, queue=99)
TARGETS = [f"/live/v0/init.mp4?{n}" for n in range(400)]


def evening(*, nodes: int = 4, lost: int = 1) -> Evening:
    plan = CacheNodeLost(start=100.0, stop=200.0, nodes=nodes, lost=lost)
    cache = EdgeCache(playlist_ttl=1000.0, segment_ttl=1000.0)
    return Evening(origin=ORIGIN, cache=cache, faults=(Fault(cache_node_lost=plan),))


def misses(answers: list[Answer]) -> float:
    return sum(answer.cache == "miss" for answer in answers) / len(answers)


@pytest.mark.parametrize("lost", [0.25, 0.5, 1.0])
def test_the_targets_of_a_lost_node_miss_each_time_and_no_others(lost: float) -> None:
    stack = evening(lost=round(lost * 4))
    rounds = [
        [stack.get(target, at=at + n / 4) for n, target in enumerate(TARGETS)]
        for at in (0, 100, 200, 300)
    ]
    assert [misses(answers) for answers in rounds[:2]] == [1.0, pytest.approx(lost, abs=0.07)]
    # the node comes back empty
    assert [misses(answers) for answers in rounds[2:]] == [misses(rounds[1]), 0.0]


def test_requests_during_a_fill_still_share_it() -> None:
    stack = evening(lost=4)
    at = [150.0, 150.1, 150.4, 150.6, 150.7]
    answers = [stack.get("/live/v0/init.mp4", at=each) for each in at]
    assert [answer.cache for answer in answers] == ["miss", "hit", "hit", "miss", "hit"]
    assert [round(answer.at - NOW, 3) for answer in answers] == [150.5] * 3 + [151.1] * 2


def test_what_it_held_is_gone_when_it_is_lost() -> None:
    stack = evening(lost=4)
    cached = [stack.get("/live/v0/init.mp4", at=at).cache for at in (10, 99, 101, 190, 201, 202)]
    assert cached == ["miss", "hit", "miss", "miss", "miss", "hit"]


def test_the_same_targets_are_on_the_lost_node_in_every_process() -> None:
    stack = evening()
    for target in TARGETS:
        stack.get(target)
    lost = [n for n, target in enumerate(TARGETS) if stack.get(target, at=150).cache == "miss"]
    assert lost[:5] == [4, 6, 14, 16, 21]


def test_no_more_nodes_can_be_lost_than_there_are() -> None:
    with pytest.raises(Misfit, match="there are only 2 nodes; write at most that"):
        CacheNodeLost(start=0.0, stop=1.0, nodes=2, lost=3)
