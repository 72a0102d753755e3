"""The waiting room: its rate, its burst, its three ways of saying no."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.model import Admission, WaitingRoom
from loadtests.stack.room import Room

GAPS = st.lists(st.floats(0.0, 0.5), max_size=200)


@given(st.floats(0.5, 50.0), GAPS)
def test_over_any_span_it_admits_no_more_than_its_rate_and_one_burst(
    admit: float, gaps: list[float]
) -> None:
    room, now, let_in = Room(WaitingRoom(admit=admit)), 1.8e9, []
    for gap in gaps:
        now += gap
        if room.admits(now):
            let_in.append(now)
    burst = max(1.0, admit)  # one second's worth
    for i, first in enumerate(let_in):
        for j in range(i, len(let_in)):
            assert j - i + 1 <= (let_in[j] - first) * admit + burst + 1e-3


def test_a_crowd_is_admitted_at_exactly_the_rate() -> None:
    room = Room(WaitingRoom(admit=20.0))
    let_in = sum(room.admits(1.8e9 + n / 1000) for n in range(60_000))
    assert let_in == pytest.approx(60 * 20 + 20, abs=1)


def test_poisson_arrivals_at_half_the_rate_are_all_let_in() -> None:
    room, chance, now = Room(WaitingRoom(admit=20.0)), random.Random(7), 1.8e9  # noqa: S311 - arrivals
    refused = 0
    for _ in range(5000):
        now += chance.expovariate(10.0)
        refused += not room.admits(now)
    assert refused == 0


def test_a_queue_answer_counts_those_told_to_come_back_and_not_back_yet() -> None:
    room = Room(WaitingRoom(admit=1.0, retry_after=5.0, answer=Admission.QUEUE))
    told = [room.refusal(1.8e9) for _ in range(4) if not room.admits(1.8e9)]
    assert [json.loads(body)["queue"]["position"] for _, _, body in told] == [1, 2, 3]
    assert room.waiting(1.8e9 + 5.0) == 0


@pytest.mark.parametrize(
    ("answer", "status", "header"),
    [
        (Admission.TOO_MANY_REQUESTS, 429, b"3"),
        (Admission.UNAVAILABLE, 503, b"3"),
        (Admission.QUEUE, 200, b""),
    ],
)
def test_each_way_of_saying_no_has_its_status_and_whole_seconds(
    answer: Admission, status: int, header: bytes
) -> None:
    said = Room(WaitingRoom(admit=1.0, retry_after=2.5, answer=answer)).refusal(1.8e9)
    assert said[:2] == (status, header)
