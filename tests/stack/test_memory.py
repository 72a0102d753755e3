from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.memory import Memory


@given(st.lists(st.tuples(st.integers(0, 20), st.integers())), st.integers(1, 12))
def test_it_holds_no_more_than_it_may_and_what_it_holds_is_the_newest(
    kept: list[tuple[int, int]], most: int
) -> None:
    memory: Memory[int, int] = Memory(most)
    for key, value in kept:
        memory.keep(key, value)
        assert memory.get(key) == value
        assert len(memory) <= most
    last = dict(kept)
    by_age = sorted(last, key=lambda key: max(i for i, (k, _) in enumerate(kept) if k == key))
    held = [key for key in by_age if memory.get(key) is not None]
    assert held == by_age[len(by_age) - len(held) :]
    assert all(memory.get(key) == last[key] for key in held)
    assert len(held) >= min(len(last), most // 2)


def test_within_its_bounds_it_forgets_nothing() -> None:
    memory: Memory[int, int] = Memory(100)
    for key in range(100):
        memory.keep(key, -key)
    for key in range(100):
        memory.keep(key, key)
    assert [memory.get(key) for key in range(100)] == list(range(100))
    assert memory.get(100) is None
