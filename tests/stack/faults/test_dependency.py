"""A dependency down or slow: only its steps, only then, whatever the load."""

from math import inf
from typing import Any

import pytest
from evening import Asker, Evening, device

from loadtests.binding import Misfit
from loadtests.stack.exchange import Delivery, Stated
from loadtests.stack.faults.dependency import Broken, Dependency
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.whom import Recovery, Whom
from loadtests.stack.model import Station
from loadtests.vocabulary import Step

NOW = 1.8e9
DOWN = Dependency(start=100.0, stop=200.0, steps=(Step.CATALOG, Step.ENTITLEMENT))
VIEWER = Asker()


def evening(fault: Dependency = DOWN, **parts: Any) -> Evening:  # noqa: ANN401 - as `Evening`
    return Evening(faults=(Fault(dependency=fault),), **parts)


def test_its_steps_fail_from_its_beginning_to_its_end_and_no_other_does() -> None:
    stack = evening()
    catalog = [stack.get("/catalog", by=VIEWER, at=at).outcome for at in (99.9, 100, 199.9, 200)]
    assert catalog == [Stated.OK, Stated.SERVER_ERROR, Stated.SERVER_ERROR, Stated.OK]
    assert evening().get("/home", by=VIEWER, at=150).outcome is Stated.OK


@pytest.mark.parametrize(
    ("answer", "status"), [(Broken.SERVER_ERROR, 500), (Broken.UNAVAILABLE, 503)]
)
def test_an_error_has_its_status_the_account_and_no_word_of_when_to_come_back(
    answer: Broken, status: int
) -> None:
    broken = Dependency(start=0.0, stop=9.0, steps=(Step.CATALOG,), answer=answer, adds=0.25)
    said = evening(broken).get("/catalog", by=VIEWER)
    assert (said.status, said.account, said.step) == (status, VIEWER.account, Step.CATALOG)
    assert said.at == NOW + 0.25
    assert b"retry-after" not in dict(said.headers)
    assert said.delivery is Delivery.WHOLE


def test_errors_cost_the_station_nothing() -> None:
    one = Station(servers=1, service_time=10.0, queue=0)
    stack = evening(stations={Step.CATALOG: one})
    answers = [stack.get("/catalog", by=VIEWER, at=at) for at in (150, 151, 199.9, 200)]
    assert [answer.status for answer in answers] == [500, 500, 500, 200]


def test_what_is_slow_is_right_and_so_much_later() -> None:
    slow = Dependency(start=0.0, stop=9.0, steps=(Step.CATALOG,), answer=Broken.SLOW, adds=3.0)
    one = Station(servers=1, service_time=0.5, queue=9)
    stack = evening(slow, stations={Step.CATALOG: one})
    answers = [stack.get("/catalog", by=VIEWER) for _ in range(2)]
    assert [(answer.status, answer.at - NOW) for answer in answers] == [(200, 3.5), (200, 4.0)]


def test_silence_never_ends_and_decides_nothing() -> None:
    silent = Dependency(start=0.0, stop=9.0, steps=(Step.CATALOG,), answer=Broken.SILENCE)
    said = evening(silent).get("/catalog", by=VIEWER)
    assert (said.at, said.delivery, said.outcome) == (inf, Delivery.SILENCE, Stated.SILENT)
    assert not said.is_decision


def test_it_meets_a_share_of_the_viewers_and_comes_back_cell_by_cell() -> None:
    broken = Dependency(
        start=0.0,
        stop=100.0,
        steps=(Step.CATALOG,),
        whom=Whom(share=0.6),
        recovery=Recovery(cells=3, until=200.0),
    )
    stack, crowd = evening(broken), [Asker(device=device(n)) for n in range(3000)]

    def failing(at: float) -> float:
        answers = [stack.get("/catalog", by=viewer, at=at) for viewer in crowd]
        return sum(answer.status == 500 for answer in answers) / len(crowd)

    shares = [failing(at) for at in (50, 99, 100, 149, 150, 199, 200)]
    assert shares == pytest.approx([0.6, 0.6, 0.4, 0.4, 0.2, 0.2, 0.0], abs=0.04)


def test_before_the_run_has_begun_nothing_is_wrong() -> None:
    stack = Evening(begun=False, faults=(Fault(dependency=DOWN),))
    assert stack.get("/catalog", by=VIEWER, at=150).outcome is Stated.OK


def test_its_times_are_the_evening_s() -> None:
    fast = Evening(speed=50.0, faults=(Fault(dependency=DOWN),))
    answers = [fast.get("/catalog", by=VIEWER, at=at) for at in (99, 101, 199, 201)]
    assert [answer.status for answer in answers] == [200, 500, 500, 200]
    assert [answer.at - NOW for answer in answers] == pytest.approx([1.98, 2.02, 3.98, 4.02])


def test_it_ends_after_it_begins_and_has_a_step() -> None:
    with pytest.raises(Misfit, match=r"-5m is not after 0s, where it begins; write a later time"):
        Dependency(start=0.0, stop=-300.0, steps=(Step.HOME,))
    with pytest.raises(Misfit, match="meets no step; write at least one"):
        Dependency(start=0.0, stop=300.0, steps=())
    with pytest.raises(Misfit, match="when the first cell is back"):
        Dependency(start=0.0, stop=9.0, steps=(Step.HOME,), recovery=Recovery(cells=2, until=9.0))
