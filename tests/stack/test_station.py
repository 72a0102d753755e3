"""A desk against a brute-force oracle and against Erlang's loss formula."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.model import Station
from loadtests.stack.station import Desk

STATIONS = st.builds(
    Station,
    servers=st.integers(1, 6),
    service_time=st.sampled_from([0.25, 0.5, 1.0, 3.0]),
    queue=st.integers(0, 5),
)
# multiples of a power of two: sums are exact, so equality can be asked for
GAPS = st.lists(st.integers(0, 24).map(lambda n: n / 16), max_size=60)


def oracle(station: Station, arrivals: list[float]) -> list[float | None]:
    """The same desk, looking through everything it ever accepted each time."""
    accepted: list[tuple[float, float]] = []  # (start, completion)
    answers: list[float | None] = []
    for now in arrivals:
        busy = [(start, end) for start, end in accepted if end > now]
        in_line = [start for start, _ in busy if start > now]
        if len(busy) < station.servers:
            start = now
        elif len(in_line) < station.queue:
            start = sorted(end for _, end in accepted)[-station.servers]
        else:
            answers.append(None)
            continue
        accepted.append((start, start + station.service_time))
        answers.append(start + station.service_time)
    return answers


@given(STATIONS, GAPS)
def test_a_desk_answers_what_looking_through_its_whole_past_answers(
    station: Station, gaps: list[float]
) -> None:
    arrivals = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    desk = Desk(station)
    assert [desk.offer(now) for now in arrivals] == oracle(station, arrivals)


@given(STATIONS)
def test_an_overloaded_desk_completes_exactly_its_capacity(station: Station) -> None:
    desk = Desk(station)
    step = station.service_time / station.servers / 4  # four times as many as it can serve
    offered = (desk.offer(i * step) for i in range(station.servers * 400))
    completions = sorted(done for done in offered if done is not None)
    first, last = station.service_time, 50 * station.service_time
    served = sum(first < done <= last for done in completions)
    if station.queue >= station.servers:
        assert served == 49 * station.servers
    # without a full line a server waits for the next to come: at most one step
    assert served >= 49 * station.servers * station.service_time / (station.service_time + step) - 1
    assert served <= 49 * station.servers


@given(STATIONS, GAPS)
def test_the_line_is_never_longer_than_its_places(station: Station, gaps: list[float]) -> None:
    desk, now = Desk(station), 0.0
    for gap in gaps:
        now += gap
        desk.offer(now)
        assert 0 <= desk.waiting(now) <= station.queue


@given(STATIONS, GAPS)
def test_first_come_is_first_served(station: Station, gaps: list[float]) -> None:
    desk, now, completions = Desk(station), 0.0, []
    for gap in gaps:
        now += gap
        if (done := desk.offer(now)) is not None:
            completions.append(done)
    assert all(a <= b for a, b in pairwise(completions))


def erlang_b(load: float, servers: int) -> float:
    """Share of Poisson arrivals lost by `servers` without a line (Erlang, 1917)."""
    terms = [load**n / math.factorial(n) for n in range(servers + 1)]
    return terms[-1] / sum(terms)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (4, 3.0), (10, 12.0)])
def test_without_a_line_it_loses_what_erlang_says(servers: int, load: float) -> None:
    """Loss depends on the mean service time alone (insensitivity), so fixed times are covered."""
    desk = Desk(Station(servers=servers, service_time=1.0, queue=0))
    chance, now, offers = random.Random(1917), 0.0, 200_000  # noqa: S311 - arrivals, not secrets
    lost = 0
    for _ in range(offers):
        now += chance.expovariate(load)
        lost += desk.offer(now) is None
    assert lost / offers == pytest.approx(erlang_b(load, servers), abs=0.006)


def test_work_once_taken_is_done_whatever_becomes_of_the_viewer() -> None:
    desk = Desk(Station(servers=1, service_time=10.0, queue=1))
    assert [desk.offer(0.0), desk.offer(1.0), desk.offer(2.0)] == [10.0, 20.0, None]
    assert desk.offer(10.0) == 30.0  # the second is being served, so there is a place again
