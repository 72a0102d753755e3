from random import Random

from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.timeline import BLOCK, Timeline
from loadtests.collect.window import Window


def window(second: int, stalls: int) -> Window:
    return Window(second, workers=1, stalls=stalls)


PARTS = st.lists(st.builds(window, st.integers(0, 8), st.integers(1, 9)))


@given(PARTS, st.randoms(use_true_random=False))
def test_the_order_in_which_windows_come_does_not_matter(
    parts: list[Window], chance: Random
) -> None:
    shuffled = parts.copy()
    chance.shuffle(shuffled)
    one, other = Timeline(parts), Timeline(shuffled)
    assert one.windows == other.windows
    assert one.total == other.total


@given(PARTS)
def test_seconds_add_up_to_the_total_and_none_is_left_out(parts: list[Window]) -> None:
    timeline = Timeline(parts)
    assert [w.second for w in timeline.windows] == list(range(len(timeline)))
    assert timeline.total.stalls == sum(part.stalls for part in parts)
    assert timeline.total.stalls == sum(w.stalls for w in timeline)
    assert timeline.between(0, len(timeline)) == timeline.total


def test_a_second_nobody_reported_is_an_empty_window() -> None:
    timeline = Timeline([window(0, 1), window(2, 1)])
    assert [(w.second, w.workers, w.stalls) for w in timeline] == [(0, 1, 1), (1, 0, 0), (2, 1, 1)]


def test_workers_are_merged_into_one_second() -> None:
    timeline = Timeline([window(1, 2), window(1, 3)])
    assert [(w.workers, w.stalls) for w in timeline] == [(0, 0), (2, 5)]


def test_a_part_of_it_ends_before_its_last_second() -> None:
    timeline = Timeline([window(second, 10**second) for second in range(5)])
    assert [w.second for w in timeline.seconds(1, 3)] == [1, 2]
    assert [w.second for w in timeline.seconds(-5, 99)] == [0, 1, 2, 3, 4]
    assert timeline.seconds(3, 3) == timeline.seconds(-9, -5) == []
    assert timeline.between(1, 3).stalls == 110
    assert timeline.between(3, 3) == Window(0)


@given(PARTS)
def test_the_windows_it_is_given_stay_as_they_are(parts: list[Window]) -> None:
    before = [(part.second, part.stalls) for part in parts]
    Timeline(parts).total.merge(window(0, 1))
    assert [(part.second, part.stalls) for part in parts] == before


@given(PARTS, PARTS)
def test_what_comes_later_is_in_the_total_too(early: list[Window], late: list[Window]) -> None:
    timeline = Timeline(early)
    assert timeline.total == Timeline(early).total  # asked for, and so kept
    for part in late:
        timeline.add(part)
    assert timeline.total == Timeline([*early, *late]).total


def test_nothing_at_all_is_no_second() -> None:
    assert (Timeline().windows, len(Timeline()), Timeline().total) == ([], 0, Window(0))


LONG = st.lists(st.builds(window, st.integers(0, 5 * BLOCK), st.integers(1, 9)), min_size=1)
SECONDS = st.integers(-3, 6 * BLOCK)


@given(LONG, LONG, SECONDS, SECONDS)
def test_any_stretch_is_the_sum_of_its_seconds_whenever_they_came(
    early: list[Window], late: list[Window], start: int, stop: int
) -> None:
    timeline = Timeline(early)
    timeline.between(start, stop)  # asked for, and so kept in part
    for part in late:
        timeline.add(part)
    whole = Window(0)
    for part in timeline.seconds(start, stop):
        whole.merge(part)
    assert timeline.between(start, stop) == whole
    assert whole.stalls == sum(w.stalls for w in (*early, *late) if start <= w.second < stop)
