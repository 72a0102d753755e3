"""Nights whose cause is known get it; with what decides it switched off they are undetermined."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from caused_nights import NIGHTS, STEP, demand, policy, regression, storm
from written_nights import WAITED, Asked, crowd, night, served, signature, without

from loadtests.collect.edge.sighting import Attempt, Said
from loadtests.diagnosis.verdict import night as known
from loadtests.diagnosis.verdict.judge import diagnose
from loadtests.diagnosis.verdict.kinds import Cause, Family, Observable, Word
from loadtests.vocabulary import Step

if TYPE_CHECKING:
    from loadtests.diagnosis.verdict.records import Verdict

judged = partial(diagnose, formed=False)
DECIDING = {
    Cause.DEMAND_ABOVE_KNEE: Family.DEMAND,
    Cause.CAPACITY_REGRESSION: Family.DEMAND,
    Cause.DEPENDENCY_OUTAGE: Family.ONSET,
    Cause.RETRY_STORM: Family.RETRIES,
    Cause.POLICY_REJECTION: Family.POLICY,
    Cause.DEFENCE_COLLATERAL: Family.POLICY,
}


@pytest.mark.parametrize("cause", NIGHTS)
def test_a_night_gets_its_cause(cause: Cause) -> None:
    verdict = judged(night(NIGHTS[cause]))

    assert verdict.cause.kind is cause
    assert verdict.cause.word in {Word.LIKELY, Word.NEAR_CERTAIN}
    assert verdict.cause.probability + sum(
        other.probability for other in verdict.cause.alternatives
    ) == pytest.approx(1)


@pytest.mark.parametrize("cause", NIGHTS)
def test_without_the_family_that_decides_it_is_undetermined_and_names_it(cause: Cause) -> None:
    verdict = judged(night(NIGHTS[cause]), without={DECIDING[cause]})

    assert verdict.cause.kind is Cause.UNDETERMINED
    worst = max(verdict.episodes, key=lambda episode: episode.failed)
    assert DECIDING[cause] in {missing.family for missing in worst.missing}
    assert worst.next_measurement


@pytest.mark.parametrize("cause", [Cause.DEMAND_ABOVE_KNEE, Cause.CAPACITY_REGRESSION])
def test_without_a_signature_neither_demand_nor_regression_may_be_said(cause: Cause) -> None:
    verdict = judged(night(NIGHTS[cause], knee=None))

    assert verdict.cause.kind is Cause.UNDETERMINED
    assert "matchnight capacity" in verdict.episodes[0].next_measurement


def test_a_knee_that_the_load_straddles_gives_both() -> None:
    knees = signature({STEP: 40.0}, spread=0.15)
    verdict = judged(replace(night(demand), signature=knees))

    assert verdict.cause.kind is Cause.UNDETERMINED
    assert verdict.cause.alternatives[0].kind is Cause.DEMAND_ABOVE_KNEE


def test_a_signature_of_another_build_is_none() -> None:
    measured = replace(signature({STEP: 20.0}), build="41")
    stale = replace(night(demand), signature=measured, build="42")

    verdict = judged(stale)

    assert verdict.cause.kind is Cause.UNDETERMINED
    assert any("build" in missing.what for missing in verdict.episodes[0].missing)


def test_twice_the_replicas_carry_twice_the_load() -> None:
    measured = replace(signature({STEP: 10.0}), replicas={"entitlement": 2})
    grown = replace(night(demand), signature=measured, replicas={"entitlement": 4})

    (episode,) = judged(grown).episodes

    of_the_knee = next(item for item in episode.evidence if item.family is Family.DEMAND)
    assert of_the_knee.reference == pytest.approx(20)


def test_a_regression_is_not_said_where_part_of_the_demand_was_not_counted() -> None:
    given = night(regression)
    assert judged(given).cause.kind is Cause.CAPACITY_REGRESSION

    verdict = judged(replace(given, arrived=10_000))

    assert verdict.cause.kind is Cause.UNDETERMINED
    assert "not counted" in verdict.cause.sentence


def test_a_regression_is_not_said_where_far_fewer_came_than_were_expected() -> None:
    verdict = judged(replace(night(regression), expected_joins=(60.0,) * 240))

    assert verdict.cause.kind is Cause.UNDETERMINED
    assert "not counted" in verdict.cause.sentence


def test_a_knee_of_another_mix_says_nothing_of_a_regression() -> None:
    def more_sign_in(second: int) -> Mapping[Step, Asked]:
        return {**regression(second), Step.SIGN_IN: Asked(good=5), Step.REFRESH: Asked(good=5)}

    given = night(more_sign_in)
    assert given.signature is not None
    alike, other = (
        judged(replace(given, signature=replace(given.signature, mix=mix)))
        for mix in ({"sign_in": 0.4, "refresh": 0.6}, {"sign_in": 0.1, "refresh": 0.9})
    )

    assert alike.cause.kind is Cause.CAPACITY_REGRESSION
    assert other.cause.kind is Cause.UNDETERMINED
    assert "another mix" in other.cause.sentence


def test_requests_of_which_nobody_says_which_are_retries_leave_a_storm_undetermined() -> None:
    given = without(night(storm), Observable.ATTEMPT)
    for window in given.windows:
        for traffic in window.steps.values():
            told = traffic.said.copy()
            traffic.said.clear()
            for (said, _), number in told.items():
                traffic.said[said, Attempt.UNKNOWN] += number

    assert judged(given).cause.kind is Cause.UNDETERMINED


def test_a_few_failures_are_an_episode_that_cannot_be_told_and_no_cause_of_the_night() -> None:
    def short(second: int) -> Mapping[Step, Asked]:
        bad = 4 if 100 <= second < 105 else 0
        return {STEP: Asked(good=12, bad=bad, said=Said.SERVER_ERROR)}

    verdict = judged(night(short))

    assert verdict.cause.kind is Cause.NOMINAL
    assert [episode.cause.kind for episode in verdict.episodes] == [Cause.UNDETERMINED]


def test_repeats_against_what_is_down_are_no_storm() -> None:
    def down(second: int) -> Mapping[Step, Asked]:
        if 100 <= second < 160:
            return {STEP: Asked(good=0, bad=40, retries=35, said=Said.SERVER_ERROR)}
        return {STEP: Asked(good=5)}

    assert _kind(night(down)) is Cause.DEPENDENCY_OUTAGE


def test_repeats_against_what_grew_dear_before_the_peak_are_no_storm() -> None:
    def dear(second: int) -> Mapping[Step, Asked]:
        if 100 <= second < 180:
            return {STEP: Asked(good=4, took=WAITED, bad=36, retries=28)}
        return {STEP: Asked(good=3, took=0.25)}

    assert _kind(night(dear)) is Cause.CAPACITY_REGRESSION


def test_a_support_desk_overrun_because_of_a_refusal_is_its_consequence() -> None:
    def night_of_calls(second: int) -> Mapping[Step, Asked]:
        calls = served(crowd(second, usual=1, peak=6, start=120), capacity=2)
        return {**policy(second), Step.SUPPORT: calls}

    knees = signature({STEP: 20.0, Step.SUPPORT: 2.0})
    verdict = judged(replace(night(night_of_calls), signature=knees))

    first, second = verdict.episodes
    assert (first.cause.kind, first.caused_by) == (Cause.POLICY_REJECTION, None)
    assert (second.cause.kind, second.caused_by) == (Cause.DEMAND_ABOVE_KNEE, 0)
    assert second.step is Step.SUPPORT


def test_a_tester_at_its_limit_says_nothing_of_the_target() -> None:
    limited = replace(night(demand), tester=known.Tester(limited=True, why="arrivals were late"))

    verdict = judged(limited)

    assert verdict.cause.kind is Cause.TESTER_LIMITED
    assert "arrivals were late" in verdict.cause.sentence
    assert not verdict.episodes


def test_nothing_at_all_is_undetermined() -> None:
    assert _kind(night(lambda _: {})) is Cause.UNDETERMINED
    assert _kind(replace(night(demand), windows=())) is Cause.UNDETERMINED


def test_an_even_evening_is_nominal_and_a_rush_that_is_carried_is_absorbed() -> None:
    def even(_: int) -> Mapping[Step, Asked]:
        return {STEP: Asked(good=5)}

    def rush(second: int) -> Mapping[Step, Asked]:
        return {STEP: Asked(good=crowd(second, peak=15))}

    assert _kind(night(even)) is Cause.NOMINAL
    assert _kind(night(rush)) is Cause.SURGE_ABSORBED


def test_the_action_admits_four_fifths_of_the_low_end_of_the_knee() -> None:
    verdict: Verdict = judged(night(demand))

    (episode,) = verdict.episodes
    assert episode.action is not None
    assert episode.action.number == pytest.approx(0.8 * 20 * 0.97)


def test_how_it_formed_ends_with_what_is_said_and_changed_at_most_once() -> None:
    verdict = diagnose(night(demand))

    firm = [change for change in verdict.formed if change.cause is not Cause.UNDETERMINED]
    assert firm[-1].cause is verdict.cause.kind
    assert firm[0].at <= verdict.episodes[0].span.start + 180
    assert len(firm) <= 2


def _kind(given: known.Night) -> Cause:
    return judged(given).cause.kind
