import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.faults.gateway_rule import GatewayRule
from loadtests.stack.faults.model import Fault
from loadtests.stack.model import Stack, Station
from loadtests.stack.policies import SupportDesk
from loadtests.stack.station import Desk
from loadtests.vocabulary import Step

STATIONS = st.builds(
    Station,
    servers=st.integers(1, 50),
    service_time=st.floats(0.001, 5.0),
    queue=st.integers(0, 500),
)
FACTORS = st.floats(0.001, 100.0)


@given(STATIONS, FACTORS)
def test_a_sized_station_has_exactly_so_much_more_capacity(station: Station, factor: float) -> None:
    assert station.sized(factor).capacity == pytest.approx(station.capacity * factor)


@given(STATIONS, FACTORS)
def test_a_sized_station_serves_each_request_as_fast(station: Station, factor: float) -> None:
    sized = station.sized(factor)
    assert sized.service_time == station.service_time
    assert 0 <= sized.rest <= 1 / (station.capacity * factor) + 1e-9


@given(STATIONS, FACTORS)
def test_the_longest_wait_in_line_stays_but_for_half_a_place(
    station: Station, factor: float
) -> None:
    sized = station.sized(factor)
    longest = station.queue / station.capacity
    place = 1 / sized.capacity
    assert sized.queue / sized.capacity == pytest.approx(longest, abs=place * 1.001)
    assert (sized.queue == 0) == (station.queue == 0)


@given(STATIONS)
def test_a_station_sized_for_what_it_is_sized_for_is_itself(station: Station) -> None:
    assert station.sized(1) == station


@given(STATIONS, FACTORS)
def test_a_station_sized_there_and_back_has_its_capacity(station: Station, factor: float) -> None:
    again = station.sized(factor).sized(1 / factor)
    assert again.capacity == pytest.approx(station.capacity)


def test_a_resting_server_answers_on_time_and_takes_the_next_after_its_rest() -> None:
    desk = Desk(Station(servers=1, service_time=1.0, queue=1, rest=3.0))
    assert [desk.offer(0.0), desk.offer(0.5), desk.offer(1.5)] == [1.0, 5.0, None]
    assert desk.offer(4.0) == 9.0


@pytest.mark.parametrize(
    ("scale", "speed", "agents", "lines"),
    [(1, 1, 8, 12), (0.5, 1, 4, 6), (0.5, 4, 16, 24), (0.01, 1, 1, 1), (0.1, 1, 1, 1)],
)
def test_a_support_desk_follows_the_calls_in_whole_people_and_lines(
    scale: float, speed: float, agents: int, lines: int
) -> None:
    stack = Stack(stations={}, support=SupportDesk(agents=8, lines=12, handle_time=6.0))
    desk = stack.sized(scale=scale, speed=speed).support
    assert desk == SupportDesk(agents=agents, lines=lines, handle_time=6.0)


@pytest.mark.parametrize(
    ("steps", "rate"), [((Step.SIGN_IN, Step.PLAYLIST), 80.0), ((Step.PLAYLIST,), 20.0)]
)
def test_a_rule_s_rate_follows_the_requests_it_counts(steps: tuple[Step, ...], rate: float) -> None:
    rule = GatewayRule(start=0.0, stop=9.0, steps=steps, rate=40.0)
    (fault,) = (
        Stack(stations={}, faults=(Fault(gateway_rule=rule),)).sized(scale=0.5, speed=4).faults
    )
    assert fault.plan.rate == rate
