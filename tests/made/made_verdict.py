"""A verdict made by hand: everything a verdict can hold, and nothing that was measured."""

from collections.abc import Mapping
from dataclasses import replace

from loadtests.diagnosis.verdict.kinds import Cause, Family, Hostile, Observable, Word
from loadtests.diagnosis.verdict.night import Origin
from loadtests.diagnosis.verdict.records import (
    Action,
    Alternative,
    CauseFound,
    Change,
    Episode,
    Evidence,
    HostileFound,
    Missing,
    Reading,
    Span,
    Verdict,
)
from loadtests.export.verdict_record import Calendar, Case, Source
from loadtests.vocabulary import Step

SPAN = Span(start=300.0, stop=420.0)


def weighed(
    claim: str, weights: Mapping[Cause | Hostile, float], *, family: Family = Family.RETRIES
) -> Evidence:
    """An evidence item about failed sign-ins."""
    return Evidence(
        family=family,
        claim=claim,
        measure="failed",
        step=Step.SIGN_IN,
        span=SPAN,
        reading=Reading(value=0.312, low=0.28, high=0.346, samples=1204),
        reference=0.004,
        reference_name="before the onset",
        weights=weights,
    )


FOR = weighed("sign_in was asked too much by others", {Cause.MALICE_CAUSED: 10.0})
AGAINST = weighed(
    "it began before they came",
    {Cause.MALICE_CAUSED: -4.0, Cause.DEPENDENCY_OUTAGE: 4.0},
    family=Family.ONSET,
)
OTHERWISE = weighed("nobody asks again", {Cause.RETRY_STORM: -30.0})
STUFFING = HostileFound(
    kind=Hostile.CREDENTIAL_STUFFING,
    step=Step.SIGN_IN,
    word=Word.LIKELY,
    probability=0.9,
    share=0.4,
    low=0.35,
    high=0.45,
    sentence="pattern consistent with credential stuffing: 35 to 45 % of sign_in",
    span=SPAN,
)
MALICE = CauseFound(
    kind=Cause.MALICE_CAUSED,
    word=Word.LIKELY,
    probability=0.95,
    alternatives=(
        Alternative(kind=Cause.DEPENDENCY_OUTAGE, probability=0.045),
        Alternative(kind=Cause.RETRY_STORM, probability=0.005),
    ),
    sentence="pattern consistent with hostile traffic: about 20 to 1",
)
TOLD = CauseFound(
    kind=Cause.UNDETERMINED,
    word=Word.UNDETERMINED,
    probability=0.5,
    alternatives=(Alternative(kind=Cause.CAPACITY_REGRESSION, probability=0.5),),
    sentence="cannot be told: the knee is not known",
)
EPISODE = Episode(
    span=SPAN,
    step=Step.SIGN_IN,
    region="",
    caused_by=None,
    cause=MALICE,
    hostile=(STUFFING,),
    evidence=(OTHERWISE, AGAINST, FOR),
    missing=(
        Missing(
            family=Family.CACHE,
            what="whether a cache answered",
            observable=Observable.CACHE,
            would_tell=(Hostile.CACHE_BUSTING, Cause.DEPENDENCY_OUTAGE),
        ),
    ),
    coverage=0.83,
    next_measurement="",
    action=Action(what="refuse sources of many wrong passwords", number=12.0, unit="1/s"),
    failed=376,
    requests=1204,
)
AFTERWARDS = replace(
    EPISODE,
    span=Span(start=420.0, stop=600.0),
    step=None,
    region="brussels",
    caused_by=0,
    cause=TOLD,
    hostile=(),
    evidence=(),
    missing=(),
    next_measurement="play a ramp at session",
    action=None,
)
VERDICT = Verdict(
    version=1,
    cause=MALICE,
    hostile=(STUFFING,),
    hostile_undetermined=(Hostile.TOKEN_REPLAY,),
    episodes=(EPISODE, AFTERWARDS),
    formed=(
        Change(
            at=330.0,
            cause=Cause.UNDETERMINED,
            word=Word.UNDETERMINED,
            hostile=(),
            reason="too few failed",
        ),
        Change(
            at=360.0,
            cause=Cause.MALICE_CAUSED,
            word=Word.LIKELY,
            hostile=(Hostile.CREDENTIAL_STUFFING,),
            reason="attempts fail one after another",
        ),
    ),
    notes=("one region alone",),
)
LOG = Source(
    origin=Origin.ACCESS_LOG,
    name="edge 1.log",
    command=("matchnight", "diagnose", "--access-log", "edge 1.log"),
    started="2026-11-22T23:50:00+00:00",
    duration=1200.0,
    resolution=1.0,
    sampled=0.5,
    observed={Observable.TIME: 1.0, Observable.STATED: 0.25},
    signature=None,
    build="9f2",
    replicas={"sign_in": 4},
    baseline=None,
    calendar=None,
    matchnight="0.1.0",
    notes=("edge 1.log: 3 lines are no request's",),
)
RUN = replace(
    LOG,
    origin=Origin.SAMPLES,
    name="reports/match",
    command=("matchnight", "diagnose", "reports/match"),
    sampled=1.0,
    calendar=Calendar(kick_off="2022-09-06 21:00", first=-600.0, speed=2.0),
)


def case(verdict: Verdict = VERDICT, source: Source = LOG, *, invented: bool = False) -> Case:
    """The verdict on a night of an access log."""
    return Case(verdict=verdict, source=source, invented=invented)
