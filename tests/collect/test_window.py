import json
from collections import Counter
from itertools import permutations
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.distribution import Distribution
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.collect.window import Cohort, Tally, Window
from loadtests.errors import MatchnightError
from loadtests.scenario.hostile import Pattern
from loadtests.vocabulary import End, Fact, Outcome, Purpose, Step

K = TypeVar("K")
COUNTS = st.integers(1, 10**6)
AMOUNTS = st.integers(0, 2**30).map(lambda n: n / 2**10)  # few of these add up exactly in floats
HOSTILE = [(Pattern.SCANNER, None, Outcome.OK), (Pattern.FLOOD, Step.HOME, Outcome.OVERLOAD)]
MINUTES = st.integers(-90, 120)


def counted(keys: st.SearchStrategy[K]) -> st.SearchStrategy[Counter[K]]:
    return st.dictionaries(keys, COUNTS, max_size=2).map(Counter)


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    made = Distribution()
    for value in draw(st.lists(AMOUNTS, max_size=3)):
        made.add(value)
    return made


COHORTS = [
    Cohort("brussels", "set_top_box", Purpose.BOOT, ""),
    Cohort("", "phone", Purpose.WATCH, "outside+rooted"),
]

SUMS = [
    "workers",
    "late_arrivals",
    "left",
    "stalls",
    "stalled_viewers",
    "switches",
    "lost",
    "sockets",
    "in_flight",
    "connections",
    "handshakes",
    "resumed",
    "watched",
    "stalled",
    "bits_watched",
    "cpu",
]


TALLIES = st.builds(lambda n, times: Tally(n, 7 * n, times), COUNTS, distributions())
KINDS = st.tuples(st.sampled_from(Step), st.sampled_from(Outcome), st.booleans())
PARTS: dict[str, st.SearchStrategy[object]] = {
    "sent": counted(st.tuples(st.sampled_from(Step), st.booleans())),
    "ended": st.dictionaries(KINDS, TALLIES, max_size=2),
    "arrived": counted(MINUTES),
    "ends": counted(st.tuples(MINUTES, st.sampled_from(End))),
    "cohorts": counted(st.tuples(MINUTES, st.sampled_from(COHORTS), st.sampled_from(End))),
    "facts": counted(st.sampled_from(Fact)),
    "policies": counted(st.tuples(st.sampled_from(Step), st.sampled_from(["a", "b"]))),
    "startup": st.dictionaries(MINUTES, distributions(), max_size=2),
    "live_latency": distributions(),
    "playlist_age": distributions(),
    "lag": distributions(),
    "hostile": counted(st.sampled_from(HOSTILE)),
}
"""What a window is made of, beside its sums: a few at a time, for none is merged by another."""


@st.composite
def windows(draw: st.DrawFn) -> Window:
    window = Window(second=draw(st.integers(0, 3)))
    for name in draw(st.lists(st.sampled_from(sorted(PARTS)), max_size=4, unique=True)):
        setattr(window, name, draw(PARTS[name]))
    some = draw(COUNTS)  # one draw for all: each of its own size, none of them zero
    for number, name in enumerate(SUMS, 1):
        setattr(window, name, some * number)
    window.edge.steps[Step.HOME] = Traffic(posts=some)
    return window


def merged(*parts: Window) -> Window:
    made = Window(0)
    for part in parts:
        made.merge(part)
    return made


@given(windows(), windows(), windows())
def test_merging_is_associative_and_commutative_and_has_a_zero(
    a: Window, b: Window, c: Window
) -> None:
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert all(merged(*order) == merged(a, b, c) for order in permutations((a, b, c)))
    assert merged(a) == a == merged(a, Window(0))


@given(windows(), windows())
def test_what_was_merged_stays_as_it_was(a: Window, b: Window) -> None:
    before = json.dumps(a.to_json())
    merged(a, b)
    assert json.dumps(a.to_json()) == before


@given(windows())
def test_json_brings_back_the_same_window(window: Window) -> None:
    line = json.dumps(window.to_json())
    assert Window.from_json(json.loads(line)) == window


def test_an_empty_second_is_a_short_line() -> None:
    assert Window(7).to_json() == {"version": 1, "second": 7}


def test_workers_of_one_second_add_their_sockets_up_and_the_busiest_core_counts() -> None:
    one = Window(3, workers=1, cpu=0.5, sockets=10, in_flight=1)
    other = Window(3, workers=1, cpu=0.7, sockets=20, in_flight=2)
    both = merged(one, other)
    assert (both.workers, both.cpu, both.sockets, both.in_flight) == (2, 0.7, 30, 3)


def test_over_time_the_level_is_that_of_the_last_second() -> None:
    run = merged(Window(2, sockets=5, in_flight=1), Window(0, sockets=90, in_flight=60, cpu=1.0))
    assert (run.second, run.cpu, run.sockets, run.in_flight) == (2, 0.0, 5, 1)


def test_the_edge_s_window_is_of_the_same_second() -> None:
    assert Window(7).edge == EdgeWindow(7)
    assert Window.from_json({"version": 1, "second": 7}).edge == EdgeWindow(7)


def test_a_window_of_before_there_were_cohorts_reads_as_one_without() -> None:
    window = Window.from_json({"version": 1, "second": 3, "arrived": [[-1, 4]]})
    assert window == Window(3, arrived=Counter({-1: 4}))


def test_another_version_is_refused_and_says_which() -> None:
    with pytest.raises(MatchnightError, match="version 2: this matchnight reads version 1"):
        Window.from_json({"version": 2, "second": 0})


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"version": 1},
        {"version": 1, "second": 0, "sent": [["cinema", 0, 1]]},
        {"version": 1, "second": 0, "sent": [["home", 0]]},
        {"version": 1, "second": 0, "lag": 3},
        {"version": 1, "second": 0, "facts": [["moved_house", 1]]},
        {"version": 1, "second": 0, "cohorts": [[0, "", "tv", "watch", "in_time", 1]]},
        {"version": 1, "second": 0, "policies": [["home", 1]]},
        {"version": 1, "second": 0, "hostile": [["mischief", "home", "ok", 1]]},
        {"version": 1, "second": 0, "edge": {"cinema": []}},
    ],
)
def test_what_is_no_window_is_an_error_not_a_guess(made: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Window.from_json(made)
