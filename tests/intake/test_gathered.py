import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.collect.edge.sighting import Said, Sighting
from loadtests.collect.edge.window import merged
from loadtests.intake import gathered
from loadtests.intake.gathered import RESOLUTIONS, Gathered, Windows
from loadtests.vocabulary import Step

START = 1795377600
ATS = st.lists(st.integers(0, 300_000), min_size=1, max_size=40)


def gather(ats: list[int]) -> Gathered:
    made = Gathered()
    for at in ats:
        made.see(Sighting(START + at + 0.5, Step.HOME, Said.OK, client=at))
    return made


def requests(windows: Windows) -> dict[int, int]:
    counted = {window.second: window.total.requests for window in windows.seen}
    return {second: n for second, n in counted.items() if n}


def test_each_request_is_in_its_second_counted_from_the_first() -> None:
    start, windows = gather([7, 9, 8, 9, 7]).windows()
    assert (start, len(windows)) == (START + 7, 3)
    assert requests(windows) == {0: 2, 1: 1, 2: 2}


def test_there_is_a_window_each_second_empty_ones_included() -> None:
    _, windows = gather([0, 3]).windows()
    assert [window.second for window in windows] == [0, 1, 2, 3]
    assert [windows[second].second for second in (0, 2, -1)] == [0, 2, 3]
    assert [window.second for window in windows[1:3]] == [1, 2]
    assert not windows[1].steps
    with pytest.raises(IndexError):
        windows[4]


def test_what_comes_after_it_was_looked_at_counts_as_well() -> None:
    made = gather([0, 700, 1400])
    assert requests(made.windows()[1]) == {0: 1, 700: 1, 1400: 1}
    made.see(Sighting(START + 700.0, Step.HOME, Said.OK))
    assert requests(made.windows()[1]) == {0: 1, 700: 2, 1400: 1}


@settings(max_examples=20, deadline=None)
@given(ats=ATS)
def test_no_request_is_lost_over_weeks_in_any_order(ats: list[int]) -> None:
    made = gather(ats)
    start, windows = made.windows()
    assert start == START + min(ats)
    assert sum(requests(windows).values()) == len(ats)
    assert made.strange == 0


@settings(max_examples=10, deadline=None)
@given(ats=ATS)
def test_of_much_the_windows_get_coarser_and_nothing_is_lost(ats: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gathered, "MOST", 5)
        made = gather(ats)
        start, windows = made.windows()
    seen = windows.seen
    assert len(seen) <= max(5, 300_000 // RESOLUTIONS[-1] + 1)
    assert merged(seen).total.requests == len(ats)
    assert all((start + window.second) % made.resolution == 0 for window in seen)


def test_who_went_on_is_known_in_coarse_windows_as_in_fine_ones() -> None:
    def continued(most: int) -> tuple[int, int]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(gathered, "MOST", most)
            made = Gathered()
            for at in range(0, 4000, 40):
                made.see(Sighting(START + at, Step.SIGN_IN, Said.OK, client=at))
                if at % 80:
                    made.see(Sighting(START + at + 8, Step.CATALOG, Said.OK, client=at))
            made.see(Sighting(START + 5000, Step.HOME, Said.OK))
            made.see(Sighting(START + 5001, Step.HOME, Said.OK))
            total = merged(made.windows()[1].seen).of(Step.SIGN_IN)
        return total.settled, total.continued

    assert continued(10) == continued(100_000) == (100, 50)
