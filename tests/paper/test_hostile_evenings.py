"""What the shipped variants with hostile traffic do to those who only want to watch."""

from dataclasses import replace

import pytest

from loadtests.collect.window import Window
from loadtests.paper.simulate import simulate
from loadtests.scenario.hostile import Pattern
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Outcome, Step

SMALL = 1 / 2000


def evening(name: str, variant: str, scale: float | None = None) -> Scenario:
    return read_scenario(find(name), variant=variant, scale=scale)


def refused(total: Window, step: Step = Step.SIGN_IN) -> float:
    """Share of the viewers' own requests that were turned away."""
    ended = {kind: tally.count for kind, tally in total.ended.items() if kind[0] is step}
    shed = sum(count for (_, outcome, _), count in ended.items() if outcome is Outcome.OVERLOAD)
    return shed / sum(ended.values())


def test_psg_c_sign_in_would_have_held_its_viewers_and_fails_them_for_the_hashes() -> None:
    attacked = evening("psg-juventus", "c", SMALL)
    assert refused(simulate(attacked).total) > 0.15
    assert refused(simulate(replace(attacked, hostile=())).total) == 0


def test_psg_d_sign_in_fails_its_viewers_anyway_and_more_so_with_an_attack() -> None:
    attacked = evening("psg-juventus", "d", SMALL)
    alone = refused(simulate(replace(attacked, hostile=())).total)
    assert 0.05 < alone < refused(simulate(attacked).total) - 0.05


@pytest.mark.parametrize(
    ("name", "pattern", "step"),
    [
        ("password-sharing", Pattern.TOKEN_REPLAY, Step.SEGMENT),
        ("offline-downloads", Pattern.LICENSE_FARMING, Step.DOWNLOAD),
    ],
)
def test_abuse_that_is_served_fails_nobody(name: str, pattern: Pattern, step: Step) -> None:
    total = simulate(evening(name, "c", 1 / 18_000)).total
    served = total.hostile[pattern, step, Outcome.OK]
    assert served > 25
    assert refused(total, step) == 0
