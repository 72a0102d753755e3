import pytest

from loadtests.binding import Misfit
from loadtests.scenario.hostile import AIMS, Attack, Pattern
from loadtests.vocabulary import Step


def attack(pattern: Pattern, step: Step | None = None, **more: float) -> Attack:
    return Attack(pattern=pattern, start=0.0, lasts=60.0, rate=1.0, step=step, **more)  # type: ignore[arg-type] # shares are floats


def test_every_pattern_says_what_it_can_be_aimed_at() -> None:
    assert AIMS.keys() == set(Pattern)


@pytest.mark.parametrize(("pattern", "aims"), AIMS.items())
def test_it_can_be_aimed_at_those_steps_and_no_other(
    pattern: Pattern, aims: tuple[Step, ...]
) -> None:
    assert {attack(pattern, step).aim for step in aims} == set(aims)
    for step in set(Step) - set(aims):
        with pytest.raises(Misfit, match=f"`{pattern}` is not aimed at `{step}`"):
            attack(pattern, step)


def test_without_a_step_it_is_aimed_at_the_usual_one() -> None:
    assert attack(Pattern.SLOW_READ).aim is Step.SEGMENT
    assert attack(Pattern.SCANNER).aim is None


def test_a_flood_says_what_it_floods() -> None:
    with pytest.raises(Misfit, match="`flood` needs one; write what is flooded"):
        attack(Pattern.FLOOD)


def test_no_attempt_hits_with_a_name_nobody_has() -> None:
    assert attack(Pattern.CREDENTIAL_STUFFING, unknown_users=0.4, hits=0.6).hits == 0.6
    with pytest.raises(Misfit, match="more than all attempts"):
        attack(Pattern.CREDENTIAL_STUFFING, unknown_users=0.5, hits=0.6)
