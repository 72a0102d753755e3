"""A run's report says what hostile traffic was played, and that viewers' figures are without it."""

from collections import Counter
from dataclasses import replace

from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.export.archive import Run
from loadtests.export.hostile_played import hostile_played
from loadtests.scenario.hostile import Attack, Pattern
from loadtests.vocabulary import Outcome, Step

STUFFING = Attack(
    pattern=Pattern.CREDENTIAL_STUFFING, start=120.0, lasts=300.0, rate=10.0, sources=200
)
SCANNER = Attack(pattern=Pattern.SCANNER, start=0.0, lasts=60.0, rate=1.0)


def played(run: Run, *attacks: Attack, hostile: dict[Pattern, int]) -> list[str]:
    window = Window(0)
    window.hostile = Counter(
        {(pattern, Step.SIGN_IN, Outcome.DENIED): n for pattern, n in hostile.items()}
    )
    timeline = Timeline()
    timeline.add(window)
    scenario = replace(run.scenario, hostile=attacks)
    return hostile_played(replace(run, scenario=scenario, timeline=timeline))


def test_a_run_without_hostile_traffic_says_nothing(healthy: Run) -> None:
    assert played(healthy, hostile={}) == []


def test_each_pattern_has_a_sentence_with_what_was_really_played(healthy: Run) -> None:
    said = played(healthy, SCANNER, STUFFING, hostile={Pattern.CREDENTIAL_STUFFING: 2950})
    stuffing, scanner = said
    assert stuffing == (
        "Hostile traffic, credential_stuffing: 2,950 requests from 200 addresses, +2:00 to +7:00. "
        "No figure of the viewers counts them."
    )
    assert scanner.startswith("Hostile traffic, scanner: 0 requests from 1 address, +0:00 to +1:00")


def test_attacks_of_one_pattern_are_told_together(healthy: Run) -> None:
    later = replace(STUFFING, start=600.0, lasts=60.0, sources=50)
    (said,) = played(healthy, STUFFING, later, hostile={Pattern.CREDENTIAL_STUFFING: 3})
    assert "3 requests from 250 addresses, +2:00 to +7:00, +10:00 to +11:00." in said
