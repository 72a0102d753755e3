import json
from collections import Counter
from itertools import permutations
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.collect.distribution import Distribution
from loadtests.collect.edge.distinct import Distinct
from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said
from loadtests.collect.edge.top import KEPT, Top
from loadtests.collect.edge.window import EdgeWindow, Traffic, merged
from loadtests.vocabulary import Step

K = TypeVar("K")
STEPS = st.none() | st.sampled_from(Step)
SUMS = [
    "posts", "moved", "bytes", "settled", "continued", "denied", "returned", "starved", "probes",
]  # fmt: skip


def counted(keys: st.SearchStrategy[K]) -> st.SearchStrategy[Counter[K]]:
    return st.dictionaries(keys, st.integers(1, 99), max_size=2).map(Counter)


@st.composite
def traffics(draw: st.DrawFn) -> Traffic:
    keys = draw(st.sets(st.integers(0, KEPT - 1), max_size=3))
    made = Traffic(
        said=draw(counted(st.tuples(st.sampled_from(Said), st.sampled_from(Attempt)))),
        codes=draw(counted(st.sampled_from(["not_in_plan", "other"]))),
        cache=draw(counted(st.sampled_from(CacheSaid))),
        shared=draw(counted(st.integers(1, 64))),
        regions=draw(counted(st.tuples(st.sampled_from(["north", "south"]), st.booleans()))),
        busy=draw(st.integers(0, 2**20)) / 4,
        clients=Distinct(keys),
        accounts=Distinct(key * 2**40 for key in keys),
        targets=Distinct(keys),
        paths=Distinct(keys if draw(st.booleans()) else ()),
        times=Distribution(),
        top_clients=Top(),
        top_accounts=Top(),
    )
    made.times.extend([0.25 * (key + 1) for key in keys])
    made.top_clients.update([*keys])
    made.top_accounts.update([*keys] * 2)
    for number, name in enumerate(SUMS):  # each of its own size
        setattr(made, name, draw(st.sampled_from([0, 100])) * number)
    return made


def windows() -> st.SearchStrategy[EdgeWindow]:
    steps = st.dictionaries(STEPS, traffics(), max_size=2)
    return st.builds(EdgeWindow, second=st.integers(0, 3), steps=steps)


@settings(max_examples=20)
@given(windows(), windows(), windows())
def test_merging_is_associative_and_commutative_and_has_a_zero(
    a: EdgeWindow, b: EdgeWindow, c: EdgeWindow
) -> None:
    assert merged([merged([a, b]), c]) == merged([a, merged([b, c])])
    assert all(merged(order) == merged([a, b, c]) for order in permutations((a, b, c)))
    assert merged([a]) == a == merged([a, EdgeWindow(0)])


@settings(max_examples=20)
@given(windows(), windows())
def test_what_was_merged_stays_as_it_was(a: EdgeWindow, b: EdgeWindow) -> None:
    before = json.dumps(a.to_json())
    merged([a, b])
    assert json.dumps(a.to_json()) == before


@settings(max_examples=20)
@given(windows())
def test_json_brings_back_the_same_window(window: EdgeWindow) -> None:
    line = json.dumps(window.to_json())
    assert EdgeWindow.from_json(window.second, json.loads(line)) == window


@settings(max_examples=20)
@given(windows())
def test_all_steps_together_are_the_sum_of_the_steps(window: EdgeWindow) -> None:
    total = window.total
    assert total.requests == sum(window.of(step).requests for step in window.steps)
    assert total.posts == sum(window.of(step).posts for step in window.steps)


def test_a_step_nobody_asked_for_has_no_traffic() -> None:
    assert EdgeWindow(0).of(Step.HOME) == Traffic()
    assert EdgeWindow(0).to_json() == {}


def test_a_line_of_before_there_was_a_field_reads_as_one_without() -> None:
    read = EdgeWindow.from_json(3, {"home": [["ok", 7], 100]})
    expected = Traffic(said=Counter({(Said.OK, Attempt.FIRST): 7}), bytes=100)
    assert read == EdgeWindow(3, {Step.HOME: expected})


@pytest.mark.parametrize(
    "made",
    [
        {"cinema": []},
        {"home": [["splendid", 1]]},
        {"home": [["ok"]]},
        {"home": 7},
        {"home": [0, 0, 0, 0, "not base64"]},
    ],
)
def test_what_is_no_window_is_an_error_not_a_guess(made: dict[str, object]) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        EdgeWindow.from_json(0, made)
