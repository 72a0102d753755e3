"""A verdict that was firm is not taken back for one look that says otherwise."""

from itertools import pairwise

from loadtests.diagnosis.verdict.forming import EVERY, SELDOM, Forming, looks
from loadtests.diagnosis.verdict.kinds import Cause, Word
from loadtests.diagnosis.verdict.records import CauseFound, Verdict


def said(cause: Cause) -> Verdict:
    found = CauseFound(
        kind=cause, word=Word.LIKELY, probability=0.9, alternatives=(), sentence=f"it is {cause}"
    )
    return Verdict(version=1, cause=found, hostile=(), hostile_undetermined=(), episodes=())


def formed(*causes: Cause) -> list[Cause]:
    forming = Forming()
    for at, cause in enumerate(causes):
        forming.look(said(cause), float(at))
    return [change.cause for change in forming.changes]


OUTAGE, STORM, OPEN = Cause.DEPENDENCY_OUTAGE, Cause.RETRY_STORM, Cause.UNDETERMINED


def test_what_is_said_again_is_no_change() -> None:
    assert formed(OPEN, OPEN, OUTAGE, OUTAGE) == [OPEN, OUTAGE]


def test_one_look_that_says_otherwise_changes_nothing_and_two_do() -> None:
    assert formed(OUTAGE, STORM, OUTAGE) == [OUTAGE]
    assert formed(OUTAGE, STORM, STORM) == [OUTAGE, STORM]


def test_what_was_firm_does_not_become_undetermined_on_the_way() -> None:
    assert formed(OUTAGE, OPEN, OPEN, OPEN) == [OUTAGE]


def test_a_night_nobody_suffered_from_yet_may_become_anything_at_once() -> None:
    assert formed(Cause.NOMINAL, Cause.SURGE_ABSORBED, OUTAGE) == [
        Cause.NOMINAL,
        Cause.SURGE_ABSORBED,
        OUTAGE,
    ]


def test_at_the_end_what_is_said_of_all_of_it_stands_and_a_change_has_its_reason() -> None:
    forming = Forming()
    forming.look(said(OUTAGE), 15.0)
    forming.end(said(STORM), 100.0)

    assert [(change.at, change.cause) for change in forming.changes] == [
        (15.0, OUTAGE),
        (100.0, STORM),
    ]
    assert forming.changes[-1].reason == "it is retry_storm"


def test_looks_begin_with_the_trouble_are_frequent_at_first_and_not_many_in_a_day() -> None:
    times = list(looks(100.0, 86_400.0, every=30.0))

    assert times[0] == 90 + SELDOM
    assert {later - sooner for sooner, later in pairwise(times[:5])} == {SELDOM}
    assert len(times) < 25
    assert list(looks(100.0, 110.0, every=5.0)) == []
    assert list(looks(0.0, 40.0, every=5.0)) == [EVERY, 2 * EVERY]


def test_a_long_night_is_looked_at_so_seldom_that_its_looks_cost_little() -> None:
    often, seldom = (
        [later - sooner for sooner, later in pairwise(looks(100.0, length, every=5.0))]
        for length in (1200.0, 20_000.0)
    )

    assert often[0] == EVERY
    assert seldom[0] == SELDOM
    assert seldom == sorted(seldom)
    assert sum(looks(100.0, 20_000.0, every=5.0)) < 5 * 20_000  # seconds looked at, again and again
