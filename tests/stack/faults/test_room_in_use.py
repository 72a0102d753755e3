"""The waiting room, switched on and off."""

import pytest
from evening import Evening

from loadtests.binding import bind
from loadtests.errors import InvalidFile
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.room_in_use import RoomInUse
from loadtests.stack.model import Stack, WaitingRoom

ROOM = WaitingRoom(admit=1.0)


def evening(*spans: tuple[float, float]) -> Evening:
    faults = tuple(Fault(room_in_use=RoomInUse(start=a, stop=b)) for a, b in spans)
    return Evening(waiting_room=ROOM, faults=faults)


def let_in(stack: Evening, at: float) -> int:
    """Of ten who come in one moment."""
    return sum(stack.get("/home", at=at).status == 200 for _ in range(10))


def test_it_works_within_such_spans_and_lets_everybody_in_between() -> None:
    stack = evening((100.0, 200.0), (300.0, 400.0))
    at = (0, 99, 100, 199, 200, 299, 300, 399, 400)
    assert [let_in(stack, each) for each in at] == [10, 10, 1, 1, 10, 10, 1, 1, 10]


def test_spans_that_overlap_are_one() -> None:
    stack = evening((100.0, 200.0), (150.0, 300.0))
    assert [let_in(stack, at) for at in (100, 180, 250, 299, 300)] == [1, 1, 1, 1, 10]


def test_without_such_spans_it_always_works() -> None:
    assert [let_in(evening(), at) for at in (0, 500)] == [1, 1]


def test_before_the_run_has_begun_it_is_off() -> None:
    fault = Fault(room_in_use=RoomInUse(start=-1e9, stop=1e9))
    stack = Evening(begun=False, waiting_room=ROOM, faults=(fault,))
    assert let_in(stack, 0) == 10


def test_a_stack_without_a_waiting_room_cannot_use_it() -> None:
    text = "stations: {}\nfaults:\n  - room_in_use: {from: 0m, to: 5m}\n"
    with pytest.raises(InvalidFile) as caught:
        bind(text, file="stack.yaml", into=Stack)
    assert caught.value.problems == [
        "stack.yaml:3:18: faults[0].room_in_use: needs a `waiting_room`; write one"
    ]
