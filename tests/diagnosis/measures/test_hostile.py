"""What hostile traffic shows by, measured: each a pure function of merged windows."""

import pytest
from hostile_crowds import busting, crowd, flood, replay, windows
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.distinct import Distinct
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.measures.hostile import HOSTILE
from loadtests.diagnosis.measures.measure import merged
from loadtests.diagnosis.measures.ratios import FUNNEL
from loadtests.vocabulary import Step


def read(name: str, window: EdgeWindow, step: Step | None) -> float:
    reading = HOSTILE[name].read(window, step)
    assert reading is not None
    assert reading.low <= reading.value <= reading.high
    return reading.value


def test_every_measure_is_in_the_table_with_a_line_of_its_own() -> None:
    assert HOSTILE.items() <= MEASURES.items()
    assert len({measure.what for measure in HOSTILE.values()}) == len(HOSTILE)
    assert set(HOSTILE) >= FUNNEL


def test_of_nothing_there_is_nothing_to_measure() -> None:
    assert [m.read(EdgeWindow(0), Step.SIGN_IN) for m in HOSTILE.values()] == [None] * len(HOSTILE)


def test_a_crowd_and_its_enemies_read_as_what_they_do() -> None:
    fans = merged(windows(crowd(stop=60.0, forgetful=0.25)))
    assert read("auth_failed", fans, Step.SIGN_IN) == pytest.approx(0.2)
    assert read("gave_up", fans, Step.SIGN_IN) == 0.0
    assert read("unused", fans, Step.HOME) == 0.0
    assert read("strangers", fans, Step.HOME) == 0.0
    assert read("several_sources", fans, Step.SEGMENT) == 0.0
    assert read("url_variants", fans, Step.SEGMENT) == 1.0
    flooded = merged(windows(flood(2.0, sources=9)))
    assert read("unused", flooded, Step.HOME) == 1.0
    assert read("requests_each", flooded, Step.HOME) == pytest.approx(240 / 9)
    foes = merged(windows(busting(2.0, sources=9), replay(2.0)))
    assert read("cache_misses", foes, Step.SEGMENT) == pytest.approx(0.5)
    assert read("nameless", foes, Step.SEGMENT) == pytest.approx(0.5)
    assert read("several_sources", foes, Step.SEGMENT) > 0.9


@given(
    st.sets(st.integers(0, 2**64 - 1), max_size=60), st.sets(st.integers(0, 2**64 - 1), max_size=60)
)
def test_strangers_are_those_seen_at_no_other_step(here: set[int], there: set[int]) -> None:
    window = EdgeWindow(0)
    window.steps[Step.HOME] = Traffic(clients=Distinct(here))
    window.steps[Step.SIGN_IN] = Traffic(clients=Distinct(there))
    reading = HOSTILE["strangers"].read(window, Step.HOME)
    if not here:
        assert reading is None
    else:
        assert reading is not None
        assert reading.value == pytest.approx(len(here - there) / len(here), abs=1 / len(here))
