from hypothesis import given
from hypothesis import strategies as st
from knee import WITHIN, knee

LOADS = st.integers(1, 50_000)


@given(true=LOADS, first=LOADS, most=LOADS)
def test_the_knee_is_found_to_four_percent_and_no_load_is_asked_for_twice(
    true: int, first: int, most: int
) -> None:
    asked = list[int]()

    def holds(load: int) -> bool:
        asked.append(load)
        return load <= true

    found = knee(holds, first=first, most=most)

    assert found <= min(true, most) <= max(found * WITHIN, found + 1)
    assert len(asked) == len(set(asked))
    assert max(asked) <= most


@given(first=LOADS, most=LOADS)
def test_there_is_no_knee_where_nothing_holds(first: int, most: int) -> None:
    assert knee(lambda _: False, first=first, most=most) == 0


def test_a_good_guess_takes_few_steps() -> None:
    asked = list[int]()

    def holds(load: int) -> bool:
        asked.append(load)
        return load <= 33_000

    knee(holds, first=30_000, most=38_000)

    assert len(asked) <= 5
