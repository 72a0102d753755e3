import json
from dataclasses import replace

from loadtests.diagnosis.readiness import Before, readiness
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.diagnosis.verdict.night import Night, Origin
from loadtests.export.readiness_text import HOW, NEEDS, readiness_json, readiness_text
from loadtests.export.terminal import WIDTH

LOG = Night(
    windows=[],
    origin=Origin.ACCESS_LOG,
    source="edge.log",
    observed=dict.fromkeys((Observable.TIME, Observable.STEP, Observable.STATUS), 1.0),
)
RANGE = replace(LOG, origin=Origin.PROMETHEUS)


def test_whatever_is_lacking_has_a_name_and_a_way_to_add_it() -> None:
    assert set(NEEDS) == set(HOW) == {*Observable, *Before}


def test_the_first_line_counts_what_can_be_said() -> None:
    found = readiness(LOG)
    first = readiness_text(LOG, found).splitlines()[0]
    assert first == f"edge.log can support {len(found.sayable)} of {len(found.verdicts)} verdicts."


def test_each_verdict_is_told_with_what_it_needs() -> None:
    text = readiness_text(LOG, readiness(LOG))
    assert "  yes  nothing failed\n" in text
    assert "  no   scanner" in text
    assert "needs target\n" in text


def test_each_advice_says_how_and_what_it_buys() -> None:
    text = readiness_text(LOG, readiness(LOG))
    assert "Add target: path and query\n   Log $request_uri" in text
    assert "Buys scanner." in text


def test_of_a_metric_nobody_asks_for_an_address() -> None:
    text = readiness_text(RANGE, readiness(RANGE))
    assert "No metric can say it of each request: give the access log" in text
    assert "$remote_addr" not in text


def test_no_line_is_wider_than_a_terminal() -> None:
    assert all(len(line) <= WIDTH for line in readiness_text(LOG, readiness(LOG)).splitlines())


def test_as_json_it_says_the_same() -> None:
    found = readiness(LOG)
    made = json.loads(json.dumps(readiness_json(LOG, found)))
    assert made["observed"] == {"time": 1.0, "step": 1.0, "status": 1.0}
    assert [of["kind"] for of in made["verdicts"] if not of["lacks"]] == [*found.sayable]
    assert [of["add"] for of in made["advice"]] == [of.add for of in found.advice]
    assert all(of["how"] for of in made["advice"])
