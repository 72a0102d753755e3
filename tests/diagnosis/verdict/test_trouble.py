"""Trouble is where more fail than a background of errors explains."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from written_nights import Asked, night

from loadtests.collect.edge.sighting import Said
from loadtests.diagnosis.verdict.bins import bins
from loadtests.diagnosis.verdict.trouble import APART, Sort, spans, troubles
from loadtests.vocabulary import Step


def found(asked_in: dict[range, Asked], *, step: Step = Step.HOME) -> list[tuple[object, ...]]:
    def play(second: int) -> dict[Step, Asked]:
        return {step: next((a for of, a in asked_in.items() if second in of), Asked(good=20))}

    of = night(play, lasts=200)
    return [(t.step, t.sort, t.start, t.stop) for t in troubles(bins(of))]


def test_a_failure_is_found_with_its_beginning_and_end() -> None:
    down = Asked(good=5, bad=15, said=Said.SERVER_ERROR)

    assert found({range(50, 100): down}) == [(Step.HOME, Sort.FAILED, 10, 20)]


def test_a_background_of_errors_is_no_trouble() -> None:
    assert found({range(200): Asked(good=40, bad=1, said=Said.SERVER_ERROR)}) == []


def test_what_viewers_are_refused_on_purpose_is_told_apart_from_failures() -> None:
    refused = Asked(good=10, bad=10, said=Said.POLICY, code="not_in_plan")
    blocked = Asked(good=10, bad=10, said=Said.BLOCKED)

    assert [t[1] for t in found({range(20, 60): refused, range(120, 160): blocked})] == [
        Sort.REFUSED,
        Sort.BLOCKED,
    ]


def test_wrong_passwords_are_no_failure_of_the_target_but_denials_elsewhere_may_be() -> None:
    denied = {range(50, 100): Asked(good=10, bad=10, said=Said.DENIED)}

    assert found(denied, step=Step.SIGN_IN) == []
    assert [t[1] for t in found(denied, step=Step.ENTITLEMENT)] == [Sort.DENIED]


@given(st.lists(st.booleans(), max_size=40))
def test_spans_hold_every_marked_bin_and_are_well_apart(marked: list[bool]) -> None:
    told = list(spans(marked))

    held = {at for start, stop in told for at in range(start, stop)}
    assert {at for at, is_marked in enumerate(marked) if is_marked} <= held
    for (_, stop), (start, _) in pairwise(told):
        assert start - stop >= APART
