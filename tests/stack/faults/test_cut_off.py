"""Part of the crowd reaches nothing."""

from math import inf

import pytest
from evening import Asker, Evening, device

from loadtests.stack.exchange import Delivery, Stated
from loadtests.stack.faults.cut_off import Cut, CutOff
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.whom import Recovery, Whom
from loadtests.stack.model import Station
from loadtests.vocabulary import Step

NOW = 1.8e9
TARGETS = ("/www", "/home", "/catalog", "/live/master.m3u8", "/live/v0/playlist.m3u8", "/nowhere")


def evening(**plan: object) -> Evening:
    cut = CutOff(**{"start": 0.0, "stop": 100.0, **plan})  # type: ignore[arg-type] # as a test says
    return Evening(faults=(Fault(cut_off=cut),))


def test_every_step_is_met_by_a_reset_at_once_and_none_is_a_decision() -> None:
    stack = evening()
    answers = [stack.get(target, by=Asker()) for target in TARGETS]
    assert {(a.at, a.delivery, a.outcome) for a in answers} == {(NOW, Delivery.RESET, Stated.RESET)}
    assert not any(answer.is_decision for answer in answers)
    assert [a.step for a in answers[-2:]] == [Step.PLAYLIST, None]


def test_or_by_silence() -> None:
    said = evening(by=Cut.SILENCE).get("/home")
    assert (said.at, said.delivery, said.outcome) == (inf, Delivery.SILENCE, Stated.SILENT)


def test_the_telephone_takes_another_way_unless_told_otherwise() -> None:
    assert evening().post("/support").outcome is Stated.OK
    assert evening(spares=()).post("/support").outcome is Stated.RESET
    assert evening(spares=(Step.HOME,)).get("/home").outcome is Stated.OK


def test_whoever_is_cut_off_costs_the_stack_nothing() -> None:
    none = Station(servers=1, service_time=1000.0, queue=0)
    cut = CutOff(start=0.0, stop=100.0)
    stack = Evening(stations={Step.HOME: none}, faults=(Fault(cut_off=cut),))
    assert [stack.get("/home", at=at).status for at in (1, 2, 100)] == [444, 444, 200]


def test_each_region_loses_its_share_and_the_spared_notice_nothing() -> None:
    stack = evening(whom=Whom(share=0.97, regions={"brussels": 0.7}), stop=100.0)
    for region, share in (("brussels", 0.7), ("liege", 0.97)):
        asked = [Asker(None, device(n)._replace(region=region)) for n in range(4000)]
        lost = sum(stack.get("/home", by=each).outcome is Stated.RESET for each in asked)
        assert lost / len(asked) == pytest.approx(share, abs=0.03)


def test_one_is_spared_by_the_long_tail_who_was_spared_before() -> None:
    whole = CutOff(start=0.0, stop=100.0, whom=Whom(share=0.9))
    tail = CutOff(start=100.0, stop=200.0, whom=Whom(share=0.1))
    stack = Evening(faults=(Fault(cut_off=whole), Fault(cut_off=tail)))
    crowd = [Asker(None, device(n)) for n in range(2000)]
    lost = [
        {n for n, each in enumerate(crowd) if stack.get("/home", by=each, at=at).status == 444}
        for at in (50, 150)
    ]
    assert lost[1] < lost[0]
    assert [len(some) / len(crowd) for some in lost] == pytest.approx([0.9, 0.1], abs=0.03)


def test_restoration_goes_cell_by_cell() -> None:
    stack = evening(recovery=Recovery(cells=5, until=500.0))
    crowd = [Asker(None, device(n)) for n in range(2000)]
    lost = [
        sum(stack.get("/home", by=each, at=at).status == 444 for each in crowd) / len(crowd)
        for at in (99, 100, 200, 300, 400, 500)
    ]
    assert lost == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2, 0.0], abs=0.04)
