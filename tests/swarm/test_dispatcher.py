"""Locust's users: one to each worker there is at the start, whoever comes or goes."""

from types import SimpleNamespace
from typing import Any

import pytest

from loadtests.swarm.dispatcher import OneEach


class Carrier:
    """Somebody to hand out."""


def node(worker: str) -> Any:  # noqa: ANN401 - stands in for Locust's, which patches this process
    return SimpleNamespace(id=worker)


def dispatcher(*workers: str) -> OneEach:
    carrier: Any = Carrier  # Locust's own classes would patch the process of all tests
    return OneEach([node(worker) for worker in workers], [carrier])


@pytest.mark.parametrize("asked", [0, 1, 2, 500])
def test_each_worker_gets_one_user_in_one_round_whatever_number_is_asked_for(asked: int) -> None:
    handed = dispatcher("b", "a")
    handed.new_dispatch(asked, 1000.0)
    assert list(handed) == [{"a": {"Carrier": 1}, "b": {"Carrier": 1}}]


def test_a_worker_that_comes_later_gets_nobody() -> None:
    handed = dispatcher("a")
    handed.new_dispatch(1, 1.0)
    handed.add_worker(node("late"))
    assert list(handed) == [{"a": {"Carrier": 1}}]


def test_a_lost_worker_moves_nobody_to_the_others() -> None:
    handed = dispatcher("a", "b")
    handed.new_dispatch(2, 1.0)
    assert len(list(handed)) == 1
    handed.remove_worker(node("b"))
    handed.new_dispatch(2, 1.0)
    assert list(handed) == [{"a": {"Carrier": 1}, "b": {"Carrier": 1}}]


def test_locust_is_told_a_round_is_under_way_so_that_it_starts_none_itself() -> None:
    handed = dispatcher("a")
    handed.new_dispatch(1, 1.0)
    list(handed)
    assert handed.dispatch_in_progress


def test_what_is_handed_out_may_be_changed_without_changing_the_next_round() -> None:
    handed = dispatcher("a")
    handed.new_dispatch(1, 1.0)
    next(handed)["a"]["Carrier"] = 9
    handed.new_dispatch(1, 1.0)
    assert next(handed) == {"a": {"Carrier": 1}}
