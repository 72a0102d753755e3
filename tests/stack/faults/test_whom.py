"""Whom faults meet: the same people each time, as many as was asked for."""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.binding import Misfit
from loadtests.stack.device import UNKNOWN_DEVICE, Device
from loadtests.stack.faults.whom import Recovery, Whom, check_recovery, is_met
from loadtests.vocabulary import Trait

SHARES = st.floats(0.0, 1.0)
NUMBERS = st.integers(0, 10**7)
CROWD = 20_000
EVERYBODY = Whom()


@dataclass(frozen=True)
class Outage:
    """The least a fault says of itself."""

    start: float = 100.0
    stop: float = 200.0
    whom: Whom = EVERYBODY
    recovery: Recovery | None = None


def device(
    number: int, *traits: Trait, platform: str = "smart_tv", region: str = "brussels"
) -> Device:
    return Device(number, platform, region, frozenset(traits))


@pytest.mark.parametrize("share", [0.0, 0.03, 0.7, 1.0])
def test_it_is_the_share_that_was_asked_for(share: float) -> None:
    met = sum(Whom(share=share).includes(device(n)) for n in range(CROWD))
    assert met == pytest.approx(share * CROWD, abs=4 * (share * (1 - share) * CROWD) ** 0.5)


@given(SHARES, SHARES, NUMBERS)
def test_who_is_met_by_a_fault_is_met_by_every_larger_one(a: float, b: float, number: int) -> None:
    smaller, larger = sorted((a, b))
    if Whom(share=smaller).includes(device(number)):
        assert Whom(share=larger).includes(device(number))


@given(SHARES, NUMBERS)
def test_it_is_the_same_people_whatever_they_come_with(share: float, number: int) -> None:
    whom = Whom(share=share)
    others = [device(number, platform="web"), device(number, Trait.ROOTED), device(number)]
    assert len({whom.includes(each) for each in others}) == 1


def test_a_region_has_its_own_share_and_the_others_the_general_one() -> None:
    whom = Whom(share=1.0, regions={"brussels": 0.0})
    met = {region: whom.includes(device(7, region=region)) for region in ("brussels", "liege", "")}
    assert met == {"brussels": False, "liege": True, "": True}


def test_it_may_be_certain_devices_or_those_with_a_trait() -> None:
    boxes = Whom(devices=("box",), traits=(Trait.UNPLUGGED, Trait.ROOTED))
    assert boxes.includes(device(1, Trait.ROOTED, platform="box"))
    assert not boxes.includes(device(1, Trait.ROOTED, platform="web"))
    assert not boxes.includes(device(1, Trait.OUTSIDE, platform="box"))


def test_a_device_that_says_nothing_of_itself_is_drawn_as_number_0_and_is_of_no_kind() -> None:
    for share in (0.1, 0.5, 0.9, 1.0):
        whom = Whom(share=share)
        assert whom.includes(UNKNOWN_DEVICE) == whom.includes(device(0))
    assert not Whom(devices=("smart_tv",)).includes(UNKNOWN_DEVICE)
    assert not Whom(traits=(Trait.GATEWAY,)).includes(UNKNOWN_DEVICE)


@given(st.integers(2, 40), NUMBERS)
def test_a_cell_comes_back_between_the_first_and_the_last(cells: int, number: int) -> None:
    back = Recovery(cells=cells, until=500.0).back(device(number), first=200.0)
    assert 200.0 <= back <= 500.0
    cell = (back - 200.0) / (300.0 / (cells - 1))
    assert cell == pytest.approx(round(cell), abs=1e-9)


def test_cells_are_of_the_same_size_and_come_back_one_after_the_other() -> None:
    recovery = Recovery(cells=4, until=500.0)
    sizes = Counter(recovery.back(device(n), first=200.0) for n in range(CROWD))
    assert sorted(sizes) == [200.0, 300.0, 400.0, 500.0]
    assert all(size == pytest.approx(CROWD / 4, abs=250) for size in sizes.values())


def test_which_cell_somebody_is_in_has_nothing_to_do_with_who_is_spared() -> None:
    recovery, tail = Recovery(cells=2, until=500.0), Whom(share=0.5)
    late = [recovery.back(device(n), first=200.0) == 500.0 for n in range(CROWD)]
    both = sum(late[n] and tail.includes(device(n)) for n in range(CROWD))
    assert both == pytest.approx(CROWD / 4, abs=250)


def test_a_fault_meets_its_people_from_its_beginning_until_their_cell_is_back() -> None:
    recovery = Recovery(cells=2, until=300.0)
    outage = Outage(recovery=recovery)
    by_cell = {recovery.back(device(n), first=200.0): device(n) for n in range(99)}
    first, last = by_cell[200.0], by_cell[300.0]
    offsets = (99.9, 100.0, 199.9, 200.0, 299.9, 300.0)
    assert [is_met(outage, first, at) for at in offsets] == [False, True, True, False, False, False]
    assert [is_met(outage, last, at) for at in offsets] == [False, True, True, True, True, False]


def test_without_recovery_it_ends_for_all_at_once() -> None:
    assert [is_met(Outage(), device(1), at) for at in (199.9, 200.0)] == [True, False]


def test_the_last_cell_is_back_after_the_first() -> None:
    with pytest.raises(Misfit, match=r"not after .*the first cell is back; write a later time"):
        check_recovery(Recovery(cells=2, until=200.0), first=200.0)
    check_recovery(Recovery(cells=2, until=201.0), first=200.0)
