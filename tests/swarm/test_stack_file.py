"""The testbed is started with exactly the stack the scenario describes."""

from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import bind
from loadtests.scenario.library import find, names
from loadtests.scenario.read import read_scenario
from loadtests.stack.defaults import DEFAULT
from loadtests.stack.model import Admission, Stack, Station, Stream, WaitingRoom
from loadtests.swarm.stack_file import written
from loadtests.vocabulary import Step

STATIONS = st.builds(
    Station,
    servers=st.integers(1, 500),
    service_time=st.integers(1, 10_000).map(lambda milliseconds: milliseconds / 1000),
    queue=st.integers(1, 1000),
)
STACKS = st.builds(
    Stack,
    stations=st.dictionaries(st.sampled_from(list(Step)), STATIONS, min_size=1),
    origin=STATIONS,
    stream=st.builds(Stream, demuxed=st.booleans(), segments=st.integers(3, 20)),
    waiting_room=st.none()
    | st.builds(
        WaitingRoom,
        admit=st.integers(1, 5000).map(float),
        answer=st.sampled_from(list(Admission)),
    ),
    refused_accounts=st.integers(0, 100).map(lambda percent: percent / 100),
)


@given(STACKS)
def test_what_is_written_reads_back_as_the_same_stack(stack: Stack) -> None:
    assert bind(written(stack), file="config.yaml", into=Stack) == stack


def test_the_stacks_of_all_shipped_scenarios_and_the_default_one_survive_writing() -> None:
    stacks = [read_scenario(find(name)).embedded_stack for name in names()]
    for stack in [DEFAULT, *filter(None, stacks)]:
        assert bind(written(stack), file="config.yaml", into=Stack) == stack
