import json
import math
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from loadtests.diagnosis.support_load import Measured, RealDesk, SupportLoad
from loadtests.export import incident, summary

EMPTY = summary.Quantiles(count=0, p50=None, p95=None, p99=None, max=None)
SUMMARY = summary.Summary(
    version=1,
    scenario="cup-final",
    title="a cup final",
    variant=None,
    seed=1,
    scale=0.005,
    speed=10.0,
    window=[-300.0, 600.0],
    workers=1,
    target="http://127.0.0.1:8080",
    embedded=True,
    started="2026-11-22T19:30:00+00:00",
    duration=90.0,
    interrupted=False,
    complete=True,
    exit_status=0,
    viewers=summary.Viewers(
        planned=10, arrived=9, late_arrivals=0, in_time=4, started_late=1, refused=1,
        left_waiting=1, never_started=1, served=0, turned_away=0, unserved=0, still_starting=1,
        stalled=2,
    ),
    black_screens=summary.BlackScreens(
        share=0.375, low=0.1, high=0.7, scaled=600, scaled_low=200, scaled_high=2000,
        assumptions=["some"],
        by_minute=[summary.MinuteOfJoining(minute=-1, arrived=9, black=3, share=None)],
        ends=["never_started"], faithful_up_to_speed=12.0,
    ),
    incident=incident.Incident(
        affected=incident.AffectedViewers(
            black_screens=incident.RealFigure(value=600, low=200, high=2000), interrupted=None,
            unserved=None, reach=0.0, assumptions=["some"],
        ),
        failing=[
            incident.FailingStep(
                step="sign_in", since=-12.5, until=None, failed=9, share=0.5, mostly="overload"
            )
        ],
        onset=incident.OnsetFigures(
            demand=1.0, response_time=None, demand_rose=False, response_time_rose=None,
            errors_first=None,
        ),
        recovery=incident.RecoveryFigures(
            step="sign_in", worst=1.0, half=None, ninety=None, last_failure=60.0
        ),
        refusals=[
            incident.Refusal(
                step="entitlement", code="not_in_plan", count=1, share=0.1, scaled=200,
                scaled_low=20, scaled_high=800,
            )
        ],
    ),
    support=SupportLoad(
        calls=4, redials=1, blocked=1, abandoned=0, informed=0, answered=3,
        measured=Measured(blocking=0.25, abandoned=0.0, wait=2.0), expected=None, offered=None,
        busiest=None, real=RealDesk(offered=3.0, busiest=5.0, agents=8),
    ),
    startup_time=summary.Quantiles(count=5, p50=1.0, p95=2.0, p99=2.0, max=2.0),
    stalled_ratio=summary.StalledRatio(count=5, p50=0.0, p95=0.1, p99=0.1, max=0.1, overall=0.01),
    live_latency=EMPTY,
    playlist_age=EMPTY,
    bit_rate=400_000.0,
    switches=3,
    requests=summary.Requests(
        sent=100, in_flight_at_end=1, retries=4, amplification=1.04,
        by_step={
            "home": summary.StepRequests(
                count=100, retries=4, outcomes={"ok": 99}, p50=0.1, p95=0.2, p99=0.3, max=0.4
            )
        },
    ),
    policies=[incident.PolicyCount(step="entitlement", code="not_in_plan", count=1)],
    facts={"called": 4},
    connections={"opened": 9.0},
    first_failing_step=summary.FirstFailingStep(step="sign_in", at=-12.5),
    tester=summary.Tester(lag_p99=0.01, cpu=0.5, sockets=40, healthy=True, problems=[]),
    testbed=summary.Testbed(healthy=None, problems=[]),
    objectives=[
        summary.ObjectiveResult(
            name="few black screens", metric="black_screens", between=[-300.0, 600.0],
            at_most=0.5, measured=0.375, passed=True,
        )
    ],
    blind_spots=["license"],
    cohorts=[
        incident.CohortFigures(
            region="", device="tv", purpose="watch", traits="", ended=8, decided=8, black=3,
            share=0.375, low=0.1, high=0.7, ends={"in_time": 5, "never_started": 3},
        )
    ],
    course=[
        incident.CourseStretch(
            start=-300.0, stop=-240.0, arrived=9, started=5, decided=8, black=3,
            regions=[incident.RegionStretch(region="north", decided=8, black=3)],
            sent={"home": 100}, failed={}, policy=1, response_time=0.2, facts={"called": 4},
        )
    ],
    verdict=summary.VerdictLine(
        cause="malice_caused", word="likely", probability=0.95, sentence="Pattern consistent ...",
        hostile=["l7_flood"], hostile_undetermined=[],
    ),
)  # fmt: skip


def valid(made: Any) -> bool:  # noqa: ANN401 - any JSON value
    validator = jsonschema.Draft202012Validator(summary.summary_schema())
    return validator.is_valid(made)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(summary.summary_schema())


def test_a_summary_is_what_the_schema_says() -> None:
    assert valid(json.loads(json.dumps(SUMMARY.to_json())))
    sparse = replace(SUMMARY, first_failing_step=None, bit_rate=None, objectives=[])
    assert valid(sparse.to_json())


def test_every_record_is_described_and_every_field_needed() -> None:
    records = summary.summary_schema()["$defs"]
    assert set(records) == {
        "Summary", "Viewers", "BlackScreens", "MinuteOfJoining", "Quantiles", "Requests",
        "StalledRatio",
        "StepRequests", "FirstFailingStep", "Tester", "Testbed", "ObjectiveResult",
        "Incident", "AffectedViewers", "RealFigure", "FailingStep", "OnsetFigures",
        "RecoveryFigures", "Refusal", "SupportLoad", "Measured", "RealDesk", "PolicyCount",
        "CohortFigures", "CourseStretch", "RegionStretch", "VerdictLine",
    }  # fmt: skip
    for record in records.values():
        assert record["description"]
        assert sorted(record["required"]) == sorted(record["properties"])


@pytest.mark.parametrize("field", ["viewers", "stalled_ratio", "version"])
def test_a_missing_field_is_no_summary(field: str) -> None:
    made = SUMMARY.to_json()
    del made[field]
    assert not valid(made)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", "1"), ("window", [None]), ("viewers", None), ("embedded", 1), ("unheard_of", 1)],
)
def test_a_field_of_another_kind_or_unheard_of_is_no_summary(
    field: str,
    value: Any,  # noqa: ANN401 - any JSON value
) -> None:
    assert not valid(SUMMARY.to_json() | {field: value})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_null(value: float) -> None:
    spoiled = replace(SUMMARY, bit_rate=value, live_latency=replace(EMPTY, max=value))
    text = json.dumps(spoiled.to_json(), allow_nan=False)
    assert json.loads(text)["bit_rate"] is None
    assert json.loads(text)["live_latency"]["max"] is None
