"""Fewer servers: exactly so much less capacity, and what was begun is finished."""

import pytest
from evening import NOW, Evening
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import bind
from loadtests.errors import InvalidFile
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.servers_removed import ServersRemoved
from loadtests.stack.model import Stack, Station
from loadtests.stack.station import Desk
from loadtests.vocabulary import Step


def evening(station: Station, *removed: ServersRemoved) -> Evening:
    faults = tuple(Fault(servers_removed=each) for each in removed)
    return Evening(stations={Step.HOME: station}, faults=faults)


def served(stack: Evening, *, until: float, per_second: float = 40.0) -> list[float]:
    """When requests of a steady overload are completed, as offsets."""
    answers = [stack.get("/home", at=n / per_second) for n in range(round(until * per_second))]
    return [answer.at - NOW for answer in answers if answer.status == 200]


def test_an_overloaded_station_completes_what_the_servers_left_can() -> None:
    station = Station(servers=4, service_time=0.5, queue=40)  # 8/s
    removed = ServersRemoved(start=50.0, stop=100.0, step=Step.HOME, share=0.75)
    done = served(evening(station, removed), until=150.0)

    def rate(start: float, stop: float) -> float:
        return sum(start < at <= stop for at in done) / (stop - start)

    # the line that stood there before is served by those left, too
    assert [rate(*span) for span in ((10, 50), (51, 100), (101, 150))] == pytest.approx(
        [8.0, 2.0, 8.0], abs=0.1
    )


def test_what_they_had_begun_they_finish() -> None:
    stack = evening(
        Station(servers=2, service_time=10.0, queue=0),
        ServersRemoved(start=5.0, stop=100.0, step=Step.HOME, share=1.0),
    )
    answers = [stack.get("/home", at=at) for at in (1, 2, 6, 12, 99, 100)]
    assert [(a.status, a.at - NOW) for a in answers] == [
        (200, 11.0),
        (200, 12.0),
        (503, 6.0),
        (503, 12.0),
        (503, 99.0),
        (200, 110.0),
    ]


def test_a_share_is_rounded_down_to_whole_servers() -> None:
    removed = ServersRemoved(start=0.0, stop=100.0, step=Step.HOME, share=0.5)
    stack = evening(Station(servers=3, service_time=50.0, queue=0), removed)
    assert [stack.get("/home", at=1).status for _ in range(3)] == [200, 200, 503]


def test_two_removals_at_once_leave_what_neither_took() -> None:
    halves = [ServersRemoved(start=at, stop=80.0, step=Step.HOME, share=0.25) for at in (10, 20)]
    done = served(evening(Station(servers=4, service_time=0.5, queue=40), *halves), until=80.0)
    rates = [sum(a < at <= a + 9 for at in done) / 9 for a in (1, 11, 21, 41)]
    assert rates == pytest.approx([8.0, 6.0, 4.0, 4.0], abs=0.3)


@given(
    st.integers(1, 6),
    st.lists(st.integers(0, 24).map(lambda n: n / 16), max_size=80),
    st.integers(0, 6),
)
def test_a_desk_never_has_more_at_work_than_it_has_servers(
    servers: int, gaps: list[float], gone: int
) -> None:
    desk, now, work = Desk(Station(servers=servers, service_time=1.0, queue=5)), 0.0, []
    desk.remove(gone / 6, start=10.0, stop=20.0)
    left = servers - int(gone / 6 * servers + 1e-9)
    for gap in gaps:
        now += gap
        done = desk.offer(now)
        if done is not None:
            work.append(done - 1.0)  # when it began
    for start in work:
        beside = sum(start - 1.0 < other <= start for other in work)
        assert beside <= servers
        if 10.0 <= start < 20.0:
            # of those at work some may have begun before, on servers that go when they are done
            assert sum(other >= 10.0 and start - 1.0 < other <= start for other in work) <= left


def test_a_step_without_a_station_has_no_servers_to_lose() -> None:
    text = (
        "stations: {home: {servers: 1, service_time: 1s, queue: 1}}\n"
        "faults:\n  - servers_removed: {from: 0m, to: 5m, step: sign_in, share: 50 %}\n"
    )
    with pytest.raises(InvalidFile) as caught:
        bind(text, file="stack.yaml", into=Stack)
    (problem,) = caught.value.problems
    assert problem.startswith("stack.yaml:3:47: faults[0].servers_removed.step: `sign_in` has no")
