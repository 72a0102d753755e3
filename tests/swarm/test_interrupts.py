"""An interrupt between two crowds is noted, and afterwards everything is as it was."""

import signal

import pytest

from loadtests.swarm.interrupts import INTERRUPTS, Interrupts


@pytest.mark.parametrize("number", INTERRUPTS)
def test_a_signal_is_caught_and_does_not_end_the_process(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in INTERRUPTS]
    with Interrupts() as interrupts:
        assert not interrupts.caught
        signal.raise_signal(number)
        assert interrupts.caught
    assert [signal.getsignal(each) for each in INTERRUPTS] == before


def test_nobody_interrupts_unless_somebody_does() -> None:
    with Interrupts() as interrupts:
        pass
    assert not interrupts.caught
