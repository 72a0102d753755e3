"""When a pattern was at work, and the share it made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.sighting import Attempt, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.diagnosis.hostile.locate import locate, share
from loadtests.diagnosis.hostile.look import Look
from loadtests.diagnosis.measures.measure import share as ratio
from loadtests.diagnosis.verdict.bins import bins
from loadtests.diagnosis.verdict.night import Night, Origin
from loadtests.vocabulary import Step


def look(refused: list[int], *, of: int) -> Look:
    """Five seconds a bin; so many of each bin's attempts were refused."""
    windows = [EdgeWindow(second) for second in range(5 * len(refused))]
    for number, wrong in enumerate(refused):
        traffic = Traffic()
        traffic.said[Said.BAD_CREDENTIALS, Attempt.FIRST] = wrong
        traffic.said[Said.OK, Attempt.FIRST] = of - wrong
        windows[5 * number].steps[Step.SIGN_IN] = traffic
    night = Night(windows=windows, origin=Origin.ACCESS_LOG, source="")
    return Look(night, bins(night))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.floats(0.01, 0.9))
def test_the_stretch_found_is_the_one_with_most_beyond_the_ordinary(
    refused: list[int], ordinary: float
) -> None:
    at = look(refused, of=20)
    beyond = {
        (start, stop): sum(refused[start:stop]) - ordinary * 20 * (stop - start)
        for start in range(len(refused))
        for stop in range(start + 1, len(refused) + 1)
    }
    found = locate(at, "auth_failed", Step.SIGN_IN, ordinary, at.whole)
    if max(beyond.values()) <= 1e-9:
        assert found is None or beyond[found] == pytest.approx(0.0, abs=1e-9)
    else:
        assert found is not None
        assert beyond[found] == pytest.approx(max(beyond.values()))


@given(st.integers(1, 1000), st.integers(0, 1000), st.floats(0, 0.5))
def test_mass_balance_recovers_what_was_mixed(ordinary: int, hostile: int, usual: float) -> None:
    hits = round(ordinary * usual) + hostile
    reading = ratio(hits, ordinary + hostile)
    assert reading is not None
    found = share(reading, round(ordinary * usual) / ordinary)
    assert found.value == pytest.approx(hostile / (ordinary + hostile))
    assert found.low <= found.value <= found.high
