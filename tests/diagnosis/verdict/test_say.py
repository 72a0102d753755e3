"""People are told odds and words, never decibans."""

import pytest

from loadtests.diagnosis.verdict.kinds import Word
from loadtests.diagnosis.verdict.records import Reading
from loadtests.diagnosis.verdict.say import between, odds, seconds, word


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.5, "about even"),
        (0.75, "about 3 to 1"),
        (0.95, "about 20 to 1"),
        (0.999999, "more than 1,000 to 1"),
    ],
)
def test_a_probability_is_told_as_odds(probability: float, told: str) -> None:
    assert odds(probability) == told


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.97, Word.NEAR_CERTAIN),
        (0.85, Word.LIKELY),
        (0.70, Word.LEANING),
        (0.69, Word.UNDETERMINED),
    ],
)
def test_a_probability_has_its_word(probability: float, said: Word) -> None:
    assert word(probability) is said


def test_a_ratio_is_told_with_its_interval_and_a_time_in_its_unit() -> None:
    assert between(Reading(value=0.62, low=0.55, high=0.7, samples=99)) == "62 % (55 to 70 %)"
    assert seconds(0.34) == "340 ms"
    assert seconds(1.24) == "1.24 s"
