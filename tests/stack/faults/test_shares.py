"""Faults that meet a share of the requests: shedding, resets, truncated answers."""

from typing import Any

import pytest
from evening import Asker, Evening

from loadtests.binding import Misfit
from loadtests.stack.exchange import Answer, Delivery, Stated
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.resets import Resets
from loadtests.stack.faults.shedding import Shedding
from loadtests.stack.faults.truncated import Truncated
from loadtests.stack.model import Station
from loadtests.vocabulary import Step

NOW = 1.8e9
SPAN = {"start": 0.0, "stop": 100.0}
HOME = (Step.HOME,)
FAULTS = {
    Stated.QUEUED: Fault(shedding=Shedding(**SPAN, steps=HOME, share=0.3)),
    Stated.RESET: Fault(resets=Resets(**SPAN, steps=HOME, share=0.3)),
    Stated.TRUNCATED: Fault(truncated=Truncated(**SPAN, steps=HOME, share=0.3)),
}


def asked(fault: Fault, times: int = 4000) -> list[Stated]:
    stack = Evening(faults=(fault,))
    return [stack.get("/home").logged for _ in range(times)]


@pytest.mark.parametrize("stated", FAULTS)
def test_it_meets_that_share_of_the_requests_and_the_same_ones_each_time(stated: Stated) -> None:
    outcomes = asked(FAULTS[stated])
    assert outcomes.count(stated) / len(outcomes) == pytest.approx(0.3, abs=0.03)
    assert outcomes.count(Stated.OK) + outcomes.count(stated) == len(outcomes)
    assert asked(FAULTS[stated]) == outcomes


@pytest.mark.parametrize("stated", FAULTS)
def test_it_meets_nothing_else_and_no_other_time(stated: Stated) -> None:
    stack = Evening(faults=(FAULTS[stated],))
    assert {stack.get("/www").logged for _ in range(200)} == {Stated.OK}
    assert {stack.get("/home", at=100).logged for _ in range(200)} == {Stated.OK}


def always(**fault: object) -> Fault:
    kind, record = next(iter(fault.items()))
    return Fault(**{kind: record(**SPAN, steps=HOME, share=1.0)})  # type: ignore[operator] # a record


def first(fault: Fault, **parts: Any) -> Answer:  # noqa: ANN401 - whatever a stack takes
    return Evening(faults=(fault,), **parts).get("/home", by=Asker())


BUSY = Station(servers=1, service_time=2.0, queue=0)


def test_whoever_is_shed_is_told_when_to_come_back_and_costs_nothing() -> None:
    shed = Fault(shedding=Shedding(**SPAN, steps=HOME, share=1.0, retry_after=2.5))
    stack = Evening(faults=(shed,), stations={Step.HOME: BUSY})
    answers = [stack.get("/home", at=at) for at in (99, 99, 100)]
    assert [answer.status for answer in answers] == [503, 503, 200]
    assert (answers[0].at, answers[0].outcome) == (NOW + 99, Stated.QUEUED)
    assert dict(answers[0].headers)[b"retry-after"] == b"3"  # whole seconds


def test_a_reset_comes_before_any_work() -> None:
    stack = Evening(faults=(always(resets=Resets),), stations={Step.HOME: BUSY})
    answers = [stack.get("/home", at=at) for at in (99, 99, 100)]
    assert [answer.delivery for answer in answers] == [Delivery.RESET] * 2 + [Delivery.WHOLE]
    assert answers[2].status == 200


def test_of_a_truncated_answer_half_is_sent_when_it_is_due() -> None:
    said = first(always(truncated=Truncated), stations={Step.HOME: BUSY})
    assert (said.status, said.at, said.delivery) == (200, NOW + 2.0, Delivery.TRUNCATED)
    assert (said.body, said.sent) == (b"{}", b"{")
    # the stack let them in, whatever arrived of it
    assert (said.outcome, said.logged, said.is_decision) == (Stated.OK, Stated.TRUNCATED, True)


def test_an_answer_without_a_body_cannot_be_cut() -> None:
    cut = Fault(truncated=Truncated(**SPAN, steps=(Step.LEAVE,)))
    said = Evening(faults=(cut,)).post("/leave", session="session.viewer-0000123.1")
    assert (said.status, said.outcome, said.delivery) == (204, Stated.OK, Delivery.WHOLE)


def test_two_faults_draw_independently() -> None:
    both = (
        Fault(resets=Resets(**SPAN, steps=HOME, share=0.5)),
        Fault(shedding=Shedding(**SPAN, steps=HOME, share=0.5)),
    )
    stack = Evening(faults=both)
    outcomes = [stack.get("/home").outcome for _ in range(4000)]
    shares = [outcomes.count(each) / 4000 for each in (Stated.RESET, Stated.QUEUED, Stated.OK)]
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.03)


def test_each_needs_a_step() -> None:
    for record in (Resets, Truncated):
        with pytest.raises(Misfit, match="meets no step"):
            record(start=0.0, stop=1.0, steps=())
