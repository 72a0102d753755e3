"""While a trial goes on and long after, by few windows and by many: always the same is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience.trial import Joins, Trial
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.hold import InvalidTrial
from loadtests.diagnosis.level import Found
from loadtests.swarm.jury import Jury
from loadtests.vocabulary import Outcome, Step

TRIAL = Trial(number=1, joins=Joins.STEP, rate=20.0)
WHOLE = int(TRIAL.duration)


def seconds(number: int, *, good: int = 20) -> list[Window]:
    """Twenty come each second and ask one thing; so many of them get it at once."""
    made = []
    for second in range(number):
        window = Window(second, workers=1)
        window.arrived[0] = 20
        window.sent[Step.HOME, False] = 20
        window.ended[Step.HOME, Outcome.OK, False] = Tally(good)
        for _ in range(good):
            window.ended[Step.HOME, Outcome.OK, False].times.add(0.05)
        if good < 20:
            window.ended[Step.HOME, Outcome.OVERLOAD, False] = Tally(20 - good)
        made.append(window)
    return made


@pytest.mark.parametrize(("good", "found"), [(20, Found.HELD), (16, Found.BROKE)])
def test_it_says_nothing_until_it_is_sure_and_then_the_same_for_good(
    good: int, found: Found
) -> None:
    jury = Jury(TRIAL, Timeline(seconds(WHOLE, good=good)))
    said = [jury.look(second) for second in range(WHOLE + 1)]
    first = next(n for n, level in enumerate(said) if level is not None)
    assert TRIAL.settle < first < WHOLE
    assert {id(level) for level in said[first:]} == {id(said[first])}
    level = said[first]
    assert level is not None
    assert (level.found, level.stop) == (found, first)


@given(looks=st.lists(st.integers(0, WHOLE), min_size=1).map(sorted))
def test_whoever_looks_seldom_finds_what_who_looks_often_finds(looks: list[int]) -> None:
    timeline = Timeline(seconds(WHOLE))
    seldom, often = Jury(TRIAL, timeline), Jury(TRIAL, timeline)
    for look in looks:
        found = seldom.look(look)
    for second in range(looks[-1] + 1):
        last = often.look(second)
    assert found == last


def test_a_crowd_that_did_not_come_is_no_finding() -> None:
    trial = Trial(number=1, joins=Joins.STEP, rate=40.0)
    with pytest.raises(InvalidTrial, match="the tester could not keep up"):
        Jury(trial, Timeline(seconds(WHOLE))).look(WHOLE)
