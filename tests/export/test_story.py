from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Cohort, Window
from loadtests.diagnosis.support_load import Measured, RealDesk, SupportLoad
from loadtests.export.archive import Run
from loadtests.export.incident import (
    CohortFigures,
    FailingStep,
    OnsetFigures,
    RealFigure,
    RecoveryFigures,
    Refusal,
)
from loadtests.export.incident_charts import incident_charts
from loadtests.export.page import page
from loadtests.export.story import story
from loadtests.export.summarize import summarize
from loadtests.export.summary import Summary
from loadtests.export.text import text
from loadtests.vocabulary import End, Fact, Purpose

CALM = OnsetFigures(
    demand=1.0, response_time=0.98, demand_rose=False, response_time_rose=False, errors_first=True
)


@pytest.fixture(scope="module")
def quiet(healthy: Run) -> Summary:
    """A summary of a run in which nothing happened."""
    return summarize(healthy)


def said(summary: Summary) -> dict[str, str]:
    return dict(story(summary))


def telling(quiet: Summary, **parts: Any) -> dict[str, str]:  # noqa: ANN401 - by field
    """The story of a run of which its incident says `parts`."""
    return said(replace(quiet, incident=replace(quiet.incident, **parts)))


def test_of_what_did_not_happen_nothing_is_said(quiet: Summary) -> None:
    assert story(quiet) == []


def test_a_failing_step_is_told_with_its_span_and_its_commonest_outcome(quiet: Summary) -> None:
    home = FailingStep(
        step="home", since=108.0, until=7140.0, failed=9, share=0.843, mostly="server_error"
    )
    others = [replace(home, step=step, until=None) for step in ("refresh", "catalog", "session")]
    told = telling(quiet, failing=[home, *others])["What failed"]
    assert told.startswith(
        "84.3 % of home requests, mostly server error, from +1:48 to +1:59:00. "
        "84.3 % of refresh requests, mostly server error, from +1:48 to the end of the run."
    )
    assert told.endswith("Further steps: session.")


def test_errors_that_came_first_are_told_apart_from_those_after_a_rise(quiet: Summary) -> None:
    assert telling(quiet, onset=CALM)["Before it"] == (
        "Errors came first, at a load that had been served: arrivals 1.00 times what was usual, "
        "response times 0.98 times what was usual."
    )
    rush = replace(CALM, demand=2.1, demand_rose=True, errors_first=False)
    assert telling(quiet, onset=rush)["Before it"].startswith(
        "Arrivals rose before the first error: arrivals 2.10 times"
    )
    unknown = replace(CALM, response_time=None, response_time_rose=None, errors_first=None)
    assert telling(quiet, onset=unknown)["Before it"].startswith("Too little was seen")


def test_a_recovery_is_told_as_far_as_it_came(quiet: Summary) -> None:
    whole = RecoveryFigures(step="home", worst=1.0, half=4800.0, ninety=5400.0, last_failure=7800.0)
    assert telling(quiet, recovery=whole)["Recovery"] == (
        "Half of what had failed at home worked again 1 h 20 min after kick-off, 90 % of it "
        "1 h 30 min after kick-off; its last failure came 2 h 10 min after kick-off."
    )
    assert (
        "90 % of it not before the run ended"
        in telling(quiet, recovery=replace(whole, ninety=None))["Recovery"]
    )
    never = replace(whole, half=None, ninety=None)
    assert telling(quiet, recovery=never)["Recovery"].startswith(
        "The worst was 100 % of home, to the end of the run"
    )


def test_refusals_by_policy_are_told_by_code_and_scaled(quiet: Summary) -> None:
    refusal = Refusal(
        step="renewal", code="download_limit_reached", count=213, share=0.3, scaled=320_123,
        scaled_low=140_000, scaled_high=710_000,
    )  # fmt: skip
    told = telling(quiet, refusals=[refusal])["Refused by policy"]
    assert told == (
        "213 at renewal (download_limit_reached), 30 % of its requests: about 320,000 "
        "(range 140,000 to 710,000) of the real event."
    )


@pytest.mark.parametrize(
    ("counted", "told"),
    [
        ({"later_renewal_refused": 3}, "All 3 later renewals within the year were refused."),
        ({"first_renewal_granted": 5}, "None of 5 first renewals within the year were refused."),
        (
            {"first_renewal_granted": 5, "first_renewal_refused": 1},
            "1 of 6 first renewals within the year were refused.",
        ),
    ],
)
def test_renewals_are_told_by_the_rule(quiet: Summary, counted: dict[str, int], told: str) -> None:
    assert said(replace(quiet, facts=counted))["Offline renewals"] == told


def test_boxes_households_and_new_logins_are_told_by_count(quiet: Summary) -> None:
    facts = {
        Fact.BOX_STARTED: 4, Fact.BOX_FAILED: 6, Fact.MIGRATED: 2, Fact.VERIFIED: 7,
        Fact.CANCELED: 3, Fact.SIGNED_IN_AGAIN: 9,
    }  # fmt: skip
    told = said(replace(quiet, facts={str(fact): n for fact, n in facts.items()}))
    assert told["Set-top boxes"] == (
        "6 of 10 boxes switched on failed to start. 2 were moved to another platform."
    )
    assert told["Household"] == "7 verified by code, 3 canceled."
    assert told["Recovery"] == "9 times somebody had to sign in again."


def test_the_support_desk_is_held_against_erlang(quiet: Summary) -> None:
    load = SupportLoad(
        calls=200, redials=40, blocked=90, abandoned=5, informed=0, answered=105,
        measured=Measured(blocking=0.45, abandoned=0.05, wait=12.0),
        expected=Measured(blocking=0.43, abandoned=0.04, wait=11.0),
        offered=20.0, busiest=30.0, real=RealDesk(offered=900.0, busiest=1234.0, agents=1251),
    )  # fmt: skip
    assert said(replace(quiet, support=load))["Support desk"] == (
        "200 calls, 40 of them redials; 45 % met the engaged tone (Erlang expects 43 %). Whoever "
        "asked for an agent waited 12 s on average, 5 % hung up. For real, 1,230 erlangs at its "
        "busiest: agents needed 1,300."
    )


def cohort(region: str, black: int, *, traits: str = "", refused: int = 0) -> CohortFigures:
    return CohortFigures(
        region=region, device="tv", purpose="watch", traits=traits, ended=100, decided=100,
        black=black, share=black / 100, low=0.0, high=1.0,
        ends={"never_started": black, "refused": refused, "in_time": 100 - black - refused},
    )  # fmt: skip


def test_regions_are_told_the_most_affected_first(quiet: Summary) -> None:
    kinds = [cohort("brussels", 70), cohort("brussels", 72), cohort("flanders", 97)]
    told = said(replace(quiet, cohorts=kinds))
    assert told["Where"] == "Black screens: flanders 97 %, brussels 71 %."
    assert "Where" not in said(replace(quiet, cohorts=kinds[:2]))
    assert "Where" not in said(replace(quiet, cohorts=[cohort("a", 0), cohort("b", 0)]))


def test_who_was_refused_is_told_by_what_is_special_about_them(quiet: Summary) -> None:
    kinds = [cohort("", 0, traits="outside", refused=60), cohort("", 0)]
    assert said(replace(quiet, cohorts=kinds))["Who"] == (
        "Refused by policy: 60 % outside; 0 % of all others."
    )


def test_others_affected_are_told_with_their_range(quiet: Summary) -> None:
    affected = replace(
        quiet.incident.affected,
        interrupted=RealFigure(value=1234, low=200, high=9876),
        unserved=RealFigure(value=178_000, low=120_000, high=240_000),
    )
    assert telling(quiet, affected=affected)["Others affected"] == (
        "Of those already watching about 1,200 (range 200 to 9,900) lost the picture. "
        "About 180,000 (range 120,000 to 240,000) came on an errand in vain."
    )


def test_text_and_page_tell_the_story_before_the_objectives(overloaded: Run) -> None:
    summary = summarize(overloaded)
    for written in (text(summary), page(overloaded, summary)):
        assert written.index("What failed") < written.index("Objectives")


def _outage(healthy: Run) -> Run:
    """The healthy evening, with what an outage would have left beside requests."""
    odd = Window(
        300,
        facts=Counter({Fact.CALLED: 9, Fact.CALL_BLOCKED: 4, Fact.BOX_FAILED: 3}),
        cohorts=Counter(
            {
                (0, Cohort("brussels", "phone", Purpose.WATCH, ""), End.IN_TIME): 3,
                (0, Cohort("flanders", "phone", Purpose.WATCH, ""), End.NEVER_STARTED): 4,
                (1, Cohort("flanders", "phone", Purpose.WEBSITE, ""), End.UNSERVED): 4,
            }
        ),
    )
    return replace(healthy, timeline=Timeline([*healthy.timeline.windows, odd]))


def test_regions_facts_and_calls_have_charts_where_there_are_any(healthy: Run) -> None:
    run = _outage(healthy)
    summary = summarize(run)
    made = incident_charts(summary.course)
    assert [figure["id"] for figure, _ in made] == ["regions", "facts", "telephone"]
    shares = {line["label"]: line["values"][4] for line in made[0][1]["series"]}
    assert shares == {"brussels": 0, "flanders": 1}
    calls = {line["label"]: sum(line["values"]) for line in made[2][1]["series"]}
    assert calls["engaged tone"] == 4
    for _, drawn in made:
        assert {len(line["values"]) for line in drawn["series"]} == {len(summary.course)}


def test_an_evening_without_them_has_none(healthy: Run) -> None:
    summary = summarize(healthy)
    assert incident_charts(summary.course) == []


def test_the_page_draws_them_on_a_grid_of_their_own(healthy: Run) -> None:
    run = _outage(healthy)
    drawn = page(run, summarize(run))
    assert drawn.count('data-chart="telephone"') == 1
    assert "Calls to the support desk" in drawn
    assert "What else happened" in drawn
