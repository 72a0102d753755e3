from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.sources import LATELY, Sources
from loadtests.collect.edge.window import MANY

SEEN = st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 5))


@given(st.lists(SEEN, max_size=30))
def test_a_token_has_the_sources_of_this_age_and_the_one_before(
    seen: list[tuple[int, int, int]],
) -> None:
    sources, seen = Sources(), sorted(seen, key=lambda one: one[2])
    for number, (token, source, age) in enumerate(seen):
        told = sources.seen(token, source, age * LATELY + 1)
        lately = {s for t, s, a in seen[: number + 1] if t == token and age - 1 <= a <= age}
        assert told == len(lately)


@given(st.lists(st.tuples(st.none() | st.integers(0, 3), st.integers(0, 5)), max_size=30))
def test_many_at_once_are_counted_as_one_after_the_other(
    seen: list[tuple[int | None, int]],
) -> None:
    together, one_by_one = Sources(), Sources()
    for token, source in seen[:10]:
        if token is not None:
            together.seen(token, source, 0.0)
            one_by_one.seen(token, source, 0.0)
    rest = seen[10:]
    told = together.seen_all([t for t, _ in rest], [s for _, s in rest], 1.0)
    expected = Counter(one_by_one.seen(t, s, 1.0) for t, s in rest if t is not None)
    # the first of many at once cannot know what comes with it, but all are counted
    assert told.total() == expected.total()
    assert max(told, default=0) == max(expected, default=0)


def test_no_more_than_so_many_sources_are_counted() -> None:
    sources = Sources()
    told = [sources.seen(7, source, 0.0) for source in range(3 * MANY)]
    assert told == [min(number + 1, MANY) for number in range(3 * MANY)]
