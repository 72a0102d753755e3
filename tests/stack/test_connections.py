"""A limit of connections: of all steps alike, and of those on which nothing ever is complete."""

from itertools import accumulate

import pytest
from evening import NOW, Evening
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.connections import Slots
from loadtests.stack.exchange import Request, Stated
from loadtests.stack.faults.dependency import Broken, Dependency
from loadtests.stack.faults.model import Fault
from loadtests.stack.model import Stack, Station
from loadtests.vocabulary import Step

SLOW = Station(servers=9, service_time=4.0, queue=9)


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20), st.booleans()), max_size=60),
)
def test_those_held_count_until_they_are_released_and_the_others_until_their_end(
    limit: int, comings: list[tuple[int, int, bool]]
) -> None:
    slots, ends, held = Slots(limit, longest=1000.0), list[int](), 0
    moments = accumulate(gap for gap, _, _ in comings)
    for now, (_, lasts, holds) in zip(moments, comings, strict=True):
        assert slots.is_full(now) == (sum(end > now for end in ends) + held >= limit)
        if slots.is_full(now):
            if held:
                slots.release()
                held -= 1
        elif holds:
            slots.hold()
            held += 1
        else:
            slots.add(now, now + lasts)
            ends.append(now + lasts)


def test_all_steps_have_so_many_connections_the_stream_included() -> None:
    stack = Evening(stations={Step.HOME: SLOW, Step.MASTER: SLOW}, connection_limit=2)
    asked = [("/home", 0), ("/live/master.m3u8", 1), ("/www", 2), ("/www", 4)]
    answers = [stack.get(path, at=at) for path, at in asked]
    assert [answer.status for answer in answers] == [200, 200, 503, 200]
    assert (answers[2].outcome, answers[2].step) == (Stated.OVERLOAD, Step.WEBSITE)


def test_connections_on_which_nothing_is_asked_leave_none_for_others() -> None:
    stack = Evening(connection_limit=2)
    assert [stack.service.hold(NOW), stack.service.hold(NOW)] == [True, True]
    assert not stack.service.hold(NOW)
    assert stack.get("/home", at=1).status == 503
    stack.service.release()
    assert stack.get("/home", at=2).status == 200


def test_without_a_limit_any_number_may_be_held() -> None:
    service = Evening().service
    assert all(service.hold(NOW) for _ in range(10_000))
    service.release()


def test_a_client_that_does_not_get_on_is_told_so() -> None:
    answer = Evening().service.too_slow(Request("POST", "/sign-in"), NOW + 60.0)
    assert (answer.status, answer.step, answer.at) == (408, Step.SIGN_IN, NOW + 60.0)


def test_what_is_never_answered_is_given_up_after_the_client_timeout() -> None:
    silent = Dependency(start=0.0, stop=10.0, steps=(Step.HOME,), answer=Broken.SILENCE)
    stack = Evening(connection_limit=1, client_timeout=30.0, faults=(Fault(dependency=silent),))
    asked = [stack.get("/home", at=at).outcome for at in (0, 29, 31)]
    assert asked == [Stated.SILENT, Stated.OVERLOAD, Stated.OK]


@pytest.mark.parametrize(("scale", "speed", "limit"), [(0.5, 4, 400), (1e-6, 1, 1)])
def test_it_follows_those_who_join(scale: float, speed: float, limit: int) -> None:
    stack = Stack(stations={}, connection_limit=200)
    assert stack.sized(scale=scale, speed=speed).connection_limit == limit
    assert Stack(stations={}).sized(scale=scale, speed=speed).connection_limit is None
