"""A desk that grows: against a line of people served one by one, and moments known by hand."""

from collections import deque
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import bind
from loadtests.errors import InvalidFile
from loadtests.stack.autoscaling import Autoscaling, Utilization
from loadtests.stack.model import Stack, Station
from loadtests.stack.station import Desk


def autoscaled(servers: int, more: int, queue: int, up: Autoscaling) -> Station:
    return Station(
        servers=servers, service_time=1.0, queue=queue, autoscaling=replace(up, to=servers + more)
    )


STATIONS = st.builds(
    autoscaled,
    servers=st.integers(1, 4),
    more=st.integers(1, 4),
    queue=st.integers(0, 12),
    up=st.builds(
        Autoscaling,
        utilization=st.sampled_from([0.25, 0.5, 0.8]),
        over=st.sampled_from([0.5, 2.0, 5.0]),
        takes=st.sampled_from([0.0, 1.5, 4.0]),
        to=st.just(99),
    ),
)
GAPS = st.lists(st.integers(0, 24).map(lambda n: n / 16), max_size=80)


@dataclass
class Shop:
    """The same station with a line in which people stand, served as servers become free."""

    station: Station
    works: list[tuple[float, float]] = field(default_factory=list)  # from when to when
    line: deque[int] = field(default_factory=deque)
    done: dict[int, float | None] = field(default_factory=dict)
    servers: int = 0
    grows_at: float = inf
    has_grown: bool = False

    def serve(self, arrivals: list[float]) -> list[float | None]:
        """When each of them is done with; None for those who find no place."""
        self.servers, coming, now = self.station.servers, deque(enumerate(arrivals)), 0.0
        while coming or self.line:
            moment = min([end for _, end in self.works if end > now], default=inf)
            moment = min(moment, coming[0][1] if coming else inf)
            self.look_ahead(moment)
            moment = min(moment, self.grows_at)
            now = moment
            if now == self.grows_at:
                up = self.station.autoscaling
                assert up is not None
                self.servers, self.grows_at = up.to, inf
            while self.line and self.busy(now) < self.servers:
                self.begin(self.line.popleft(), now)
            while coming and coming[0][1] == now:
                self.come(coming.popleft()[0], now)
        return [self.done[n] for n in range(len(arrivals))]

    def come(self, number: int, now: float) -> None:
        if self.busy(now) < self.servers:
            self.begin(number, now)
        elif len(self.line) < self.station.queue:
            self.line.append(number)
        else:
            self.done[number] = None

    def begin(self, number: int, now: float) -> None:
        self.done[number] = now + self.station.service_time
        self.works.append((now, now + self.station.service_time))

    def busy(self, now: float) -> int:
        return sum(start <= now < end for start, end in self.works)

    def look_ahead(self, moment: float) -> None:
        """Nobody comes or begins before `moment`: does the bound get reached until then?"""
        up = self.station.autoscaling
        if up is not None and not self.has_grown:
            reached = first_reached(self.works, up, self.station.servers, until=moment)
            if reached is not None:
                self.grows_at, self.has_grown = reached + up.takes, True


def first_reached(
    works: list[tuple[float, float]], up: Autoscaling, servers: int, *, until: float
) -> float | None:
    """By looking through all work between every two moments at which anything changes."""
    if not works:
        return None
    edges = {edge for work in works for edge in work}
    moments = sorted(m for m in edges | {edge + up.over for edge in edges} if m < until)
    moments.append(until if until < inf else max(moments) + 1)
    bound = up.utilization * servers * up.over

    def busy(at: float) -> float:
        spans = (min(end, at) - max(start, at - up.over) for start, end in works)
        return sum(max(0.0, span) for span in spans)

    for a, b in pairwise(moments):
        if busy(b) >= bound > busy(a):
            return a + (b - a) * (bound - busy(a)) / (busy(b) - busy(a))
    return None


@given(STATIONS, GAPS)
def test_a_desk_that_grows_serves_as_people_in_line_are_served(
    station: Station, gaps: list[float]
) -> None:
    arrivals = list(accumulate(gaps))
    desk = Desk(station)
    served = [desk.offer(now) for now in arrivals]
    expected = Shop(station).serve(arrivals)
    assert [s is None for s in served] == [e is None for e in expected]
    assert [s for s in served if s] == pytest.approx([e for e in expected if e])


def test_it_grows_when_the_mean_has_reached_the_bound_and_the_servers_are_there() -> None:
    up = Autoscaling(utilization=0.5, over=10.0, takes=3.0, to=4)
    desk = Desk(Station(servers=1, service_time=1.0, queue=100, autoscaling=up))
    done = [desk.offer(0.0) for _ in range(20)]
    # one a second; half of ten seconds is reached at 5, and at 8 four begin at once
    assert done == [*map(float, range(1, 9)), 9.0, 9.0, 9.0, 9.0, *[10.0] * 4, *[11.0] * 4]


def test_a_desk_that_is_not_busy_enough_never_grows() -> None:
    up = Autoscaling(utilization=0.6, over=4.0, to=2)
    desk = Desk(Station(servers=1, service_time=1.0, queue=0, autoscaling=up))
    # busy for one second in two and a half, for ever; then two at once: one too many
    assert None not in [desk.offer(2.5 * n) for n in range(1000)]
    assert [desk.offer(2500.0), desk.offer(2500.5)] == [2501.0, None]


def test_it_stays_as_large_as_it_has_become() -> None:
    up = Autoscaling(utilization=0.5, over=4.0, to=2)
    desk = Desk(Station(servers=1, service_time=1.0, queue=5, autoscaling=up))
    for _ in range(5):
        desk.offer(0.0)
    assert [desk.offer(9e6), desk.offer(9e6), desk.offer(9e6)] == [9e6 + 1, 9e6 + 1, 9e6 + 2]


def test_servers_that_go_before_it_grows_and_after_are_gone_all_the_same() -> None:
    up = Autoscaling(utilization=0.5, over=4.0, to=2)
    desk = Desk(Station(servers=1, service_time=1.0, queue=100, autoscaling=up))
    desk.remove(1.0, start=1.0, stop=3.0)
    desk.remove(1.0, start=6.0, stop=8.0)  # one of those two
    done = [desk.offer(0.0) for _ in range(8)]
    # busy from 0 to 1 and from 3 on: the mean reaches one half at 4
    assert done == [1.0, 4.0, 5.0, 5.0, 6.0, 6.0, 7.0, 8.0]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 16)), max_size=12),
    st.sampled_from([0.25, 0.5, 0.75]),
    st.integers(1, 8),
)
def test_utilization_is_the_mean_of_the_window_whatever_moments_are_looked_at(
    spans: list[tuple[int, int]], share: float, step: int
) -> None:
    works = [(start / 4, (start + lasts) / 4) for start, lasts in spans]
    up = Autoscaling(utilization=share, over=2.0, to=99)
    gauge = Utilization(servers=4, over=2.0)
    for start, stop in works:
        gauge.add(start, stop)
    found = (gauge.reaches(share, until / step) for until in range(20 * step))
    first = next((moment for moment in found if moment is not None), None)
    expected = first_reached(works, up, 4, until=19.99)
    assert first == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(("factor", "servers"), [(0.01, 1), (0.3, 2), (2, 12)])
def test_a_sized_station_grows_by_the_same_factor(factor: float, servers: int) -> None:
    up = Autoscaling(utilization=0.8, over=30.0, to=9)
    station = Station(servers=6, service_time=0.5, queue=10, autoscaling=up)
    sized = station.sized(factor)
    assert sized.servers == servers
    assert sized.capacity == pytest.approx(12 * factor)
    assert sized.grown.capacity == pytest.approx(18 * factor)


def test_a_station_scaled_below_one_server_grows_by_resting_less() -> None:
    up = Autoscaling(utilization=0.5, over=16.0, to=2)
    small = Station(servers=1, service_time=1.0, queue=100, autoscaling=up).sized(0.25)
    desk = Desk(small)
    # one in four seconds; at rest it is busy, too, and so the half is reached at 8
    assert [desk.offer(0.0) for _ in range(6)] == [1.0, 5.0, 9.0, 11.0, 13.0, 15.0]


def test_fewer_servers_are_no_step_up() -> None:
    text = (
        "stations:\n  home: {servers: 4, service_time: 1s, queue: 1, "
        "autoscaling: {utilization: 80 %, over: 30s, to: 4}}\n"
    )
    with pytest.raises(InvalidFile) as caught:
        bind(text, file="stack.yaml", into=Stack)
    assert caught.value.problems == [
        "stack.yaml:2:98: stations.home.autoscaling.to: is no step up from 4 servers; write more"
    ]
