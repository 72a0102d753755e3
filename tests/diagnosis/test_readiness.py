from collections.abc import Collection
from dataclasses import replace

import pytest
from edge_nights import shipped
from hypothesis import given
from hypothesis import strategies as st
from overloads import signed

from loadtests.diagnosis.readiness import (
    OF_FAMILY,
    Before,
    Need,
    kinds,
    lacks,
    needs_met,
    readiness,
)
from loadtests.diagnosis.verdict.explain import MANDATORY, OBTAINABLE
from loadtests.diagnosis.verdict.kinds import Cause, Hostile, Observable
from loadtests.diagnosis.verdict.night import Night, Origin

EVERY: tuple[Need, ...] = (*Observable, *Before)
SETS = st.frozensets(st.sampled_from(EVERY))
COMBINED = (
    Observable.TIME,
    Observable.STEP,
    Observable.STATUS,
    Observable.CLIENT,
    Observable.TARGET,
    Observable.BYTES,
    Observable.METHOD,
)
"""What Apache's combined log format says."""


def _night(observed: Collection[Observable], *, sampled: float = 1.0) -> Night:
    return Night(
        windows=[],
        origin=Origin.ACCESS_LOG,
        source="edge.log",
        observed=dict.fromkeys(observed, 1.0),
        sampled=sampled,
    )


def test_every_family_a_cause_needs_is_known_by_what_it_is_read_from() -> None:
    assert set(OF_FAMILY) == set(OBTAINABLE)
    assert {family for families in MANDATORY.values() for family in families} <= set(OF_FAMILY)


def test_a_source_that_says_everything_lacks_nothing() -> None:
    assert all(not lacks(kind, EVERY) for kind in kinds())


def test_a_source_that_says_nothing_supports_nothing() -> None:
    found = readiness(_night(()))
    assert found.sayable == ()
    assert {of.kind for of in found.verdicts} == {
        *Hostile,
        *set(Cause) - {Cause.UNDETERMINED, Cause.TESTER_LIMITED},
    }


@given(SETS, SETS)
def test_saying_more_never_supports_less(some: frozenset[Need], more: frozenset[Need]) -> None:
    assert all(
        lacks(kind, some | more) <= lacks(kind, some) for kind in kinds() if not lacks(kind, some)
    )


@given(SETS)
def test_what_is_lacking_is_enough(has: frozenset[Need]) -> None:
    assert all(not lacks(kind, has | lacks(kind, has)) for kind in kinds())


@given(st.frozensets(st.sampled_from([*Observable])))
def test_an_advice_buys_what_it_says(observed: frozenset[Observable]) -> None:
    found = readiness(_night(observed))
    has = needs_met(_night(observed))
    for advice in found.advice:
        bought = {kind for kind in kinds() if not lacks(kind, has | {advice.add})}
        assert bought - set(found.sayable) == set(advice.buys)


def test_the_advice_that_buys_most_comes_first() -> None:
    bought = [len(advice.buys) for advice in readiness(_night(COMBINED)).advice]
    assert bought == sorted(bought, reverse=True)


def test_a_log_without_attempts_can_never_tell_a_retry_storm() -> None:
    (storm,) = [of for of in readiness(_night(COMBINED)).verdicts if of.kind is Cause.RETRY_STORM]
    assert Observable.ATTEMPT in storm.lacks


@pytest.mark.parametrize("kind", [Cause.MALICE_CAUSED, Cause.CAPACITY_REGRESSION])
def test_without_a_measured_capacity_neither_malice_nor_a_regression_can_be_said(
    kind: Cause,
) -> None:
    night = _night([*Observable])
    assert lacks(kind, needs_met(night)) == {Before.SIGNATURE}
    known = replace(night, signature=signed(shipped("psg-juventus", "none")))
    assert not lacks(kind, needs_met(known))


def test_a_sample_of_the_requests_cannot_tell_who_went_on() -> None:
    night = _night([*Observable], sampled=0.01)
    assert lacks(Hostile.CREDENTIAL_STUFFING, needs_met(night)) == {Before.ALL_LOGGED}
    assert not lacks(Hostile.CACHE_BUSTING, needs_met(night))


def test_what_is_said_of_a_few_requests_only_does_not_count() -> None:
    night = replace(_night(()), observed={Observable.STATED: 0.1, Observable.CACHE: 0.9})
    assert needs_met(night) == {Observable.CACHE, Before.ALL_LOGGED}
