from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.collect.distribution import Distribution
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Tally, Window
from loadtests.diagnosis.failing import failing_spans, first_failing
from loadtests.vocabulary import BLAMELESS, Outcome, Step

Counts = Mapping[tuple[Step, Outcome], int]


def second(at: int, counts: Counts, *, took: float = 0.01) -> Window:
    window = Window(at, workers=1)
    for (step, outcome), n in counts.items():
        times = Distribution()
        times.add(took, n)
        window.ended[step, outcome, False] = Tally(n, 0, times)
    return window


def run(*changed: Window, length: int = 60) -> list[Window]:
    """A minute of 20 answers a second at every step, but in the seconds that changed."""
    healthy = {(step, Outcome.OK): 20 for step in Step}
    instead = {window.second: window for window in changed}
    return [instead.get(at) or second(at, healthy) for at in range(length)]


def failing(start: int, step: Step, *, outcome: Outcome = Outcome.OVERLOAD) -> dict[int, Counts]:
    """What happens when half of a step's requests fail from `start` on."""
    counts: Counts = {(step, Outcome.OK): 10, (step, outcome): 10}
    return dict.fromkeys(range(start, 60), counts)


def together(*stories: Mapping[int, Counts]) -> list[Window]:
    instead = []
    for at in range(60):
        merged: dict[tuple[Step, Outcome], int] = {(step, Outcome.OK): 20 for step in Step}
        for story in stories:
            for step, outcome in story.get(at, {}):
                merged[step, outcome] = story[at][step, outcome]
        instead.append(second(at, merged))
    return instead


def onset(windows: list[Window]) -> tuple[Step, float]:
    found = first_failing(windows)
    assert found is not None
    return found.step, round(found.at, 6)


def test_where_nothing_fails_no_step_failed_first() -> None:
    assert first_failing(run()) is None
    assert first_failing([]) is None


def test_it_is_the_step_whose_failures_set_in_before_those_of_the_others() -> None:
    windows = together(failing(30, Step.HOME), failing(20, Step.ENTITLEMENT))
    assert onset(windows) == (Step.ENTITLEMENT, 19.99)


def test_steps_that_begin_to_fail_together_are_told_apart_by_the_order_of_the_journey() -> None:
    windows = together(failing(20, Step.SEGMENT), failing(20, Step.SESSION), failing(21, Step.HOME))
    assert onset(windows)[0] is Step.HOME  # a second later: windows cannot tell
    windows = together(failing(20, Step.SEGMENT), failing(22, Step.SESSION))
    assert onset(windows)[0] is Step.SEGMENT


def test_a_step_that_is_asked_nothing_any_more_has_not_failed() -> None:
    starved = {(step, Outcome.OK): 20 for step in (Step.HOME, Step.SIGN_IN)}
    assert first_failing(run(*(second(at, starved) for at in range(20, 60)))) is None


def test_one_failure_in_a_hundred_is_no_onset() -> None:
    noise = {(Step.SEGMENT, Outcome.OK): 99, (Step.SEGMENT, Outcome.SERVER_ERROR): 1}
    assert first_failing(run(*(second(at, noise) for at in range(60)))) is None


def test_a_few_failures_are_an_accident_whatever_share_they_are() -> None:
    few = {(Step.LICENSE, Outcome.SERVER_ERROR): 4}
    assert first_failing(run(second(30, few))) is None
    enough = {(Step.LICENSE, Outcome.SERVER_ERROR): 5}
    assert onset([second(0, {}), second(1, enough)])[0] is Step.LICENSE


def test_failures_may_be_spread_over_some_seconds() -> None:
    one = {(Step.SIGN_IN, Outcome.RESET): 1, (Step.SIGN_IN, Outcome.OK): 1}
    assert onset(run(*(second(at, one) for at in range(30, 35)))) == (Step.SIGN_IN, 29.99)


def test_a_lone_failure_well_before_is_not_the_onset() -> None:
    lone = {(step, Outcome.OK): 20 for step in Step} | {(Step.SIGN_IN, Outcome.OVERLOAD): 1}
    windows = together(failing(40, Step.SIGN_IN))
    windows[10] = second(10, lone)
    assert onset(windows)[1] == 39.99


@pytest.mark.parametrize("outcome", [o for o in sorted(BLAMELESS) if o is not Outcome.CANCELED])
def test_what_the_target_is_not_to_blame_for_fails_no_step(outcome: Outcome) -> None:
    assert first_failing(together(failing(20, Step.HOME, outcome=outcome))) is None


def test_a_step_whose_waiting_makes_viewers_leave_fails_though_it_never_errs() -> None:
    waiting = {(Step.SIGN_IN, Outcome.OK): 10, (Step.SIGN_IN, Outcome.CANCELED): 5}
    windows = run(*(second(at, waiting, took=8.0) for at in range(30, 60)))
    assert onset(windows) == (Step.SIGN_IN, 22.0)


def test_what_players_cancel_at_once_is_no_failure() -> None:
    switching = {(Step.SEGMENT, Outcome.OK): 10, (Step.SEGMENT, Outcome.CANCELED): 10}
    assert first_failing(run(*(second(at, switching, took=1.5) for at in range(60)))) is None


def test_slow_answers_that_nobody_minds_are_no_failure() -> None:
    slow = {(Step.LICENSE, Outcome.OK): 20}
    assert first_failing(run(*(second(at, slow, took=8.0) for at in range(60)))) is None


def test_a_step_that_hangs_is_not_overtaken_by_one_that_refuses_at_once() -> None:
    hung = {(Step.ENTITLEMENT, Outcome.TIMEOUT): 20}
    windows = together(failing(25, Step.HOME))
    for at in range(30, 60):  # they were due from second 20 on
        windows[at].ended |= second(at, hung, took=10.0).ended
    assert onset(windows) == (Step.ENTITLEMENT, 20.0)


@settings(max_examples=25)  # each of them merges some hundred windows
@given(st.sampled_from(Step), st.integers(5, 50), st.integers(2, 4))
def test_it_does_not_matter_how_many_workers_saw_it(step: Step, start: int, workers: int) -> None:
    windows = together(failing(start, step))
    share = [window for window in windows for _ in range(workers)]
    assert first_failing(Timeline(share).windows) == first_failing(windows)


def spans(*stories: Mapping[int, Counts]) -> list[tuple[Step, float, float]]:
    found = failing_spans(together(*stories))
    return [(span.step, round(span.start, 6), span.stop) for span in found]


def test_where_nothing_fails_there_is_no_span() -> None:
    assert spans() == []
    assert failing_spans([]) == []


def test_a_step_that_fails_from_the_first_second_on_has_a_span_from_there() -> None:
    assert spans(failing(0, Step.HOME)) == [(Step.HOME, 0.0, 60.0)]


def test_a_span_ends_with_the_last_second_that_had_a_failure() -> None:
    from_20_to_30 = {at: failing(20, Step.HOME)[at] for at in range(20, 30)}
    assert spans(from_20_to_30) == [(Step.HOME, 19.99, 30.0)]


def test_what_fails_again_after_a_calm_has_a_span_of_its_own() -> None:
    twice = {at: failing(0, Step.HOME)[at] for at in (*range(5, 10), *range(30, 40))}
    assert spans(twice) == [(Step.HOME, 4.99, 10.0), (Step.HOME, 29.99, 40.0)]


def test_spans_are_told_in_the_order_in_which_they_begin() -> None:
    found = spans(failing(30, Step.HOME), failing(20, Step.SESSION))
    assert [step for step, _, _ in found] == [Step.SESSION, Step.HOME]


def test_the_first_span_is_that_of_the_first_failing_step() -> None:
    windows = together(failing(20, Step.HOME), failing(25, Step.SESSION))
    first = first_failing(windows)
    assert first is not None
    assert (failing_spans(windows)[0].step, failing_spans(windows)[0].start) == (
        first.step,
        first.at,
    )


def test_a_span_counts_what_failed_and_what_was_asked_while_it_lasted() -> None:
    (span,) = failing_spans(together(failing(50, Step.HOME)))
    assert (span.failed, span.counted) == (100, 200)
    assert span.lasts(60)
    assert not span.lasts(90)
