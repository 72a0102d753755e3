import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from made_capacity import knee, searched

from loadtests.audience.trial import Joins
from loadtests.diagnosis.explore import Capacity
from loadtests.diagnosis.knee import Moved
from loadtests.diagnosis.level import Found
from loadtests.errors import ExitStatus
from loadtests.export.capacity_record import Search
from loadtests.export.capacity_text import capacity_text
from loadtests.export.terminal import WIDTH
from loadtests.export.words import NONE


def _said(search: Search) -> str:
    """The text without its line breaks."""
    return re.sub(r"\n +", " ", capacity_text(search))


def _with(search: Search, **changes: object) -> Search:
    return replace(search, capacity=replace(search.capacity, **changes))  # type: ignore[arg-type] # any field's


def test_the_answer_comes_first() -> None:
    first = _said(_with(searched(), knees={Joins.STEP: knee(Joins.STEP, 40.0, 42.0)}))
    assert first.splitlines()[0] == (
        "Carries 41.2 viewers/s (40.5 to 42, 90 %) when they come at once; sign_in breaks first "
        "(16.5 requests/s); entitlement would be next; after an overload it comes back below 33/s."
    )


def test_the_profile_that_carries_least_is_told_first() -> None:
    lines = _said(searched()).splitlines()
    assert lines[0].startswith("Carries 41.2 viewers/s")
    assert lines[1] == "Carries at least 40 viewers/s in a short surge; it was not asked for more."
    assert lines[2] == "Measured against https://stage.example.org."


def test_a_load_that_broke_without_a_search_in_between_is_no_knee() -> None:
    cut = replace(knee(Joins.STEP, 40.0), broke_at=80.0, is_complete=False)
    assert _said(_with(searched(), knees={Joins.STEP: cut})).splitlines()[0] == (
        "Carries at least 40 viewers/s when they come at once; at 80 it broke, and what lies "
        "between was not tried; the search ended before it was sure; "
        "after an overload it comes back below 33/s."
    )


def test_a_storm_that_stays_is_told() -> None:
    overload = searched().capacity.overload
    assert overload is not None
    said = _said(_with(searched(), overload=replace(overload, recovered_at=None)))
    assert "after an overload it did not come back while it was watched" in said
    assert "Recovery: Overloaded with 55 viewers/s it did not come back" in said


def test_a_target_that_gets_slower_is_called_not_steady() -> None:
    assert "as long to answer as in the beginning." in _said(searched())
    said = _said(_with(searched(), drift=1.6, steady=False))
    assert "took 1.60 times as long to answer as in the beginning: the target is not" in said


def test_both_capacities_of_a_target_that_scales_are_told() -> None:
    assert "from 41.2 to 82.5 viewers/s 40 s into an overload." in _said(searched())


def test_a_capacity_that_fell_is_told_as_such() -> None:
    said = _said(_with(searched(), moved=Moved(before=41.25, after=30.0, took=None), steady=False))
    assert "Its capacity fell while it was measured, from 41.2 to 30 viewers/s." in said


def test_a_target_that_held_nothing_is_not_given_a_knee() -> None:
    nothing = replace(knee(Joins.STEP, 80.0), low=0.0, is_complete=False)
    first = _said(_with(searched(), knees={Joins.STEP: nothing})).splitlines()[0]
    assert first.startswith("Does not carry even 80 viewers/s when they come at once; sign_in ")


def test_interference_is_told() -> None:
    said = _said(searched())
    assert "home answers 2 times as slowly when sign_in is overloaded" in said


def test_a_search_that_is_not_valid_says_so_before_any_figure() -> None:
    late = replace(searched(), problems=("worker 2 ran at 100 %",), complete=False, exit_status=4)
    assert capacity_text(late).startswith("The search is not valid: do not quote its figures.\n")
    assert "Problem: worker 2 ran at 100 %" in capacity_text(late)


def test_a_search_that_was_interrupted_shows_what_it_had_found() -> None:
    status = int(ExitStatus.INTERRUPTED)
    cut = replace(searched(), complete=False, why="interrupted", exit_status=status)
    lines = _said(cut).splitlines()
    assert lines[0] == "The search is not whole: it shows what it had found when it ended."
    assert "Interrupted." in lines


def test_a_search_that_found_nothing_claims_nothing() -> None:
    nothing = Capacity(knees={}, levels=(), lowest=None)
    said = capacity_text(replace(searched(), capacity=nothing, signature=None))
    assert said.startswith("No capacity was found.\n")


def test_every_step_and_every_load_has_its_line() -> None:
    said = capacity_text(searched())
    assert re.search(r"^  sign_in +16\.5 \(16\.2 to 16\.8\) +200 ms +1 +0\.44$", said, re.MULTILINE)
    assert re.search(r"^  playlist +at least 240 +10 ms +0\.05 +3$", said, re.MULTILINE)
    assert re.search(r"^  4 step +80 +41\.2  broke: sign_in carried less", said, re.MULTILINE)
    assert re.search(r"^  9 step, again +10 +10  held$", said, re.MULTILINE)


def test_a_step_that_was_never_measured_at_low_load_has_dashes() -> None:
    search = searched()
    assert search.signature is not None
    said = capacity_text(replace(search, signature=replace(search.signature, demand={})))
    assert re.search(rf"^  sign_in +16\.5 \(16\.2 to 16\.8\)( +{NONE}){{3}}$", said, re.MULTILINE)


@pytest.mark.parametrize("found", Found)
def test_no_line_is_wider_than_a_terminal(found: Found) -> None:
    first = replace(searched().levels[0], found=found, why="a long reason of many words " * 9)
    long = replace(_with(searched(), levels=(first,)), target="https://" + "a-host " * 30)
    assert [line for line in capacity_text(long).splitlines() if len(line) > WIDTH] == []


def test_color_is_only_added_never_text() -> None:
    plain, colored = capacity_text(searched()), capacity_text(searched(), color=True)
    assert "\033" not in plain
    assert re.sub(r"\033\[\d*m", "", colored) == plain
    assert colored != plain


def test_the_folder_is_named_when_it_is_known() -> None:
    said = capacity_text(searched(), folder="reports/x")
    assert said.endswith("\nReport: reports/x/capacity.html\n")


def test_the_committed_sample_is_what_this_search_gives(golden: Callable[[str, str], None]) -> None:
    golden("synthetic-capacity/capacity.txt", capacity_text(searched()))
