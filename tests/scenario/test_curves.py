"""The replayed evenings are those that were recorded, minute by minute."""

import csv
from collections import Counter
from math import floor, sqrt

import pytest

from loadtests.audience import crowd
from loadtests.scenario.library import find, folder
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario, variants

EVENINGS = {
    "none": ("world-cup-98-final.csv", 41_955, 115),
    "france-croatia": ("world-cup-98-france-croatia.csv", 217_532, 115),
    "brazil-netherlands": ("world-cup-98-brazil-netherlands.csv", 229_426, 161),
}
MINUTES = range(-10, 170)
PEAK = 20_000  # viewers of the real event in the busiest minute


def recorded(variant: str) -> dict[int, int]:
    name = EVENINGS[variant][0]
    with (folder() / "curves" / name).open(encoding="utf-8", newline="") as lines:
        return {int(row["minute"]): int(row["requests"]) for row in csv.DictReader(lines)}


def play(variant: str, scale: float | None = None) -> Scenario:
    return read_scenario(find("world-cup-98"), variant=variant, scale=scale)


def expected(variant: str, scale: float) -> dict[int, float]:
    """Arrivals of each minute of the window, from the file alone."""
    counts = recorded(variant)
    return {m: counts[m] / max(counts.values()) * PEAK * scale for m in MINUTES}


def came(variant: str, scale: float) -> Counter[int]:
    return Counter(floor(a.offset / 60) for a in crowd.share(play(variant, scale)))


def test_the_variants_are_the_evenings_there_are() -> None:
    assert {"none", *variants(find("world-cup-98"))} == set(EVENINGS)


@pytest.mark.parametrize("variant", EVENINGS)
def test_an_evening_is_five_hours_of_minutes_without_a_gap(variant: str) -> None:
    counts, (_, most, when) = recorded(variant), EVENINGS[variant]
    assert list(counts) == list(range(-60, 240))
    assert max(counts.values()) == counts[when] == most


@pytest.mark.parametrize("scale", [1 / 1000, 1 / 50])
@pytest.mark.parametrize("variant", EVENINGS)
def test_the_replayed_minutes_match_the_recorded_ones_within_poisson_noise(
    variant: str, scale: float
) -> None:
    wanted, found = expected(variant, scale), came(variant, scale)
    assert set(found) <= set(MINUTES)
    assert found.total() == round(sum(wanted.values()))
    squares = sum((found[m] - wanted[m]) ** 2 / wanted[m] for m in MINUTES)
    degrees = len(MINUTES) - 1  # their sum is given
    # chi-square within four standard deviations, from below as well: clockwork has none
    assert abs(squares - degrees) < 4 * sqrt(2 * degrees)
    for minute in MINUTES:  # 180 of them: five standard deviations, and the skewness of small ones
        assert abs(found[minute] - wanted[minute]) < 5 * sqrt(wanted[minute]) + 2


@pytest.mark.parametrize("variant", EVENINGS)
def test_the_busiest_minute_brings_what_peak_says(variant: str) -> None:
    scenario = play(variant)
    assert max(crowd.planned(scenario)) == pytest.approx(PEAK / 1000 / 60 * 72, rel=0.01)
    assert scenario.duration == 150
