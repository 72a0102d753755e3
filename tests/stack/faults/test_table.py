"""The table of faults, and the order they stand in."""

from dataclasses import fields

import pytest
from evening import Evening

from loadtests.binding import Misfit
from loadtests.stack.exchange import Stated
from loadtests.stack.faults.dependency import Dependency
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.resets import Resets
from loadtests.stack.faults.table import MAKERS
from loadtests.vocabulary import Step

HOME = (Step.HOME,)
DOWN = Fault(dependency=Dependency(start=0.0, stop=9.0, steps=HOME))
BROKEN = Fault(resets=Resets(start=0.0, stop=9.0, steps=HOME))


def test_every_kind_of_fault_has_its_maker() -> None:
    assert list(MAKERS) == [field.name for field in fields(Fault)]


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [((DOWN, BROKEN), Stated.SERVER_ERROR), ((BROKEN, DOWN), Stated.RESET)],
)
def test_a_request_meets_the_first_of_the_list_first(
    faults: tuple[Fault, ...], outcome: Stated
) -> None:
    assert Evening(faults=faults).get("/home").outcome is outcome


def test_a_fault_is_of_exactly_one_kind() -> None:
    with pytest.raises(Misfit, match="found 0 kinds of fault; write exactly one of dependency, "):
        Fault()
    with pytest.raises(Misfit, match="found 2 kinds of fault"):
        Fault(dependency=DOWN.dependency, resets=BROKEN.resets)
    assert (BROKEN.kind, BROKEN.plan) == ("resets", BROKEN.resets)
