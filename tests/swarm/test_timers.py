from collections.abc import Callable
from math import inf, nan
from typing import TypeVar

import pytest
from gevent.event import Event
from hypothesis import given
from hypothesis import strategies as st

from loadtests.swarm.timers import BATCH, Alarm, Timers

T = TypeVar("T")


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def fail(bug: BaseException) -> None:
    raise bug


def noting(into: list[T], what: T) -> Callable[[float], None]:
    return lambda _late: into.append(what)


@given(st.lists(st.integers(0, 20)))
def test_alarms_ring_in_order_of_time_and_those_of_one_time_in_order_of_setting(
    whens: list[int],
) -> None:
    clock, rung = Clock(), list[tuple[int, int]]()
    timers = Timers(on_bug=fail, clock=clock)
    for number, when in enumerate(whens):
        timers.at(1000.0 + when, noting(rung, (when, number)))

    clock.time += 20
    timers.ring()
    timers.close()

    assert rung == sorted((when, number) for number, when in enumerate(whens))


@given(
    st.lists(
        st.tuples(st.sampled_from(["set", "cancel", "pass"]), st.integers(0, 60)), max_size=120
    )
)
def test_whatever_is_set_and_called_off_meanwhile_what_is_due_rings_in_order(
    calls: list[tuple[str, int]],
) -> None:
    clock, rung = Clock(), list[int]()
    timers = Timers(on_bug=fail, clock=clock)
    alarms, waiting = list[Alarm](), dict[int, float]()
    for call, n in calls:
        if call == "set":
            when = clock.time + (n - 10) / 8000  # several to a millisecond, some past
            waiting[len(alarms)] = when
            alarms.append(timers.at(when, noting(rung, len(alarms))))
        elif call == "cancel" and n < len(alarms):
            alarms[n].cancel()
            waiting.pop(n, None)
        elif call == "pass":
            clock.time += n / 8000
            rung.clear()
            timers.ring()
            due = [number for number, when in waiting.items() if when <= clock.time]
            assert rung == sorted(due, key=lambda number: (waiting[number], number))
            for number in due:
                del waiting[number]
        assert len(timers) == len(waiting)
    timers.close()


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), max_size=800))
def test_what_was_called_off_never_rings_and_all_else_does(plan: list[tuple[int, bool]]) -> None:
    clock, rung = Clock(), list[int]()
    timers = Timers(on_bug=fail, clock=clock)
    alarms = [
        timers.at(1000.0 + when, noting(rung, number)) for number, (when, _) in enumerate(plan)
    ]
    for alarm, (_, stays) in zip(alarms, plan, strict=True):
        if not stays:
            alarm.cancel()
            alarm.cancel()
    staying = [number for number, (_, stays) in enumerate(plan) if stays]

    assert len(timers) == len(staying)
    clock.time += 10
    timers.ring()
    timers.close()

    assert sorted(rung) == staying


def test_an_alarm_never_rings_early_and_is_told_how_late_it_is() -> None:
    clock, late = Clock(), list[float]()
    timers = Timers(on_bug=fail, clock=clock)
    timers.at(1002.0, late.append)

    clock.time = 1001.999
    timers.ring()
    early = list(late)
    clock.time = 1002.5
    timers.ring()
    timers.close()

    assert early == []
    assert late == [0.5]


@pytest.mark.parametrize("when", [inf, -inf, nan])
def test_what_never_happens_has_no_place_on_the_heap(when: float) -> None:
    timers = Timers(on_bug=fail)

    with pytest.raises(ValueError, match="never rings"):
        timers.at(when, print)


def test_a_heap_of_canceled_alarms_is_tidied_away() -> None:
    timers = Timers(on_bug=fail, clock=Clock())
    kept = timers.at(5000.0, print)

    for _ in range(10_000):
        timers.at(2000.0, print).cancel()

    assert len(timers) == 1
    assert len(timers._heap) < 600
    kept.cancel()
    timers.close()


def test_a_batch_stops_after_its_time_so_that_sockets_get_their_turn() -> None:
    clock, rung = Clock(), list[str]()
    timers = Timers(on_bug=fail, clock=clock)

    def slow(_late: float) -> None:
        rung.append("slow")
        clock.time += BATCH / 2

    for _ in range(3):
        timers.at(1000.0, slow)
    timers.ring()
    in_one_batch = len(rung)
    timers.ring()
    timers.close()

    assert in_one_batch == 2
    assert len(rung) == 3


def test_an_alarm_set_by_an_alarm_for_now_rings_too() -> None:
    clock, rung = Clock(), list[str]()
    timers = Timers(on_bug=fail, clock=clock)

    def set_another(_late: float) -> None:
        timers.at(1000.0, noting(rung, "second"))

    timers.at(1000.0, set_another)
    timers.ring()
    timers.close()

    assert rung == ["second"]


def test_an_alarm_that_raises_is_reported_and_does_not_stop_the_next() -> None:
    bugs, over = list[BaseException](), Event()
    timers = Timers(on_bug=bugs.append)
    problem = RuntimeError("ours")

    def broken(_late: float) -> None:
        raise problem

    timers.at(0.0, broken)
    timers.at(0.0, lambda _late: over.set())

    assert over.wait(10)
    timers.close()
    assert bugs == [problem]


def test_the_loop_rings_alarms_by_itself_the_earliest_first_however_they_were_set() -> None:
    clock, rung, over = Clock(), list[str](), Event()
    timers = Timers(on_bug=fail, clock=clock)
    timers.at(1000.0 + 3600, noting(rung, "in an hour"))
    timers.at(1000.0, noting(rung, "now"))
    timers.at(999.0, noting(rung, "before"))
    timers.at(1000.0, lambda _late: over.set())

    assert over.wait(10)
    timers.close()
    assert rung == ["before", "now"]


def test_after_closing_nothing_rings_any_more() -> None:
    clock, rung = Clock(), list[str]()
    timers = Timers(on_bug=fail, clock=clock)
    before = timers.at(1000.0, noting(rung, "before"))
    timers.close()

    timers.at(1000.0, noting(rung, "after")).cancel()
    before.cancel()
    timers.ring()

    assert rung == []
    assert len(timers) == 0
