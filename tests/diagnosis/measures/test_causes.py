"""Measures recompute what evidence says, from what the edge saw alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_nights import Asked, windows

from loadtests.collect.edge.sighting import Said
from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.verdict.records import Reading
from loadtests.vocabulary import Step

STEP = Step.SESSION


def read(name: str, asked: Asked, *, seconds: int = 10, sampled: float = 1.0) -> Reading:
    seen = windows(range(seconds), lambda _: {STEP: asked})
    found = MEASURES[name].over(seen, STEP, lasted=float(seconds), sampled=sampled)
    assert found is not None
    return found


ASKED = Asked(good=30, took=0.2, bad=10, retries=4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("requests", 40),
        ("first_attempts", 36),
        ("good", 30),
        ("failed", 10 / 40),
        ("failed_first", 6 / 36),
        ("shed", 10 / 40),
        ("attempts", 40 / 36),
        ("lasted", 30 * 0.2 / 40),
        ("refused", 0),
        ("blocked", 0),
    ],
)
def test_a_measure_is_what_its_line_says(name: str, value: float) -> None:
    found = read(name, ASKED)

    assert found.value == pytest.approx(value)
    assert found.low <= found.value <= found.high


def test_times_are_those_of_good_answers() -> None:
    assert read("response_time", ASKED).value == pytest.approx(0.2, rel=0.01)
    assert read("slow_response_time", ASKED).value == pytest.approx(0.2, rel=0.01)


def test_rates_are_of_all_requests_where_only_a_part_was_logged() -> None:
    assert read("requests", ASKED, sampled=0.1).value == pytest.approx(400)
    assert read("failed", ASKED, sampled=0.1).value == pytest.approx(0.25)


def test_the_commonest_code_is_held_against_all_refusals() -> None:
    refused = Asked(good=1, bad=3, said=Said.POLICY, code="not_in_plan")

    assert read("one_code", refused).value == 1
    assert read("refused", refused).value == pytest.approx(0.75)


@pytest.mark.parametrize("name", MEASURES)
def test_of_nothing_there_is_nothing_to_say(name: str) -> None:
    found = MEASURES[name].over([], STEP, lasted=1.0)

    assert found is None or found.value == 0


@given(good=st.integers(0, 40), bad=st.integers(0, 40))
def test_a_longer_look_is_surer(good: int, bad: int) -> None:
    asked = Asked(good=good + 1, bad=bad)
    short, long = (read("failed", asked, seconds=seconds) for seconds in (2, 8))

    assert long.high - long.low <= short.high - short.low
