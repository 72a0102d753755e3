import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.promql import (
    BRIDGED,
    Answer,
    Counted,
    GarbledError,
    Grid,
    PromqlError,
    Series,
    counted,
    rated,
    read_answer,
    together,
    whole,
)

GRID = Grid(1000.0, 1150.0, 15.0)


def _body(result: object, **more: object) -> bytes:
    data = {"resultType": "matrix", "result": result}
    return json.dumps({"status": "success", "data": data, **more}).encode()


def _amounts(values: Sequence[float | None], *, was_there: frozenset[int] = frozenset()) -> Counted:
    points = {at: value for at, value in enumerate(values) if value is not None}
    return counted(Series({}, points), GRID, was_there=was_there)


def test_values_are_placed_on_the_grid_and_what_is_no_number_is_left_out() -> None:
    values = [[1000, "3"], [1015.0004, "4.5"], [1030, "NaN"], [1045, "+Inf"], [1300, "9"]]
    answer = read_answer(_body([{"metric": {"a": "b"}, "values": values}]), GRID)
    assert answer == Answer((Series({"a": "b"}, {0: 3.0, 1: 4.5}),))


def test_warnings_of_a_partial_answer_are_handed_on() -> None:
    assert read_answer(_body([], warnings=["store is down"]), GRID).warnings == ("store is down",)


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (b"<html>nginx</html>", GarbledError, "not JSON: '<html>nginx</html>'"),
        (_body([{"metric": {}, "values": [[1, "2"]]}])[:-20], GarbledError, "not JSON"),
        (b"[1]", GarbledError, "not one of Prometheus'"),
        (b'{"status": "success"}', PromqlError, "no range"),
        (_body([{"metric": {}}]), GarbledError, "cut short"),
        (_body([{"metric": {}, "values": [["x", "1"]]}]), GarbledError, "cut short"),
        (_body([[]]), GarbledError, "cut short"),
        (
            b'{"status":"error","errorType":"bad_data","error":"parse error: x"}',
            PromqlError,
            "bad_data: parse error: x",
        ),
        (
            b'{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}',
            PromqlError,
            "no range",
        ),
    ],
)
def test_what_is_no_answer_says_what_it_is(body: bytes, error: type[ValueError], says: str) -> None:
    with pytest.raises(error, match=says):
        read_answer(body, GRID)


def test_a_counter_counts_what_it_grew_by() -> None:
    assert _amounts([5, 8, 8, 12]).amounts == {0: 3, 1: 0, 2: 4}


def test_a_counter_that_restarts_counts_from_zero() -> None:
    assert _amounts([100, 110, 4, 6]).amounts == {0: 10, 1: 4, 2: 2}


def test_a_short_gap_is_bridged_and_a_long_one_stays_unknown() -> None:
    bridged = _amounts([0, None, None, 9, 10])
    assert bridged.amounts == {0: 3, 1: 3, 2: 3, 3: 1}
    assert bridged.seen == {3}
    missing = [None] * int(BRIDGED / GRID.step)
    assert _amounts([0, *missing, 900, 901]).amounts == {9: 1}


def test_a_series_born_on_an_instance_that_was_there_began_at_zero() -> None:
    born = _amounts([None, None, 7, 9], was_there=frozenset({0, 1, 2, 3}))
    assert born.amounts == {1: 7, 2: 2}


def test_a_new_instance_may_have_any_past() -> None:
    assert _amounts([None, None, 70_000, 70_001], was_there=frozenset({2, 3})).amounts == {2: 1}


def test_a_rate_counts_in_the_bin_it_looks_back_on() -> None:
    found = rated(Series({}, {0: 5.0, 1: 2.0, 3: -1.0}), GRID)
    assert found.amounts == {0: 30.0, 2: 0.0}
    assert found.seen == {0, 2}


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60), st.data())
def test_with_any_restarts_and_short_gaps_nothing_is_counted_twice(
    growth: list[int], data: st.DataObject
) -> None:
    value, values = 0, [0.0]
    for more in growth:
        if value and data.draw(st.booleans()):
            value = 0  # the process restarts
        value += more
        values.append(float(value))
    grid = Grid(0.0, len(growth) * 15.0, 15.0)
    seen = [0, *sorted(data.draw(st.sets(st.integers(1, len(growth)))))]
    found = counted(Series({}, {at: values[at] for at in seen}), grid, was_there=frozenset())
    assert sum(found.amounts.values()) <= sum(growth) + 1e-6
    assert found.seen == {at for at in seen if at + 1 in seen}


@given(st.dictionaries(st.integers(0, 500), st.floats(0, 1e6), max_size=50))
def test_whole_numbers_add_up_to_what_they_are_made_of(amounts: dict[int, float]) -> None:
    total = sum(n for _, n in whole(amounts))
    assert total == pytest.approx(sum(amounts.values()), abs=1.0)
    assert total <= sum(amounts.values()) + 1e-5


def test_a_third_three_times_is_one() -> None:
    assert list(whole({0: 1 / 3, 1: 1 / 3, 2: 1 / 3})) == [(2, 1)]


def test_answers_over_neighboring_ranges_are_one_series() -> None:
    one = Answer((Series({"a": "b"}, {0: 1.0}),), ("slow",))
    other = Answer((Series({"a": "b"}, {1: 2.0}), Series({}, {1: 3.0})), ("slow",))
    made = together([one, other])
    assert made.series == (Series({"a": "b"}, {0: 1.0, 1: 2.0}), Series({}, {1: 3.0}))
    assert made.warnings == ("slow",)


def test_a_grid_has_as_many_bins_as_whole_steps() -> None:
    assert GRID.bins == 10
    assert Grid(0.0, 14.9, 15.0).bins == 0
    assert Grid(0.0, 0.3, 0.1).bins == 3
