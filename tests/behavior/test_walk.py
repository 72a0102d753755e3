"""The scheduler: waits, fetches, groups, and calling things off."""

from math import inf
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import Said, World

from loadtests.behavior.steps import Fetch, Journey, Race, RunOver, Timeouts, Together, Wait
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step

if TYPE_CHECKING:
    from loadtests.behavior.walk import Walk

LIMITS = Timeouts(10.0, 10.0, 20.0)


def world(after: Seconds = 0.0) -> World:
    return World(lambda _fetch, _now: Said(after=after))


def fetch() -> Fetch:
    return Fetch(Step.HOME, "http://t.invalid/", LIMITS)


def sleeping(until: Seconds, result: object, log: list[object] | None = None) -> Journey:
    try:
        now = yield Wait(until)
    finally:
        if log is not None:
            log.append(result)
    return result, now


def at_once(result: object) -> Journey:
    return result
    yield


def test_a_wait_ends_when_it_was_to_end() -> None:
    w = world()
    w.start(sleeping(5.0, "a"))
    assert w.run().results == [(("a", 5.0), 5.0)]


def test_a_wait_for_the_past_ends_now() -> None:
    w = World(lambda _f, _n: Said(), now=9.0)
    w.start(sleeping(5.0, "a"))
    assert w.run().results == [(("a", 9.0), 9.0)]


def test_a_fetch_is_due_when_the_journey_wants_it_and_hands_back_the_reply() -> None:
    def journey() -> Journey:
        yield Wait(3.0)
        reply = yield fetch()
        return reply.outcome, reply.due, reply.done

    w = world(after=0.5)
    w.start(journey())
    assert w.run().results == [((Outcome.OK, 3.0, 3.5), 3.5)]


def test_together_ends_with_the_last_and_gives_all_results_in_order() -> None:
    def journey() -> Journey:
        results = yield Together(sleeping(5.0, "a"), sleeping(2.0, "b"), at_once("c"))
        return results

    w = world()
    w.start(journey())
    assert w.run().results == [([("a", 5.0), ("b", 2.0), "c"], 5.0)]


@pytest.mark.parametrize("group", [Together(), Together(at_once(1), at_once(2))])
def test_a_together_that_ends_in_beginning_goes_on_at_once(group: Together) -> None:
    def journey() -> Journey:
        results = yield group
        now = yield Wait(1.0)
        return len(results), now

    w = world()
    w.start(journey())
    assert w.run().results == [((len(group.journeys), 1.0), 1.0)]


def test_a_race_ends_with_the_first_and_runs_the_others_finally_blocks() -> None:
    log: list[object] = []

    def journey() -> Journey:
        return (yield Race(sleeping(5.0, "slow", log), sleeping(2.0, "fast", log)))

    w = world()
    w.start(journey())
    assert w.run().results == [((1, ("fast", 2.0)), 2.0)]
    assert log == ["fast", "slow"]


def test_a_race_won_in_beginning_starts_none_of_those_behind() -> None:
    begun: list[str] = []

    def noting() -> Journey:
        begun.append("late")
        yield Wait(1.0)

    def journey() -> Journey:
        return (yield Race(sleeping(9.0, "a"), at_once("b"), noting()))

    w = world()
    w.start(journey())
    assert w.run().results == [((1, "b"), 0.0)]
    assert begun == []


def test_a_race_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody"):
        Race()


def test_a_lost_race_calls_off_the_request_under_way() -> None:
    def asking() -> Journey:
        yield fetch()

    def journey() -> Journey:
        return (yield Race(asking(), sleeping(1.0, "patience")))

    w = world(after=7.0)
    w.start(journey())
    w.run()
    assert [r.done for r in w.canceled] == [1.0]
    assert w.results == [((1, ("patience", 1.0)), 1.0)]


def test_groups_nest_and_the_clock_follows_the_innermost_end() -> None:
    def inner() -> Journey:
        _, (name, at) = yield Race(sleeping(3.0, "x"), sleeping(8.0, "y"))
        return (yield from sleeping(at + 1.0, name))

    def journey() -> Journey:
        results = yield Together(inner(), sleeping(2.0, "z"))
        now = yield Wait(0.0)
        return results, now

    w = world()
    w.start(journey())
    assert w.run().results == [(([("x", 4.0), ("z", 2.0)], 4.0), 4.0)]


def test_canceling_runs_finally_blocks_from_the_inside_out() -> None:
    log: list[object] = []

    def outer() -> Journey:
        try:
            yield Together(sleeping(5.0, "a", log), sleeping(6.0, "b", log))
        finally:
            log.append("outer")

    w = world()
    w.start(outer()).cancel()
    assert w.run().results == []
    assert log == ["a", "b", "outer"]


def test_whoever_was_canceled_is_never_resumed() -> None:
    w = world()
    walk = w.start(sleeping(5.0, "a"))
    walk.cancel()
    walk.resume(5.0, 5.0)
    walk.cancel()
    assert w.run().results == []


def test_an_ended_journey_can_neither_be_resumed_nor_canceled() -> None:
    w = world()
    walk = w.start(at_once("a"))
    walk.resume(1.0, 1.0)
    walk.cancel()
    walk.finish(2.0)
    assert w.results == [("a", 0.0)]


@pytest.mark.parametrize("ending", ["returns", "yields"])
def test_a_journey_may_bring_about_its_own_canceling(ending: str) -> None:
    w = world()
    log: list[str] = []
    stop: list[Walk] = []

    def journey() -> Journey:
        try:
            yield Wait(1.0)
            stop[0].cancel()
            if ending == "yields":
                yield fetch()
        finally:
            log.append("closed")

    stop.append(w.start(journey()))
    w.run()
    assert (w.results, w.sent, log) == ([], [], ["closed"])


def test_a_member_may_bring_about_the_canceling_of_the_whole_while_it_begins() -> None:
    w = world()
    stop: list[Walk] = []

    def canceling() -> Journey:
        stop[0].cancel()
        yield fetch()

    def outer() -> Journey:
        yield Wait(1.0)
        yield Together(sleeping(5.0, "a"), canceling(), sleeping(6.0, "b"))

    walk = w.start(outer())
    stop.append(walk)
    w.run()
    assert (w.results, w.sent, w.waits) == ([], [], [1.0, 5.0])


def test_the_end_of_the_run_is_told_to_the_outermost_journey_alone() -> None:
    log: list[object] = []

    def outer() -> Journey:
        try:
            yield Race(sleeping(5.0, "inner", log))
        except RunOver as over:
            log.append(over.at)

    w = world()
    w.start(outer()).finish(3.0)
    assert (w.run().results, log) == ([], ["inner", 3.0])


def test_what_a_journey_returns_at_the_end_of_the_run_is_handed_on() -> None:
    def leaving() -> Journey:
        try:
            yield Wait(5.0)
        except RunOver:
            return "goodbye"

    w = world()
    walk = w.start(leaving())
    assert walk.finish(3.0) == "goodbye"
    assert walk.finish(4.0) is None
    assert w.start(sleeping(5.0, "a", [])).finish(3.0) is None


def test_a_journey_that_does_not_care_for_the_end_of_the_run_just_stops() -> None:
    log: list[object] = []
    w = world()
    w.start(sleeping(5.0, "a", log)).finish(3.0)
    assert (w.run().results, log) == ([], ["a"])


def test_a_mistake_in_a_journey_is_nobody_elses_to_catch() -> None:
    def broken() -> Journey:
        yield Wait(1.0)
        raise ZeroDivisionError

    w = world()
    w.start(broken())
    with pytest.raises(ZeroDivisionError):
        w.run()


TREES = st.recursive(
    st.integers(0, 9),
    lambda inner: st.tuples(
        st.sampled_from([Together, Race]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


@given(TREES)
def test_any_tree_of_groups_ends_when_arithmetic_says(tree: object) -> None:
    def journey(node: object) -> Journey:
        if isinstance(node, int):
            return (yield Wait(float(node)))
        assert isinstance(node, tuple)
        kind, members = node
        return (yield kind(*(journey(m) for m in members)))

    def ends(node: object) -> float:
        if isinstance(node, int):
            return float(node)
        assert isinstance(node, tuple)
        kind, members = node
        return (max if kind is Together else min)(ends(m) for m in members)

    w = world()
    w.start(journey(tree))
    assert [at for _, at in w.run(inf).results] == [ends(tree)]
