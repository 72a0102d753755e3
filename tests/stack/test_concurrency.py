"""A limit of requests in progress: exact, for each step and for all of them together."""

from itertools import accumulate

import pytest
from evening import NOW, Evening
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.concurrency import InProgress
from loadtests.stack.exchange import Stated
from loadtests.stack.faults.dependency import Broken, Dependency
from loadtests.stack.faults.model import Fault
from loadtests.stack.model import Stack, Station
from loadtests.vocabulary import Step


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20)), max_size=60))
def test_one_more_is_let_in_exactly_while_fewer_are_in_progress(
    limit: int, comings: list[tuple[int, int]]
) -> None:
    in_progress = InProgress(limit)
    let_in: list[tuple[int, int]] = []
    moments = accumulate(gap for gap, _ in comings)
    for now, (_, lasts) in zip(moments, comings, strict=True):
        at_once = sum(end > now for _, end in let_in)
        assert in_progress.is_full(now) == (at_once >= limit)
        if at_once < limit:
            in_progress.add(now + lasts)
            let_in.append((now, now + lasts))


def test_all_steps_together_have_so_many_places() -> None:
    slow = Station(servers=9, service_time=4.0, queue=9)
    stack = Evening(stations={Step.HOME: slow, Step.WEBSITE: slow}, concurrency_limit=3)
    asked = [("/home", 0), ("/www", 1), ("/home", 2), ("/www", 3), ("/home", 4)]
    assert [stack.get(path, at=at).outcome for path, at in asked] == [
        Stated.OK,
        Stated.OK,
        Stated.OK,
        Stated.OVERLOAD,
        Stated.OK,  # the first is answered
    ]


def test_a_refusal_comes_at_once_names_its_step_and_takes_no_place() -> None:
    station = Station(servers=9, service_time=4.0, queue=9)
    stack = Evening(stations={Step.HOME: station}, concurrency_limit=1)
    stack.get("/home", at=0)
    refused = [stack.get("/www", at=1), stack.get("/home", at=3.5)]
    assert [(a.status, a.step, a.at - NOW) for a in refused] == [
        (503, Step.WEBSITE, 1.0),
        (503, Step.HOME, 3.5),
    ]
    assert stack.get("/home", at=4).status == 200


def test_the_stream_is_the_edge_s_and_takes_no_place() -> None:
    station = Station(servers=9, service_time=4.0, queue=9)
    stack = Evening(stations={Step.HOME: station, Step.MASTER: station}, concurrency_limit=1)
    masters = [stack.get("/live/master.m3u8", at=0).status for _ in range(3)]
    assert [*masters, stack.get("/home", at=1).status] == [200] * 4
    assert stack.get("/live/v0/playlist.m3u8", at=2).status == 200


def test_what_is_answered_at_once_is_never_in_progress() -> None:
    stack = Evening(concurrency_limit=1)
    assert {stack.get("/home", at=1).status for _ in range(100)} == {200}


def test_who_waits_in_a_line_is_in_progress() -> None:
    station = Station(servers=1, service_time=1.0, queue=9)
    stack = Evening(stations={Step.HOME: station}, concurrency_limit=4)
    assert [stack.get("/home", at=0).status for _ in range(6)] == [200] * 4 + [503] * 2


def test_what_never_comes_so_far_is_not_in_progress() -> None:
    silent = Dependency(start=0.0, stop=10.0, steps=(Step.HOME,), answer=Broken.SILENCE)
    stack = Evening(concurrency_limit=1, faults=(Fault(dependency=silent),))
    assert [stack.get("/home", at=at).outcome for at in (1, 2, 10)] == [
        Stated.SILENT,
        Stated.SILENT,
        Stated.OK,
    ]


@pytest.mark.parametrize(("scale", "speed", "limit"), [(0.5, 1, 100), (0.5, 4, 400), (1e-6, 1, 1)])
def test_it_follows_those_who_join(scale: float, speed: float, limit: int) -> None:
    stack = Stack(stations={}, concurrency_limit=200)
    assert stack.sized(scale=scale, speed=speed).concurrency_limit == limit
