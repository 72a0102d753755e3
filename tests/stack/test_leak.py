"""A station that slows down with what it has done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.leak import Leak
from loadtests.stack.model import Station
from loadtests.stack.station import Desk


def test_each_request_takes_so_much_longer_than_the_first() -> None:
    leak = Leak(slower=0.5, every=2)
    desk = Desk(Station(servers=1, service_time=1.0, queue=9, leak=leak))
    assert [desk.offer(0.0) for _ in range(4)] == [1.0, 2.25, 3.75, 5.5]


def test_what_is_refused_slows_nobody() -> None:
    desk = Desk(Station(servers=1, service_time=1.0, queue=0, leak=Leak(slower=1.0, every=1)))
    assert [desk.offer(at) for at in (0.0, 0.25, 0.5, 1.0)] == [1.0, None, None, 3.0]


@given(
    st.integers(1, 4),
    st.integers(0, 5),
    st.sampled_from([0.25, 0.5, 2.0]),
    st.lists(st.integers(0, 24).map(lambda n: n / 16), max_size=60),
)
def test_a_desk_that_slows_answers_what_looking_through_its_whole_past_answers(
    servers: int, queue: int, slower: float, gaps: list[float]
) -> None:
    leak = Leak(slower=slower, every=4)
    desk = Desk(Station(servers=servers, service_time=1.0, queue=queue, leak=leak))
    accepted: list[tuple[float, float]] = []  # start, completion
    now = 0.0
    for gap in gaps:
        now += gap
        ends = sorted(end for _, end in accepted)
        start = max(now, ends[-servers]) if len(ends) >= servers else now
        if start > now and sum(begun > now for begun, _ in accepted) >= queue:
            assert desk.offer(now) is None
            continue
        completion = start + 1 + slower * len(accepted) / 4
        accepted.append((start, completion))
        assert desk.offer(now) == completion


@pytest.mark.parametrize("factor", [0.125, 0.5, 4.0])
def test_a_sized_station_has_slowed_as_much_after_the_same_time(factor: float) -> None:
    station = Station(servers=4, service_time=1.0, queue=40_000, leak=Leak(slower=0.25, every=400))

    def served(one: Station, until: float) -> float:
        """Requests done by then for each of capacity, under a line that never ends."""
        desk, done = Desk(one), 0
        while (desk.offer(0.0) or until) < until:
            done += 1
        return done / one.capacity

    assert served(station.sized(factor), 600.0) == pytest.approx(served(station, 600.0), rel=0.01)
